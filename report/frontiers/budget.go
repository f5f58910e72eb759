package frontiers

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Budget is what a line item may spend in a day.
type Budget struct {
	// Of says which budget it is: LineItemDaily and so on. Empty is none.
	Of     string
	PerDay float64 // nanos; infinite for none
}

// The budgets that bind a line item.
const (
	LineItemDaily    = "line_item_daily"
	LineItemLifetime = "line_item_lifetime"
	CampaignDaily    = "campaign_daily"
	CampaignLifetime = "campaign_lifetime"
	Balance          = "balance"
)

var words = map[string]string{
	LineItemDaily: "the line item's daily budget", LineItemLifetime: "the line item's budget for its flight",
	CampaignDaily: "the campaign's daily budget", CampaignLifetime: "the campaign's budget for its flight", Balance: "the advertiser's balance",
}

// Worded writes the name of a budget for people.
func Worded(of string) string { return words[of] }

func none() Budget { return Budget{PerDay: math.Inf(1)} }

func (b Budget) tighter(o Budget) Budget {
	if o.PerDay < b.PerDay {
		return o
	}
	return b
}

// daily returns what its own daily and lifetime budgets let an owner spend in a
// day: of a lifetime budget, what is left over the days that are left. One
// without an end may go in a day.
func daily(b campaign.Budget, of [2]string, flight campaign.Flight, zone *time.Location, booked map[event.NodeID]ledger.NodeReport, now time.Time) Budget {
	out := none()
	if b.Daily > 0 {
		out = Budget{of[0], float64(b.Daily)}
	}
	if b.Lifetime > 0 {
		left := max(0, float64(b.Lifetime-booked[b.LifetimeNode].Booked))
		out = out.tighter(Budget{of[1], left / daysLeft(flight, zone, now)})
	}
	return out
}

// daysLeft returns how many days of a flight are ahead: 1 where it has no end,
// or is over.
func daysLeft(f campaign.Flight, zone *time.Location, now time.Time) float64 {
	start, end := f.Bounds(zone)
	if start.After(now) {
		now = start
	}
	if end.IsZero() || !end.After(now) {
		return 1
	}
	return max(end.Sub(now).Hours()/24, 1./24)
}
