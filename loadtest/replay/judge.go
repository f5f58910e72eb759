package replay

import (
	"fmt"
	"math"
)

// score holds what happened against the optimum.
func (j *job) score(f *flight, o *outcome) *Result {
	budget := float64(f.days[1].budget)
	optimum, lambda := j.optimum(1, budget)
	lp, _ := j.best[1].at(budget)
	all, last := j.best[1], 0.
	if n := len(all.value); n > 0 {
		last = all.value[n-1]
	}
	r := &Result{
		CurveCost: all.total(), CurveValue: last / j.unit, Slope: lambda / j.unit,
		Case: j.Case, Policy: j.policy, Auctions: len(f.days[1].auctions), Budget: f.days[1].budget,
		Value: o.value / j.unit, Optimum: optimum / j.unit, Knapsack: lp / j.unit, Ratio: scored(o.value, optimum), Clicks: o.clicks,
		Used: o.cost / budget, Overspend: float64(o.overrun) / budget, Best: lambda, Bids: o.bids, Wins: o.wins, Censored: o.censored,
	}
	should := hours(f.days[1].auctions)
	if j.Clock {
		should = Flat()
	}
	sum := 0.
	for h := range should {
		r.Spend, r.Should = append(r.Spend, o.spent[h]/budget), append(r.Should, should[h])
		d := 24 * (o.spent[h]/budget - should[h])
		sum += d * d
	}
	r.SlotRMSE = math.Sqrt(sum / 24)
	r.PlanPrice = j.planPrice(budget, should, lp)
	r.Jitter, r.Lambda = jitter(o.lambda), o.lambda[len(o.lambda)-1]
	if j.afterShock != nil && j.Mechanism.second() {
		at := j.recovery(o)
		r.Recovery = &at
	}
	return r
}

// planPrice returns what the plan leaves of the optimum. All policies share it.
func (j *job) planPrice(budget float64, should Shape, optimum float64) Score {
	key := fmt.Sprint(j.Fraction)
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.plans[key]; !ok {
		j.plans[key] = scored(planned(j.days[1].auctions, j.maxBid, budget, should), optimum)
	}
	return j.plans[key]
}
