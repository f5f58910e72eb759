package catalog

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

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
	if def := b.entered[e.id]; def != nil {
		var err error
		if e.made, err = b.newLineItem(def); err != nil {
			return nil, err
		}
		if !namesLists(def) {
			delete(b.entered, e.id)
		}
	}
	if ae.house == nil {
		ae.house = &house{Advertiser: ae.def.ID, Currency: ae.def.Currency, fees: ae.fees, zone: ae.zone}
	}
	s, err := ce.scheduleOf(&e.made.own)
	if err != nil {
		return nil, err
	}
	li := e.made
	if li.schedule != nil { // a version that walks see
		li = &LineItem{own: li.own}
		e.made = li
	}
	li.ID, li.schedule, li.house, li.live, li.tally = e.id, s, ae.house, e.live, &e.tally
	li.Bound = min(li.Most, float64(li.MaxBid))
	return li, b.setCreatives(li, e)
}

// newLineItem compiles what a line item says itself.
func (b *book) newLineItem(d *campaign.LineItem) (*LineItem, error) {
	o := own{
		ClickRate: d.ClickRate, MaxBid: d.MaxBidCPM / 1000, // never rounded up
		terms: &terms{
			OrderRate: d.OrdersPerImpression(), OrderValue: d.OrderValue, Limits: d.Limits, MinDelivery: d.MinDelivery, Rotation: d.Rotation,
			Caps: slices.Clone(d.FrequencyCaps), Dayparts: d.Targeting.Dayparts, curve: d.Curve,
			formats: d.Targeting.Formats, sizes: d.Targeting.Sizes, flight: d.Flight, budget: d.Budget,
		},
	}
	if err := o.setModifiers(d.Modifiers, b); err != nil {
		return nil, err
	}
	if err := o.setValue(d.Goal, greatestFactor(d.Modifiers)); err != nil {
		return nil, err
	}
	if err := o.rules.compile(&d.Targeting, b); err != nil {
		return nil, err
	}
	o.NeedsUser = o.rules.needsUser() || len(o.Caps)+len(o.curve.Factors) > 0
	switch made := o.terms; {
	case reflect.ValueOf(made).Elem().IsZero():
		o.terms = &noTerms
	case len(made.modifiers) == 0:
		o.terms = b.terms.get(fmt.Appendf(nil, "%#v", *made), func() *terms { return made })
	}
	return &LineItem{own: o}, nil
}

// scheduleOf returns the schedule of a line item. Most have the campaign's.
func (e *campaignEntry) scheduleOf(o *own) (*schedule, error) {
	shared := o.flight == (campaign.Flight{}) && o.budget.Daily == 0 && o.budget.Lifetime == 0
	if shared && e.schedule != nil {
		return e.schedule, nil
	}
	loc := e.advertiser.zone.loc
	s := &schedule{Campaign: e.id, start: openStart, end: openEnd}
	s.setFlight(o.flight, e.def.Flight, loc)
	if err := s.setBudgets(o, &e.def, e.advertiser.def.Funding, loc); err != nil {
		return nil, err
	}
	if shared {
		e.schedule = s
	}
	return s, nil
}

func (s *schedule) setFlight(own, campaigns campaign.Flight, loc *time.Location) {
	s.Start, s.End = own.Bounds(loc)
	start, end := campaigns.Bounds(loc)
	if start.After(s.Start) {
		s.Start = start
	}
	if s.End.IsZero() || !end.IsZero() && end.Before(s.End) {
		s.End = end
	}
	if !s.Start.IsZero() {
		s.start = s.Start.Unix()
	}
	if !s.End.IsZero() {
		s.end = s.End.Unix()
	}
}

// setBudgets lists the nodes, innermost first. A budget without a node could
// not be held against, and a campaign without a budget has no limit: neither
// may bid.
func (s *schedule) setBudgets(o *own, c *campaign.Campaign, f campaign.Funding, loc *time.Location) error {
	if c.Budget.Daily == 0 && c.Budget.Lifetime == 0 {
		return errors.New("its campaign has no budget")
	}
	all := make([]Budget, 0, MaxBudgets)
	add := func(amount money.Nanos, node event.NodeID, daily bool, pace campaign.Pace, owner campaign.Flight) error {
		if amount == 0 {
			return nil
		}
		if amount < 0 || node == 0 {
			return errors.New("a budget is negative or has no node")
		}
		start, end := owner.Bounds(loc)
		all = append(all, Budget{Node: node, Amount: amount, Daily: daily, Pace: pace, Start: start, End: end})
		return nil
	}
	err := errors.Join(
		add(o.budget.Daily, o.budget.DailyNode, true, o.budget.Pacing, o.flight),
		add(o.budget.Lifetime, o.budget.LifetimeNode, false, o.budget.Pacing, o.flight),
		add(c.Budget.Daily, c.Budget.DailyNode, true, c.Budget.Pacing, c.Flight),
		add(c.Budget.Lifetime, c.Budget.LifetimeNode, false, c.Budget.Pacing, c.Flight),
	)
	if f.Kind != campaign.Unfunded {
		if f.Node == 0 {
			err = errors.Join(err, errors.New("its advertiser's funding has no node"))
		}
		all = append(all, Budget{Node: f.Node, Balance: true})
	}
	s.Budgets = slices.Clone(all) // most have one: no room to spare
	return err
}

// setCreatives takes over the creatives that are not archived. One that
// cannot be sent is left out and reported; the others serve.
func (b *book) setCreatives(li *LineItem, e *lineItemEntry) error {
	var errs []error
	li.Creatives = make([]Creative, 0, len(e.creatives))
	for _, ce := range e.creatives {
		if ce.status == noState || ce.status == archived {
			continue
		}
		c, err := b.compileCreative(ce, li.Campaign)
		if err != nil {
			errs = append(errs, fmt.Errorf("creative %d: %w", ce.id, err))
			continue
		}
		c.targeted = narrows(li.formats, c.Format) && (c.Format != campaign.FormatBanner || narrows(li.sizes, campaign.Size(c.Size())))
		li.Creatives = append(li.Creatives, c)
	}
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
