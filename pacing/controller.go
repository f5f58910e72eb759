package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Controller decides how much of its value each line item bids. It is a pure
// function of its state and what it is given: no clock, no randomness.
type Controller interface {
	// Plan tells the line items that may bid. It is called before the first
	// Step and whenever they change; what was learned of a budget stays.
	Plan(items []LineItem)
	// Step takes what was met and spent since the last Step and returns the
	// multipliers to bid with from now on. now must not go back.
	Step(now time.Time, sums Sums) *Multipliers
}

// Planner is a Controller that knows how much of a budget should have been
// spent by when. Slices follow it: they stay a little ahead of that.
type Planner interface {
	// Planned returns what of amount should have been spent up to a time from
	// now on; false if the controller does not know the budget.
	Planned(n event.NodePeriod, amount money.Nanos, at time.Time) (money.Nanos, bool)
}

// Sums is what one tick collected.
type Sums struct {
	LineItems []Sum     // line items that met something
	Nodes     []NodeSum // budgets that are known to stand somehow
	// Observed is of line items with a CostLimit, those of which something is
	// known. It is read seldom: the same comes at many ticks in a row.
	Observed []Observed
}

// NodeSum is how a budget stands at a tick.
type NodeSum struct {
	event.NodePeriod
	Limit   money.Nanos // for the period
	Booked  money.Nanos // by every bidder
	Own     money.Nanos // booked from this bidder's slices, since it started
	Pending money.Nanos // open bids of this bidder, past their win deadline: what they are expected to cost
	Young   money.Nanos // open bids before it: their full price
	Matured money.Nanos // since the last Step: prices of bids whose win deadline came
	Worth   money.Nanos // what of Matured was billed, or is expected to be
}

// Sharer is a Controller of one bidder of several, and knows its part.
type Sharer interface {
	// Share returns what part of a budget's traffic comes to this bidder, within
	// (0, 1]. It is called between two Steps.
	Share(event.NodeID) float64
}
