package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// Given budgets around a line item's own that cannot bind beside it, since they
// are as large or larger and over the same days, when anything is met and
// spent, then it bids what it would without them, and their prices stay near.
func TestRedundantBudgetsChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		own := Budget{Node: 1, Daily: true, Amount: 1000 * money.Unit}
		more := money.Nanos(rapid.SampledFrom([]int64{1, 2, 1000}).Draw(rt, "times as much"))
		around := []Budget{{Node: 2, Daily: true, Amount: own.Amount}, {Node: 3, Daily: true, Amount: own.Amount * more}}
		alone, nested := newDual(t), newDual(t)
		alone.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{own}}})
		nested.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{around[1], own, around[0]}}})
		var booked money.Nanos
		for i := range rapid.IntRange(1, 200).Draw(rt, "ticks") {
			now := noon.Add(time.Duration(i) * time.Minute)
			n := rapid.Int64Range(0, 100).Draw(rt, "met")
			cost := money.Nanos(rapid.Int64Range(0, n*int64(money.Unit)/20).Draw(rt, "expected"))
			booked = min(own.Amount, booked+cost)
			sum := Sum{LineItem: 1, Opportunities: n, Bids: n, Offered: 2 * cost, Expected: cost}
			sums := Sums{LineItems: []Sum{sum}}
			for _, b := range append(around, own) {
				sums.Nodes = append(sums.Nodes, NodeSum{NodePeriod: b.NodePeriod(now), Limit: b.Amount, Booked: booked})
			}
			a := alone.Step(now, Sums{LineItems: sums.LineItems, Nodes: sums.Nodes[2:]}).Of(1)
			if b := nested.Step(now, sums).Of(1); a != b {
				rt.Fatalf("tick %d: a multiplier of %v became %v", i, a, b)
			}
			for _, b := range around {
				if rules, other := nested.nodes[1].log, nested.nodes[b.Node].log; other > rules || other < rules-slackBelow {
					rt.Fatalf("tick %d: ln lambda of budget %d is %v where %v rules", i, b.Node, other, rules)
				}
			}
		}
	})
}
