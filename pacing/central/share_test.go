package central

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// A budget that meets next to nothing is shared as all budgets together are: a
// bidder that saw none of three opportunities may see the next.
func TestThinTrafficIsSharedAsAllTrafficIs(t *testing.T) {
	const window = time.Minute
	items := []pacing.LineItem{{ID: 1, Budgets: []pacing.Budget{{Node: 1}}}, {ID: 2, Budgets: []pacing.Budget{{Node: 2}}}}
	own, s := newFlows(window), newShares(window)
	own.plan(items)
	s.plan(items)
	own.add([]pacing.Sum{{LineItem: 1, Opportunities: 3000}}, window)
	heard := func(rate float64) heardPrice { return heardPrice{price: price{rate: rate}} }
	s.tell(map[pacing.PriceKey]heardPrice{{Node: 1}: heard(100), {Node: 2}: heard(.05)}, own)
	if got := s.node(1); math.Abs(got-.5) > .01 {
		t.Errorf("half of the traffic is taken for %.3f", got)
	}
	if got := s.node(2); got < .3 || got > .5 {
		t.Errorf("of three opportunities it saw none: its share is %.3f, want nearly half", got)
	}
}

// A bidder that counts anew, as it forgot a budget and met it again, takes nothing
// back of what it said before.
func TestCountsThatBeginAnewTakeNothingBack(t *testing.T) {
	np := event.NodePeriod{Node: 1}
	b := newBidder(&message{}, true, false)
	say := func(seq uint64, matured, worth money.Nanos) pacing.NodeSum {
		b.hear(&message{seq: seq, nodes: []pacing.NodeSum{{NodePeriod: np, Matured: matured, Worth: worth}}}, time.Now())
		nodes := map[event.NodePeriod]*total{}
		b.stand(nodes, 1)
		return nodes[np].sum
	}
	for i, c := range []struct{ matured, worth, more, of money.Nanos }{
		{100, 50, 100, 50}, {10, 5, 0, 0}, {30, 15, 20, 10},
	} {
		if got := say(uint64(i+1), c.matured, c.worth); got.Matured != c.more || got.Worth != c.of {
			t.Errorf("message %d: %v matured to %v, want %v to %v", i+1, got.Matured, got.Worth, c.more, c.of)
		}
	}
}
