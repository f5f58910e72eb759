package catalog

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

const (
	openStart = math.MinInt64
	openEnd   = math.MaxInt64
)

// errIncomplete says that something above the line item has not arrived.
var errIncomplete = errors.New("its campaign or advertiser is not known")

// compile returns the line item as bidders read it. What validation should
// have refused is refused here again: on doubt a line item does not bid.
func (b *book) compile(e *lineItemEntry) (*LineItem, error) {
	ce := e.campaign
	if ce == nil || !ce.known || ce.advertiser == nil || !ce.advertiser.known {
		return nil, errIncomplete
	}
	ae := ce.advertiser
	if ae.zone == nil {
		return nil, fmt.Errorf("advertiser %d: no time zone %q", ae.def.ID, ae.def.TimeZone)
	}
	if len(ae.def.Currency) != 3 {
		return nil, fmt.Errorf("advertiser %d: no currency %q", ae.def.ID, ae.def.Currency)
	}
	d := &e.def
	li := &LineItem{
		ID: d.ID, Campaign: d.CampaignID, Advertiser: ce.def.AdvertiserID,
		Currency: ae.def.Currency,
		Goal:     d.Goal, ClickRate: d.ClickRate, OrderRate: d.OrderRate, OrderValue: d.OrderValue, Limits: d.Limits,
		MinDelivery: d.Delivery, Rotation: d.Rotation, MaxBid: d.MaxBidCPM / 1000, // never rounded up
		Caps: slices.Clone(d.FrequencyCaps), curve: d.Curve,
		fees: ae.fees, zone: ae.zone, live: e.live, tally: e.tally,
	}
	modifiers := d.modifiers()
	if err := li.setModifiers(modifiers, b.inventory); err != nil {
		return nil, err
	}
	if err := li.setValue(greatestFactor(modifiers)); err != nil {
		return nil, err
	}
	li.setFlight(d.Flight, ce.def.Flight)
	if err := li.setBudgets(d, &ce.def, ae.def.Funding); err != nil {
		return nil, err
	}
	targeting := d.Targeting.unpack()
	if err := li.rules.compile(&targeting, b.inventory); err != nil {
		return nil, err
	}
	li.Dayparts = targeting.Dayparts
	li.NeedsUser = li.rules.needsUser() || len(li.Caps)+len(li.curve.Factors) > 0
	return li, b.setCreatives(li, e, &targeting)
}

func (li *LineItem) setFlight(own, campaigns campaign.Flight) {
	loc := li.zone.loc
	li.Start, li.End = own.Bounds(loc)
	start, end := campaigns.Bounds(loc)
	if start.After(li.Start) {
		li.Start = start
	}
	if li.End.IsZero() || !end.IsZero() && end.Before(li.End) {
		li.End = end
	}
	li.start, li.end = openStart, openEnd
	if !li.Start.IsZero() {
		li.start = li.Start.Unix()
	}
	if !li.End.IsZero() {
		li.end = li.End.Unix()
	}
}

// setBudgets lists the nodes, innermost first. A budget without a node could
// not be held against, and a campaign without a budget has no limit: neither
// may bid.
func (li *LineItem) setBudgets(d *lineItemDef, c *campaign.Campaign, f campaign.Funding) error {
	if c.Budget.Daily == 0 && c.Budget.Lifetime == 0 {
		return errors.New("its campaign has no budget")
	}
	li.Budgets = make([]Budget, 0, MaxBudgets)
	add := func(amount money.Nanos, node event.NodeID, daily bool, pace campaign.Pace, owner campaign.Flight) error {
		if amount == 0 {
			return nil
		}
		if amount < 0 || node == 0 {
			return errors.New("a budget is negative or has no node")
		}
		start, end := owner.Bounds(li.zone.loc)
		li.Budgets = append(li.Budgets, Budget{Node: node, Amount: amount, Daily: daily, Pace: pace, Start: start, End: end})
		return nil
	}
	err := errors.Join(
		add(d.Budget.Daily, d.Budget.DailyNode, true, d.Budget.Pacing, d.Flight),
		add(d.Budget.Lifetime, d.Budget.LifetimeNode, false, d.Budget.Pacing, d.Flight),
		add(c.Budget.Daily, c.Budget.DailyNode, true, c.Budget.Pacing, c.Flight),
		add(c.Budget.Lifetime, c.Budget.LifetimeNode, false, c.Budget.Pacing, c.Flight),
	)
	if f.Kind != campaign.Unfunded {
		if f.Node == 0 {
			err = errors.Join(err, errors.New("its advertiser's funding has no node"))
		}
		li.Budgets = append(li.Budgets, Budget{Node: f.Node, Balance: true})
	}
	li.Budgets = slices.Clone(li.Budgets) // most have one: no room to spare
	return err
}

// setCreatives takes over the creatives that are not archived. One that
// cannot be sent is left out and reported; the others serve.
func (b *book) setCreatives(li *LineItem, e *lineItemEntry, t *campaign.Targeting) error {
	var errs []error
	for _, ce := range e.creatives {
		if ce.status == noState || ce.status == archived {
			continue
		}
		c, err := ce.compile(li.Campaign, &b.traits)
		if err != nil {
			errs = append(errs, fmt.Errorf("creative %d: %w", ce.id, err))
			continue
		}
		c.targeted = narrows(t.Formats, c.Format) && (c.Format != campaign.FormatBanner || narrows(t.Sizes, campaign.Size(c.Size)))
		li.Creatives = append(li.Creatives, c)
	}
	li.Creatives = slices.Clip(li.Creatives)
	return errors.Join(errs...)
}

// narrows says whether a list of what a line item shows leaves it v.
func narrows[T comparable](l campaign.List[T], v T) bool {
	return (len(l.Include) == 0 || slices.Contains(l.Include, v)) && !slices.Contains(l.Exclude, v)
}

// lowerAll returns the texts in lower case, without a trailing dot.
func lowerAll(texts []string) []string {
	all := make([]string, 0, len(texts))
	for _, t := range texts {
		all = append(all, normalName(t))
	}
	return all
}
