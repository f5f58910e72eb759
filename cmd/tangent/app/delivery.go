package app

import (
	"context"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/frontiers"
	"github.com/tangent-dsp/tangent/report/plans"
	"github.com/tangent-dsp/tangent/report/why"
)

// delivery tells the API what became of budgets: the ledger's balances beside
// pacing's plan.
type delivery struct {
	store     *store.Store
	ledger    *ledger.Ledger
	clock     clock.Clock
	why       *why.Reports
	frontiers *frontiers.Reports
	plans     *plans.Reports
}

// CampaignDelivery returns the periods of a campaign's own budgets.
func (d *delivery) CampaignDelivery(ctx context.Context, id event.CampaignID) (v1.Delivery, error) {
	c, err := d.store.GetCampaign(ctx, id)
	if err != nil {
		return v1.Delivery{}, err
	}
	hours, err := d.campaignHours(ctx, id)
	if err != nil {
		return v1.Delivery{}, err
	}
	out, err := d.report(ctx, c.AdvertiserID, c.Flight, c.Budget.Pacing, hours, ledger.Filter{Campaigns: []event.CampaignID{id}})
	if err != nil {
		return out, err
	}
	orders, err := d.ledger.CampaignConversions(ctx, id)
	out.Conversions = v1.ConversionSums(orders)
	return out, err
}

// campaignHours returns the hours in which any of a campaign's line items may
// bid: those of all of them together.
func (d *delivery) campaignHours(ctx context.Context, id event.CampaignID) (hours pacing.Hours, err error) {
	f := store.Filter{ParentID: int64(id), Limit: store.MaxPage}
	for {
		items, err := d.store.ListLineItems(ctx, f)
		if err != nil {
			return hours, err
		}
		for _, li := range items {
			h := pacing.HoursOf(li.Targeting.Dayparts)
			if h.Always() {
				return h, nil
			}
			if f.AfterID > 0 {
				h = h.Union(hours)
			}
			hours = h
			f.AfterID = int64(li.ID)
		}
		if len(items) < f.Limit {
			return hours, nil
		}
	}
}

// LineItemDelivery returns the periods of a line item's own budgets.
func (d *delivery) LineItemDelivery(ctx context.Context, id event.LineItemID) (v1.Delivery, error) {
	li, err := d.store.GetLineItem(ctx, id)
	if err != nil {
		return v1.Delivery{}, err
	}
	c, err := d.store.GetCampaign(ctx, li.CampaignID)
	if err != nil {
		return v1.Delivery{}, err
	}
	out, err := d.report(ctx, li.AdvertiserID, narrow(c.Flight, li.Flight), li.Budget.Pacing, pacing.HoursOf(li.Targeting.Dayparts),
		ledger.Filter{LineItems: []event.LineItemID{id}})
	if err != nil {
		return out, err
	}
	orders, err := d.ledger.LineItemConversions(ctx, id)
	if err != nil {
		return out, err
	}
	out.Conversions = v1.ConversionSums(orders)
	came, err := d.ledger.Outcomes(ctx, []event.LineItemID{id})
	out.Outcomes = outcomesOf(came)
	return out, err
}

// outcomesOf puts what came of one line item, or nothing, beside what it cost.
func outcomesOf(came []ledger.Outcomes) *v1.Outcomes {
	if len(came) == 0 {
		return &v1.Outcomes{}
	}
	c := came[0]
	out := &v1.Outcomes{Spent: c.Spent, Clicks: c.Clicks, Orders: c.Orders}
	if c.Clicks > 0 {
		out.CostPerClick = c.Spent / money.Nanos(c.Clicks)
	}
	if c.Orders > 0 {
		out.CostPerAction = c.Spent / money.Nanos(c.Orders)
	}
	if c.Spent > 0 {
		out.ReturnOnSpend = float64(c.OrderValue) / float64(c.Spent)
	}
	return out
}

