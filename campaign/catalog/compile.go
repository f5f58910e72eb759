package catalog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

const (
	openStart = math.MinInt64
	openEnd   = math.MaxInt64
)

// errIncomplete says that something above the line item has not arrived.
var errIncomplete = errors.New("its campaign or advertiser is not known")

// compile returns the line item as bidders read it. What validation should
// have refused is refused here again: on doubt a line item does not bid.
func compile(e *lineItemEntry) (*LineItem, error) {
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
		Goal:     d.Goal, ClickRate: d.ClickRate, MaxBid: d.MaxBidCPM / 1000, // never rounded up
		Caps: slices.Clone(d.FrequencyCaps), Dayparts: d.Targeting.Dayparts,
		fees: ae.fees, zone: ae.zone, live: e.live,
	}
	if err := li.setValue(); err != nil {
		return nil, err
	}
	li.setFlight(d.Flight, ce.def.Flight)
	if err := li.setBudgets(d, &ce.def, ae.def.Funding); err != nil {
		return nil, err
	}
	if !d.Curve.IsZero() || len(d.Modifiers) > 0 {
		return nil, errors.New("it has a curve or modifiers, which this version does not know")
	}
	if err := li.rules.compile(&d.Targeting); err != nil {
		return nil, err
	}
	li.NeedsUser = len(li.rules.segments)+len(li.rules.notSegments)+len(li.Caps) > 0
	return li, li.setCreatives(e, d.Targeting.Sizes)
}

