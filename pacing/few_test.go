//go:build !race

package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Given a budget for a handful of impressions, hundreds of times less than what
// the first prices would spend, then the money of the first day is soon gone,
// and the second day is near what is possible all the same.
func TestAGoneBudgetLearnsForTomorrow(t *testing.T) {
	for budget, want := range map[float64]float64{1e10: 0.5, 3e10: 0.8, 1e11: 0.9} { // a price is 1e9 in the middle
		sum := 0.0
		const days = 5
		for seed := range uint64(days) {
			all := aLog(seed)
			got := playLog(newDual(t), all, budget, 1, whole)
			sum += got.value / bestValue(all, budget) / days
			if got.spent > 1 {
				t.Errorf("budget %.2g: %.4f spent", budget, got.spent)
			}
		}
		t.Logf("budget %.2g: %.3f of the optimum", budget, sum)
		if sum < want {
			t.Errorf("budget %.2g: %.3f of the optimum", budget, sum)
		}
	}
}

// Given a budget for two of the bids that count, then some hours without one
// are no reason to pay much more: most hours have none.
func TestHoursWithoutABidTellLittleWhereBidsAreFew(t *testing.T) {
	for name, c := range map[string]struct {
		bid         money.Nanos
		least, most float64 // that ln lambda falls by
	}{
		"two bids":        {6_000 * money.Unit, 0, 0.5},
		"thousands of it": {money.Unit, 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDual(t)
			d.Plan([]LineItem{{ID: 1, MaxBid: c.bid, Budgets: []Budget{{Node: 1, Daily: true, Amount: 24_000 * money.Unit}}}})
			now := noon.Add(-12 * time.Hour)
			d.Step(now, Sums{})
			step := func(bids int64) {
				now = now.Add(time.Minute)
				s := offered(money.Nanos(bids)*c.bid, 0)
				s.LineItems[0].Bids, s.LineItems[0].Opportunities = bids, 100
				d.Step(now, s)
			}
			for range 3 {
				step(1)
			}
			d.nodes[1].log = 6
			for range 4 * 60 {
				step(0)
			}
			if fell := 6 - math.Log(d.Lambda(1)); fell < c.least || fell > c.most {
				t.Errorf("ln lambda fell by %.2f", fell)
			}
		})
	}
}