func (d *delivery) report(ctx context.Context, advertiser event.AdvertiserID, flight campaign.Flight, pace campaign.Pace, hours pacing.Hours, f ledger.Filter) (v1.Delivery, error) {
	owner, err := d.store.GetAdvertiser(ctx, advertiser)
	if err != nil {
		return v1.Delivery{}, err
	}
	zone, err := time.LoadLocation(owner.TimeZone)
	if err != nil {
		return v1.Delivery{}, err
	}
	rows, err := d.ledger.Report(ctx, f)
	if err != nil {
		return v1.Delivery{}, err
	}
	nodes := make([]event.NodeID, 0, len(rows))
	for _, r := range rows {
		if len(nodes) == 0 || nodes[len(nodes)-1] != r.Node {
			nodes = append(nodes, r.Node)
		}
	}
	late, err := d.ledger.LateRisks(ctx, nodes)
	if err != nil {
		return v1.Delivery{}, err
	}
	out := v1.Delivery{Currency: owner.Currency}
	now := d.clock.Now()
	start, end := flight.Bounds(zone)
	for _, r := range rows {
		budget := pacing.Budget{Node: r.Node, Daily: r.Daily, Amount: r.Limit, Pace: paceOf(pace), Zone: zone, Start: start, End: end}
		p := v1.DeliveryPeriod{
			Window: "lifetime", Budget: r.Limit, Booked: r.Booked, MediaCost: r.Media, Outstanding: r.Outstanding, Overrun: overrun(r), Disputed: r.Disputed,
			LateRisk: late[event.NodePeriod{Node: r.Node, Period: r.Period}],
		}
		if r.Daily {
			p.Window = "daily"
			if r.Period == event.Lifetime { // nothing moved yet
				r.Period = campaign.PeriodOf(now, zone)
			}
			p.Date = r.Period.Date()
		}
		p.Plan = pacing.NewPlan(budget, hours, r.Period).At(now)
		out.Periods = append(out.Periods, p)
	}
	return out, nil
}

// AdvertiserBalance returns how an advertiser's funding stands.
func (d *delivery) AdvertiserBalance(ctx context.Context, id event.AdvertiserID) (v1.Balance, error) {
	a, err := d.store.GetAdvertiser(ctx, id)
	if err != nil {
		return v1.Balance{}, err
	}
	rows, err := d.ledger.Report(ctx, ledger.Filter{Advertisers: []event.AdvertiserID{id}})
	if err != nil {
		return v1.Balance{}, err
	}
	if len(rows) == 0 {
		return v1.Balance{}, ledger.ErrUnfunded
	}
	r := rows[0]
	late, err := d.ledger.LateRisks(ctx, []event.NodeID{r.Node})
	if err != nil {
		return v1.Balance{}, err
	}
	return v1.Balance{
		AdvertiserID: id, Currency: r.Currency, Kind: a.Funding.Kind, CreditLine: r.Limit - r.Paid, Paid: r.Paid,
		Booked: r.Booked, Outstanding: r.Outstanding, Available: r.Limit - r.Booked - r.Outstanding,
		Overrun: r.Overrun, LateRisk: late[event.NodePeriod{Node: r.Node, Period: r.Period}],
	}, nil
}

// overrun is what is booked beyond the budget: what no slice covered, or what
// was spent before the budget was cut below it.
func overrun(r ledger.NodeReport) money.Nanos {
	if r.Limit == 0 { // no limit any more
		return r.Overrun
	}
	return max(r.Overrun, r.Booked-r.Limit)
}

// narrow returns the time that is in both flights. Both are of one time zone.
func narrow(a, b campaign.Flight) campaign.Flight {
	if a.Start.In(time.UTC).Before(b.Start.In(time.UTC)) {
		a.Start = b.Start
	}
	if a.End.IsZero() || !b.End.IsZero() && b.End.In(time.UTC).Before(a.End.In(time.UTC)) {
		a.End = b.End
	}
	return a
}
