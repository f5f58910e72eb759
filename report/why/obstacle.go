package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Obstacle is what stands in the way whatever request comes, or (Partial) only
// at some exchange or for now.
type Obstacle struct {
	Code    string
	Detail  string // what it is here
	Remedy  string
	Partial bool
}

// Facts are what obstacles are found from.
type Facts struct {
	Now        time.Time
	Zone       *time.Location
	Guard      ledger.Guard
	Stalled    string // why booking stands still; empty if it does not
	Bidders    int    // that the ledger heard of lately
	Exchanges  []campaign.Exchange
	Advertiser campaign.Advertiser
	Campaign   campaign.Campaign
	LineItem   campaign.LineItem
	Creatives  []campaign.Creative
	Budgets    []ledger.NodeReport // of the three
	Requests   int64               // that bidders answered
	Counts     *catalog.Counts     // of the line item
	Spending   ledger.Spending     // of the line item
	// Open is an active line item whose goal puts no amount on an outcome, under
	// the same campaign's budget, where this one's goal does; 0 if there is none.
	Open event.LineItemID
}

// Obstacles lists what stands in the way, what concerns everybody first.
func (f *Facts) Obstacles() []Obstacle {
	var all []Obstacle
	say := func(is bool, code, detail, remedy string) {
		if is {
			all = append(all, Obstacle{Code: code, Detail: detail, Remedy: remedy})
		}
	}
	say(f.Guard.Stopped, "guard_stopped", fmt.Sprintf("%s stopped all bidding: %s", f.Guard.By, f.Guard.Reason), "tangent guard resume, when the cause is gone")
	say(f.Stalled != "", "booking_stalled", f.Stalled, "look at the worker and the event log")
	say(f.Bidders == 0, "no_bidder", "no bidder asked the ledger for money lately", "start one, and look at its /readyz")
	all = f.exchanges(all)
	for _, o := range []struct {
		what   string
		id     int64
		status campaign.Status
	}{
		{"advertiser", int64(f.Advertiser.ID), f.Advertiser.Status},
		{"campaign", int64(f.Campaign.ID), f.Campaign.Status},
		{"line_item", int64(f.LineItem.ID), f.LineItem.Status},
	} {
		name := strings.ReplaceAll(o.what, "_", " ")
		say(o.status == campaign.Paused, o.what+"_paused", fmt.Sprintf("%s %d is paused", name, o.id), "resume the "+name)
		say(o.status == campaign.Archived, o.what+"_archived", fmt.Sprintf("%s %d is archived", name, o.id), "make a new one: what is archived does not come back")
	}
	start, end := f.Campaign.Flight.Narrow(f.LineItem.Flight).Bounds(f.Zone)
	say(!start.IsZero() && f.Now.Before(start), "flight_not_begun", "the flight begins at "+start.In(f.Zone).Format(time.RFC3339), "wait, or begin earlier")
	say(!end.IsZero() && !f.Now.Before(end), "flight_over", "the flight ended at "+end.In(f.Zone).Format(time.RFC3339), "give the line item or campaign a later end")
	all = f.budgets(all)
	all = f.creatives(all)
	if !campaign.InDayparts(f.LineItem.Targeting.Dayparts, f.Now, f.Zone) {
		all = append(all, Obstacle{"outside_daypart", "this hour is in none of the line item's dayparts", "wait, or target more hours", true})
	}
	if f.Open != 0 {
		all = append(all, Obstacle{"mixed_goals", fmt.Sprintf("line item %d, whose goal puts no amount on an outcome, shares the campaign's budget and takes what it can of it first while money is short", f.Open),
			"move one of them to a campaign of its own, or give both budgets of their own that are less together than the campaign's", true})
	}
	say(f.Requests == 0, "no_requests", "no bidder answered a bid request in this time", "ask the exchange whether it sends any, and to the right URL")
	if c := f.Counts; c.Bids > 0 && c.Won+f.Spending.Bookings == 0 {
		all = append(all, Obstacle{"no_wins", fmt.Sprintf("%d bids left, no notice of a win or bill came, %d of a loss", c.Bids, c.Lost),
			"raise the goal's amount and max_bid_cpm; or the exchange's notices do not reach public-url", true})
	}
	return all
}

