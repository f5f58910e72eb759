package bidder

import (
	"math"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// fund lowers a bid to what there is room for at every budget of its line
// item. It is false where that is too little. A bid that finds no room counts
// as demand, once: that of the first that was passed over has been counted.
func (a *auction) fund(l looking, w *way, imp *openrtb.Imp, c *choice) bool {
	if a.free { // holds nothing
		return true
	}
	a.nodes = c.item.AppendNodePeriods(a.nodes[:0], a.now)
	room := a.b.Holds.Room(a.nodes, c.cost, a.now)
	if room == c.cost {
		return true
	}
	if c.item.ID != l.passed[0] {
		a.b.Holds.Refuse(a.nodes, c.cost)
		c.censored(a.b.Counters.Of(c.item.ID))
	}
	return room > 0 && a.lower(w, imp, c, room)
}

// lower makes a bid that costs room at most. It is false where that is below
// the floor. What the bid was expected to cost and to bring stays: that is the
// demand.
func (a *auction) lower(w *way, imp *openrtb.Imp, c *choice, room money.Nanos) bool {
	in, high, cost := a.walk.Currency(), c.quote.Bid, c.cost
	bid := money.FromFloat(math.Floor(float64(high) / float64(cost) * float64(room)))
	at := costOf(c.item, in, bid, a.quantity, a.now)
	if at > room && at < cost { // a part of the cost is the same for any bid
		slope := float64(cost-at) / float64(high-bid)
		bid -= money.FromFloat(math.Ceil(float64(at-room)/slope)) + 1
		at = costOf(c.item, in, max(bid, 0), a.quantity, a.now)
	}
	floor, _ := a.floorFor(w, imp, c.creative)
	if bid <= 0 || bid < floor || at <= 0 || at > room {
		return false
	}
	c.worth = money.FromFloat(float64(c.worth) / float64(high) * float64(bid))
	c.quote.Bid, c.quote.Arm = bid, landscape.ArmNone // it says nothing of shading
	c.cost, c.lowered = at, true
	return true
}
