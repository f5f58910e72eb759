package replay

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/pacing"
)

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
								Log: w.pair.Name, Mechanism: m, Fraction: f, Delay: delay, Bidders: n,
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