func (li *LineItem) setValue() error {
	v := float64(li.Goal.Amount)
	switch li.Goal.Kind {
	case campaign.CPM:
		v /= 1000
	case campaign.CPC:
		v *= li.ClickRate
	default:
		return fmt.Errorf("no goal %q", li.Goal.Kind)
	}
	if !(v > 0) || li.MaxBid <= 0 {
		return errors.New("an impression has no positive value")
	}
	li.Value = min(v, float64(li.MaxBid))
	li.Bound = li.Value
	return nil
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
func (li *LineItem) setBudgets(d *campaign.LineItem, c *campaign.Campaign, f campaign.Funding) error {
	if c.Budget.Daily == 0 && c.Budget.Lifetime == 0 {
		return errors.New("its campaign has no budget")
	}
	li.Budgets = make([]Budget, 0, MaxBudgets)
	add := func(amount money.Nanos, node event.NodeID, daily bool, owner campaign.Flight) error {
		if amount == 0 {
			return nil
		}
		if amount < 0 || node == 0 {
			return errors.New("a budget is negative or has no node")
		}
		start, end := owner.Bounds(li.zone.loc)
		li.Budgets = append(li.Budgets, Budget{Node: node, Amount: amount, Daily: daily, Start: start, End: end})
		return nil
	}
	err := errors.Join(
		add(d.Budget.Daily, d.Budget.DailyNode, true, d.Flight),
		add(d.Budget.Lifetime, d.Budget.LifetimeNode, false, d.Flight),
		add(c.Budget.Daily, c.Budget.DailyNode, true, c.Flight),
		add(c.Budget.Lifetime, c.Budget.LifetimeNode, false, c.Flight),
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
func (li *LineItem) setCreatives(e *lineItemEntry, sizes campaign.List[campaign.Size]) error {
	var errs []error
	for _, ce := range e.creatives {
		if !ce.known || ce.def.Status == campaign.Archived {
			continue
		}
		c, err := ce.compile(li.Campaign)
		if err != nil {
			errs = append(errs, fmt.Errorf("creative %d: %w", ce.def.ID, err))
			continue
		}
		c.targeted = (len(sizes.Include) == 0 || slices.Contains(sizes.Include, ce.def.Size)) && !slices.Contains(sizes.Exclude, ce.def.Size)
		li.Creatives = append(li.Creatives, c)
	}
	li.Creatives = slices.Clip(li.Creatives)
	return errors.Join(errs...)
}

// compile returns the creative. What goes over the wire is made once per
// version and campaign.
func (e *creativeEntry) compile(cid event.CampaignID) (Creative, error) {
	d := &e.def
	size := openrtb.Size{W: d.Size.W, H: d.Size.H}
	if e.wire != nil && e.wireFor != cid {
		return Creative{}, errors.New("its line item moved to another campaign: that takes a new one")
	}
	if e.wire == nil {
		wire, err := openrtb.NewCreativeWire(openrtb.CreativeConfig{
			ID: strconv.FormatInt(int64(d.ID), 10), CampaignID: strconv.FormatInt(int64(cid), 10),
			Domains: d.Domains, Categories: d.Categories, Attributes: d.Attributes,
			Size: size, Markup: d.Markup,
		})
		if err != nil {
			return Creative{}, err
		}
		e.wire, e.wireFor, e.types = wire, cid, bannerTypes(d.Markup)
		d.Markup = "" // large, and in wire
	}
	return Creative{
		ID: d.ID, Size: size, Wire: e.wire, Types: e.types,
		Domains: e.domains, Categories: e.categories, Attributes: d.Attributes,
		Secure: d.Secure, LandingURL: d.LandingURL, live: e.live,
	}, nil
}

// lowerAll returns the texts in lower case, without a trailing dot.
func lowerAll(texts []string) []string {
	all := make([]string, 0, len(texts))
	for _, t := range texts {
		all = append(all, normalName(t))
	}
	return all
}

func (r *rules) compile(t *campaign.Targeting) error {
	// What cannot be decided yet is no reason to bid.
	rest := *t
	rest.Exchanges, rest.DeviceTypes, rest.Sizes = campaign.List[event.ExchangeID]{}, campaign.List[int]{}, campaign.List[campaign.Size]{}
	rest.Countries, rest.Sites, rest.Apps = campaign.List[string]{}, campaign.List[string]{}, campaign.List[string]{}
	rest.Segments, rest.Dayparts = campaign.List[event.SegmentID]{}, nil
	if !rest.IsZero() {
		return errors.New("its targeting has a rule that this version does not know")
	}
	r.exchanges, r.notExchanges = sorted(t.Exchanges.Include), sorted(t.Exchanges.Exclude)
	var err error
	if r.countries, err = countryCodes(t.Countries.Include); err != nil {
		return err
	}
	if r.notCountries, err = countryCodes(t.Countries.Exclude); err != nil {
		return err
	}
	if r.deviceTypes, err = deviceBits(t.DeviceTypes.Include); err != nil {
		return err
	}
	if r.notDeviceTypes, err = deviceBits(t.DeviceTypes.Exclude); err != nil {
		return err
	}
	r.sites, r.notSites = newNameSet(t.Sites.Include), newNameSet(t.Sites.Exclude)
	r.apps, r.notApps = newNameSet(t.Apps.Include), newNameSet(t.Apps.Exclude)
	r.restrictedPlace = len(t.Sites.Include)+len(t.Apps.Include) > 0
	r.segments, r.notSegments = sorted(t.Segments.Include), sorted(t.Segments.Exclude)
	if len(t.Dayparts) > 0 {
		r.dayparts = hoursOf(t.Dayparts)
	}
	return nil
}

func deviceBits(types []int) (bits uint64, err error) {
	for _, d := range types {
		bit := deviceBit(d)
		if bit == 0 {
			return 0, fmt.Errorf("no device type %d", d)
		}
		bits |= bit
	}
	return bits, nil
}

func countryCodes(names []string) ([]countryCode, error) {
	var codes []countryCode
	for _, n := range names {
		if len(n) != 3 {
			return nil, fmt.Errorf("no country %q", n)
		}
		codes = append(codes, codeOf([3]byte([]byte(strings.ToUpper(n)))))
	}
	return sorted(codes), nil
}

// sorted returns the values ascending, each once; nil when there are none.
func sorted[T event.ExchangeID | event.SegmentID | countryCode](values []T) []T {
	if len(values) == 0 {
		return nil
	}
	s := slices.Clone(values)
	slices.Sort(s)
	return slices.Clip(slices.Compact(s))
}

func hoursOf(parts []campaign.Daypart) *weekHours {
	hours := new(weekHours)
	for _, p := range parts {
		for _, d := range p.Days {
			if d < time.Sunday || d > time.Saturday {
				continue
			}
			for h := max(p.From, 0); h < min(p.To, 24); h++ {
				at := int(d)*24 + h
				hours[at/64] |= 1 << (at % 64)
			}
		}
	}
	return hours
}