// serves says whether the line item's targeting takes an exchange.
func (f *Facts) serves(id event.ExchangeID) bool {
	t := &f.LineItem.Targeting.Exchanges
	return (len(t.Include) == 0 || slices.Contains(t.Include, id)) && !slices.Contains(t.Exclude, id)
}

func (f *Facts) exchanges(all []Obstacle) []Obstacle {
	active, targeted, dry := 0, 0, 0
	for i := range f.Exchanges {
		if e := &f.Exchanges[i]; e.Status == campaign.Active {
			active++
			if f.serves(e.ID) {
				targeted++
				if e.DryRun {
					dry++
				}
			}
		}
	}
	switch {
	case active == 0:
		return append(all, Obstacle{Code: "no_exchange_active", Detail: "no exchange is set up and active", Remedy: "set one up, or resume it"})
	case targeted == 0:
		return append(all, Obstacle{Code: "no_exchange_targeted", Detail: "the line item targets no exchange that is active", Remedy: "target one, or resume it"})
	case dry > 0:
		return append(all, Obstacle{"dry_run", fmt.Sprintf("%d of %d exchanges of the line item are set to dry_run", dry, targeted),
			"set dry_run to false when the exchange is ready", dry < targeted})
	}
	return all
}

// budgets looks for those that have nothing left. Money in bidders' hands
// counts as left: they may bid it.
func (f *Facts) budgets(all []Obstacle) []Obstacle {
	if b, c := f.LineItem.Budget, f.Campaign.Budget; b.Daily+b.Lifetime+c.Daily+c.Lifetime == 0 {
		all = append(all, Obstacle{Code: "no_budget", Detail: "neither the line item nor its campaign has a budget", Remedy: "give the campaign one"})
	}
	today := campaign.PeriodOf(f.Now, f.Zone)
	for _, r := range f.Budgets {
		if r.Daily && r.Period != today || r.Limit-r.Booked > 0 || r.Limit == 0 && r.Advertiser == 0 {
			continue
		}
		left := fmt.Sprintf("%v of %v %s are booked", r.Booked, r.Limit, r.Currency)
		switch {
		case r.Advertiser != 0:
			all = append(all, Obstacle{Code: "balance_empty", Detail: "of the advertiser's balance " + left, Remedy: "book a payment, or raise the credit line"})
		case r.Daily:
			all = append(all, Obstacle{Code: "daily_budget_used_up", Detail: "of the " + owner(&r) + "'s budget of today " + left, Remedy: "wait for tomorrow in the advertiser's time zone, or raise it"})
		default:
			all = append(all, Obstacle{Code: "budget_used_up", Detail: "of the " + owner(&r) + "'s lifetime budget " + left, Remedy: "raise it"})
		}
	}
	return all
}

func owner(r *ledger.NodeReport) string {
	if r.LineItem != 0 {
		return "line item"
	}
	return "campaign"
}

func (f *Facts) creatives(all []Obstacle) []Obstacle {
	var live []*campaign.Creative
	kept := 0
	for i := range f.Creatives {
		switch c := &f.Creatives[i]; c.Status {
		case campaign.Active:
			live = append(live, c)
			kept++
		case campaign.Paused:
			kept++
		}
	}
	switch {
	case kept == 0:
		return append(all, Obstacle{Code: "no_creative", Detail: "the line item has no creative", Remedy: "add one"})
	case len(live) == 0:
		return append(all, Obstacle{Code: "creatives_paused", Detail: "each creative of the line item is paused", Remedy: "resume one"})
	}
	var without []string // exchanges that take none of them
	served := 0
	for i := range f.Exchanges {
		e := &f.Exchanges[i]
		if e.Status != campaign.Active || !f.serves(e.ID) {
			continue
		}
		served++
		if !slices.ContainsFunc(live, func(c *campaign.Creative) bool { return approved(c, e) }) {
			without = append(without, e.Name)
		}
	}
	if len(without) == 0 {
		return all
	}
	return append(all, Obstacle{"not_approved", "no creative is approved at " + strings.Join(without, ", "),
		"have the exchange approve one, and enter its answer in approvals", len(without) < served})
}

func approved(c *campaign.Creative, e *campaign.Exchange) bool {
	for _, a := range c.Approvals {
		if a.ExchangeID == e.ID {
			return a.State == campaign.Approved || a.State != campaign.Rejected && !e.RequiresApproval
		}
	}
	return !e.RequiresApproval
}
