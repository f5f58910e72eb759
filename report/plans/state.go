package plans

import (
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/report/frontiers"
)

// State is what a budget does to the bids of a line item.
type State string

// The states.
const (
	Binds    State = "binds"     // its price is what the line item bids by
	Merged   State = "merged"    // another budget's price is higher
	Slack    State = "slack"     // money is not what is short
	Wall     State = "wall"      // it bounds spending, and is not spread over time
	Spent    State = "spent"     // nothing is left
	Unknown  State = "unknown"   // no controller has stepped for it
	Paused   State = "paused"    // line item, campaign or advertiser is
	OffHours State = "off_hours" // the line item's dayparts are others
	Closed   State = "closed"    // outside of the flight, or archived
)

// asPlanned is the part of the plan from which on it counts as kept.
const asPlanned = 0.95

// judge says what a budget does, and why.
func (r *Report) judge(b *Budget) {
	v := b.View
	switch {
	case b.Booked >= b.Limit:
		b.State, b.Detail = Spent, "all of it is booked"
	case v == nil:
		b.State, b.Detail = Unknown, "no controller has stepped for it in this period"
	case !v.Spread:
		b.State, b.Detail = Wall, "it bounds what is spent, and has nothing to be spread over: "+r.unspread(b)
	case v.Rules:
		b.State, b.Detail = Binds, fmt.Sprintf("this budget binds: bids are values divided by %.4g", v.Lambda)
	default:
		b.State, b.Detail = r.slack(b)
	}
	if l := r.View(); l != nil && l.Limit != nil && l.Limit.Price > 0 && (b.State == Binds || b.State == Slack) {
		b.Detail += "; what outcomes may cost holds bids back beside it"
	}
}

func (r *Report) unspread(b *Budget) string {
	switch {
	case b.balance:
		return "funding has no flight"
	case b.Pace == campaign.PaceASAP:
		return "it goes as fast as values allow"
	}
	return "the flight has no end"
}

// slack says why a budget's price is not the one that is bid by.
func (r *Report) slack(b *Budget) (State, string) {
	for i := range r.Budgets {
		if o := &r.Budgets[i]; o.View != nil && o.View.Rules {
			return Merged, fmt.Sprintf("merged into %s, whose price is higher: this one lasts when that does", frontiers.Worded(o.Of))
		}
	}
	const at = "bids are the values themselves"
	if float64(b.View.Spent) >= asPlanned*b.View.Planned*float64(b.View.Amount) {
		return Slack, at + ", and spend it as planned"
	}
	if limits := r.Binding(); len(limits) > 0 {
		return Slack, "cannot be spent: " + limits[0].Detail
	}
	return Slack, at + ", and spend less than planned so far"
}
