package replay

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Run plays every case of the configuration with every policy.
func Run(ctx context.Context, c Config) (*Report, error) {
	if err := c.setDefaults(); err != nil {
		return nil, fmt.Errorf("cannot replay: %w", err)
	}
	tunings := new(sync.Map)
	var jobs []job
	report := new(Report)
	for _, p := range c.Logs {
		for _, s := range c.Stresses {
			w := newWorld(&c, p, s)
			w.tunings = tunings
			if err := w.checkBudgets(); err != nil {
				return nil, fmt.Errorf("cannot replay: %w", err)
			}
			jobs = append(jobs, w.jobs()...)
			report.Curves = append(report.Curves, Curve{Log: p.Name, Stress: s.Name, Points: w.best[1].curve()})
		}
	}
	report.Results = make([]Result, len(jobs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.Workers)
	var mu sync.Mutex
	done := 0
	for i, j := range jobs {
		g.Go(func() error {
			r, err := j.play(ctx)
			if err != nil {
				return fmt.Errorf("cannot replay %s by %s: %w", j.Log, j.policy, err)
			}
			report.Results[i] = *r
			mu.Lock()
			defer mu.Unlock()
			if done++; c.Progress != nil {
				c.Progress(done, len(jobs))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return report, nil
}

// world is a log under a stress: what is the same for all its cases.
type world struct {
	*Config
	pair         Pair
	stress       Stress
	days         [days]played // budgets are set per case
	tunings      *sync.Map    // *tuning by case and policy
	unit         float64      // nanos of value per unit of the log
	maxBid       money.Nanos
	cost         [days]float64 // of all auctions, before the stress
	prices       []money.Nanos // yesterday's, sorted
	best         [days]*optimum
	afterShock   *optimum
	tick, second time.Duration

	mu     sync.Mutex
	plans  map[string]Score
	static [days]*static // made when a first-price case asks
}

func newWorld(c *Config, p Pair, s Stress) *world {
	w := &world{Config: c, pair: p, stress: s, plans: map[string]Score{}, tunings: new(sync.Map)}
	for _, a := range p.Train.Auctions {
		w.prices = append(w.prices, a.Price)
	}
	slices.Sort(w.prices)
	w.maxBid = w.prices[min(len(w.prices)-1, int(c.MaxBid*float64(len(w.prices))))]

	// A unit of value is worth so much money that lambda has room: all but a
	// hundredth of what could be bought would still be bought at lambda = 4.
	train := newOptimum(p.Train.Auctions, w.maxBid)
	_, ratio := train.at(.99 * train.total())
	w.unit = 4 / max(ratio, 1e-18)

	shape := c.Shape
	if p.Train.Timed {
		shape = hours(p.Train.Auctions)
	}
	if s.yesterday != nil {
		shape = s.yesterday(shape, c.Foreign)
	}
	values := 1.
	if s.values != 0 {
		values = s.values
	}
	w.days[0].auctions = prepare(p.Train, shape, w.unit*values, !p.Train.Timed || s.yesterday != nil)
	w.days[1].auctions = prepare(p.Today, c.Shape, w.unit, !p.Today.Timed)
	for d := range w.days {
		w.cost[d] = newOptimum(w.days[d].auctions, w.maxBid).total()
		if w.cost[d] == 0 { // nothing to buy: the budget is of what is there
			for i := range w.days[d].auctions {
				w.cost[d] += float64(w.days[d].auctions[i].Price)
			}
		}
	}
	if s.today != nil {
		w.days[1].auctions = s.today(w.days[1].auctions)
	}
	for d := range w.days {
		w.best[d] = newOptimum(w.days[d].auctions, w.maxBid)
	}
	if s.shock {
		i, _ := slices.BinarySearchFunc(w.days[1].auctions, halfTime, func(a Auction, at time.Duration) int { return int(a.At - at) })
		w.afterShock = newOptimum(w.days[1].auctions[i:], w.maxBid)
	}
	w.second = day / time.Duration(len(w.days[0].auctions))
	w.tick = max(time.Millisecond, w.second*time.Duration(c.Tick))
	return w
}

// checkBudgets refuses budgets that are no money.
func (w *world) checkBudgets() error {
	for d, name := range [days]string{"the day before", "the day"} {
		for _, f := range w.Fractions {
			if b := w.budget(d, f); b < 1 {
				return fmt.Errorf("budget fraction %g of %s: all auctions of %s cost %v, and a budget needs a nano at least", f, w.pair.Name, name, money.FromFloat(w.cost[d]))
			}
		}
	}
	return nil
}

// budget is that of a day.
func (w *world) budget(d int, fraction float64) money.Nanos {
	return money.FromFloat(fraction * w.cost[d])
}

// prepare gives a log's auctions their value in nanos and, to spread, the time
// that a shape gives them.
func prepare(l *Log, shape Shape, unit float64, spread bool) []Auction {
	all := slices.Clone(l.Auctions)
	var at []time.Duration
	if spread {
		at = shape.times(len(all))
	}
	for i := range all {
		all[i].Value *= unit
		if at != nil {
			all[i].At = at[i]
		}
	}
	return all
}

// job is one case for one policy.
type job struct {
	Case
	*world
	policy Policy
}

func (w *world) jobs() (all []job) {
	plan := "traffic"
	if w.Clock {
		plan = "clock"
	}
	for _, m := range w.Mechanisms {
		for _, delay := range w.Delays {
			for _, n := range w.Bidders {
				for _, f := range w.Fractions {
					for _, seed := range w.Seeds {
						for _, p := range w.Policies {
							c := Case{
								Log: w.pair.Name, Mechanism: m, Fraction: f, Delay: delay, Bidders: max(1, n),
								Stress: w.stress.Name, Plan: plan, Seed: seed,
							}
							all = append(all, job{Case: c, world: w, policy: p})
						}
					}
				}
			}
		}
	}
	return all
}

// play tunes the policy on yesterday, plays both days, and scores today.
func (j *job) play(ctx context.Context) (*Result, error) {
	began := time.Now()
	f := j.flight()
	k := j.known(f)
	chosen, err := j.tuned(ctx, k)
	if err != nil {
		return nil, err
	}
	if j.policy == Tangent && j.Bidders > 1 {
		all, err := pacing.NewDual(pacing.DualConfig{})
		if err != nil {
			return nil, err
		}
		f.fleet = &fleet{controller: all, lostAt: j.stress.lost}
	}
	f.strategy = func(number int) (strategy, error) { return j.strategy(f, k, chosen, number) }
	out, err := f.play(ctx)
	if err != nil {
		return nil, err
	}
	r := j.score(f, &out[1])
	r.Setting, r.Seconds = chosen.name, time.Since(began).Seconds()
	return r, nil
}

func (j *job) flight() *flight {
	n := j.Notices
	n.Bill = float64(j.Delay)
	if j.stress.notices != nil {
		j.stress.notices(&n)
	}
	f := &flight{
		days: j.days, maxBid: j.maxBid, mechanism: j.Mechanism, notices: n, unit: j.second, tick: j.tick,
		budgets: max(1, j.stress.budgets), bidders: j.Bidders, seed: j.Seed, clockPlan: j.Clock, ownPace: j.policy != Tangent,
		shade: !j.Mechanism.second() && j.policy != Constant && j.policy != Hindsight, learn: j.policy == Tangent || !j.Mechanism.second(),
	}
	for d := range f.days {
		f.days[d].budget = j.budget(d, j.Fraction)
	}
	return f
}

// known gathers what yesterday taught.
func (j *job) known(f *flight) *known {
	budget := float64(f.days[0].budget)
	_, lambda := j.optimum(0, budget)
	return &known{
		lambda: lambda, prices: j.prices, traffic: hours(j.days[0].auctions), volume: float64(len(j.days[0].auctions)),
		budget: float64(f.days[1].budget), bidders: j.Bidders,
	}
}

// tuning is a baseline's setting, found once for all cases with the same
// yesterday.
type tuning struct {
	once   sync.Once
	chosen setting
	err    error
}

func (j *job) tuned(ctx context.Context, k *known) (setting, error) {
	c := j.Case
	if !j.stress.touchesYesterday() {
		c.Stress = ""
	}
	x, _ := j.tunings.LoadOrStore(fmt.Sprint(c, j.policy), new(tuning))
	t := x.(*tuning)
	t.once.Do(func() { t.chosen, t.err = j.tune(ctx, k) })
	return t.chosen, t.err
}

// tune plays yesterday with each setting of a baseline and returns the best.
func (j *job) tune(ctx context.Context, k *known) (best setting, err error) {
	most := -1.
	grid := j.policy.grid(k)
	if len(grid) < 2 {
		return best, nil
	}
	for _, s := range grid {
		f := j.flight()
		f.days[1] = played{}
		kk := *k
		kk.budget = float64(f.days[0].budget)
		f.strategy = func(int) (strategy, error) { return j.policy.strategy(&kk, s), nil }
		out, err := f.play(ctx)
		if err != nil {
			return best, err
		}
		// What overspends is no choice.
		if v := out[0].value * (1 - 10*float64(out[0].overrun)/kk.budget); v > most {
			best, most = s, v
		}
	}
	return best, nil
}

// strategy returns the policy of one bidder.
func (j *job) strategy(f *flight, k *known, s setting, number int) (strategy, error) {
	switch j.policy {
	case Tangent:
		local, err := pacing.NewDual(pacing.DualConfig{})
		if err != nil || f.fleet == nil {
			return &production{Controller: local}, err
		}
		remote, err := f.fleet.remote(local, number)
		return &production{Controller: remote}, err
	case Hindsight:
		_, lambda := j.optimum(1, k.budget)
		if s := j.static[1]; s != nil && !j.Mechanism.second() {
			return &knowing{still{lambda: lambda}, s}, nil
		}
		return &hindsight{still{lambda: lambda}, j.best[1].tied(k.budget, lambda)}, nil
	}
	return j.policy.strategy(k, s), nil
}

// optimum is the most value that a budget would have bought on a day in
// hindsight, and its lambda.
func (j *job) optimum(d int, budget float64) (value, lambda float64) {
	if j.Mechanism.second() {
		value, lambda = j.best[d].at(budget)
	} else {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.static[d] == nil {
			j.static[d] = newStatic(j.days[d].auctions, j.maxBid)
		}
		value, lambda = j.static[d].at(budget)
	}
	return value, max(1, lambda)
}

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

// jitter is the root mean square of the change of ln lambda from tick to tick.
func jitter(lambda []float64) float64 {
	sum := 0.
	for i := 1; i < len(lambda); i++ {
		d := math.Log(lambda[i] / lambda[i-1])
		sum += d * d
	}
	return math.Sqrt(sum / float64(max(1, len(lambda)-1)))
}

// recovery returns the share of the flight after the shock until lambda is
// within 20 % of the best for what money was left then, and stays there for a
// hundredth of the flight.
func (j *job) recovery(o *outcome) float64 {
	shock := int(halfTime / j.tick)
	if shock >= len(o.left) {
		return 1
	}
	_, best := j.afterShock.at(o.left[shock])
	run := 0
	for i := shock; i < len(o.lambda); i++ {
		if math.Abs(math.Log(o.lambda[i]/best)) > math.Log(1.2) {
			run = 0
			continue
		}
		if run++; run*100 >= len(o.lambda) {
			return float64(i-run+1-shock) / float64(len(o.lambda))
		}
	}
	return 1
}
