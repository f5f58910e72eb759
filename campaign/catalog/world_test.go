package catalog

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// noon is a Wednesday.
var noon = time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC)

// tb is what testing.TB and rapid.T have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is what advertisers want, as a store would hold it: the truth that
// the catalog is compared with.
type world struct {
	advertisers map[event.AdvertiserID]campaign.Advertiser
	campaigns   map[event.CampaignID]campaign.Campaign
	lineItems   map[event.LineItemID]campaign.LineItem
	creatives   map[event.CreativeID]campaign.Creative
	// sizesOf, when set, stands for creatives, all of them active.
	sizesOf map[event.LineItemID][]openrtb.Size
	zones   map[string]*time.Location // read once
}

func newWorld() *world {
	return &world{
		advertisers: map[event.AdvertiserID]campaign.Advertiser{},
		campaigns:   map[event.CampaignID]campaign.Campaign{},
		lineItems:   map[event.LineItemID]campaign.LineItem{},
		creatives:   map[event.CreativeID]campaign.Creative{},
		zones:       map[string]*time.Location{},
	}
}

// put takes changes over as a store would.
func (w *world) put(ch campaign.Changes) {
	for _, d := range ch.Advertisers {
		w.advertisers[d.ID] = d
	}
	for _, d := range ch.Campaigns {
		w.campaigns[d.ID] = d
	}
	for _, d := range ch.LineItems {
		w.lineItems[d.ID] = d
	}
	for _, d := range ch.Creatives {
		w.creatives[d.ID] = d
	}
}

func (w *world) zone(name string) *time.Location {
	if w.zones[name] == nil {
		loc, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		w.zones[name] = loc
	}
	return w.zones[name]
}

// accepts is the plain reading of what a line item wants, written without
// looking at the catalog.
func (w *world) accepts(d campaign.LineItem, q *Query) bool {
	c := w.campaigns[d.CampaignID]
	a := w.advertisers[c.AdvertiserID]
	if d.Status != campaign.Active || c.Status != campaign.Active || a.Status != campaign.Active {
		return false
	}
	loc := w.zone(a.TimeZone)
	if !d.Flight.Contains(q.Now, loc) || !c.Flight.Contains(q.Now, loc) ||
		!campaign.InDayparts(d.Targeting.Dayparts, q.Now, loc) {
		return false
	}
	if q.Currencies != nil && !slices.ContainsFunc(q.Currencies, func(c Currency) bool { return c.Code == a.Currency }) {
		return false
	}
	t := d.Targeting
	if !takes(t.Exchanges, q.Exchange) || !takes(t.DeviceTypes, q.DeviceType) {
		return false
	}
	country := string(q.Country[:])
	if len(t.Countries.Include) > 0 && !slices.Contains(t.Countries.Include, country) ||
		slices.Contains(t.Countries.Exclude, country) {
		return false
	}
	if len(t.Sites.Include)+len(t.Apps.Include) > 0 && !onSite(t.Sites.Include, q.Site) && !inApp(t.Apps.Include, q.App) ||
		onSite(t.Sites.Exclude, q.Site) || inApp(t.Apps.Exclude, q.App) {
		return false
	}
	if !w.hasSize(d, q.Sizes) {
		return false
	}
	if len(t.Segments.Include)+len(t.Segments.Exclude)+len(d.FrequencyCaps) == 0 {
		return true
	}
	if !q.UserKnown || q.NoSegments && len(t.Segments.Include)+len(t.Segments.Exclude) > 0 || q.NoExposures && len(d.FrequencyCaps) > 0 {
		return false
	}
	in := func(list []event.SegmentID) bool {
		return slices.ContainsFunc(list, func(s event.SegmentID) bool { return slices.Contains(q.Segments, s) })
	}
	if len(t.Segments.Include) > 0 && !in(t.Segments.Include) || in(t.Segments.Exclude) {
		return false
	}
	for _, limit := range d.FrequencyCaps {
		n := 0
		for _, e := range q.Exposures {
			same := limit.Level == campaign.CapLineItem && e.LineItem == d.ID ||
				limit.Level == campaign.CapCampaign && e.Campaign == d.CampaignID
			if same && q.Now.Sub(e.At) < limit.Window {
				n++
			}
		}
		if n >= limit.Impressions {
			return false
		}
	}
	return true
}

func (w *world) hasSize(d campaign.LineItem, sizes []openrtb.Size) bool {
	if w.sizesOf != nil {
		return slices.ContainsFunc(w.sizesOf[d.ID], func(s openrtb.Size) bool { return slices.Contains(sizes, s) })
	}
	for _, c := range w.creatives {
		if c.LineItemID == d.ID && c.Status == campaign.Active &&
			slices.Contains(sizes, openrtb.Size{W: c.Size.W, H: c.Size.H}) &&
			takes(d.Targeting.Sizes, c.Size) {
			return true
		}
	}
	return false
}

func takes[T comparable](l campaign.List[T], v T) bool {
	return (len(l.Include) == 0 || slices.Contains(l.Include, v)) && !slices.Contains(l.Exclude, v)
}

func onSite(domains []string, site []byte) bool {
	s := "." + strings.ToLower(strings.TrimSuffix(string(site), "."))
	return slices.ContainsFunc(domains, func(d string) bool { return strings.HasSuffix(s, "."+strings.ToLower(d)) })
}

func inApp(bundles []string, app []byte) bool {
	return slices.ContainsFunc(bundles, func(b string) bool { return strings.EqualFold(b, string(app)) })
}

// eligible returns the ids that the world accepts, ascending.
func (w *world) eligible(q *Query) []event.LineItemID {
	var ids []event.LineItemID
	for _, id := range slices.Sorted(maps.Keys(w.lineItems)) {
		if w.accepts(w.lineItems[id], q) {
			ids = append(ids, id)
		}
	}
	return ids
}

// walkAll returns the ids that a walk and Check accept, ascending, and fails
// if they came out of order or twice.
func walkAll(t tb, s *Snapshot, q *Query) []event.LineItemID {
	var w Walk
	var ids []event.LineItemID
	var last *LineItem
	var lastBound float64
	for s.Walk(q, &w); ; {
		li, ok := w.Next()
		if !ok {
			break
		}
		bound := li.Bound
		for _, c := range q.Currencies {
			if c.Code == li.Currency {
				bound *= c.Factor
			}
		}
		if w.Bound() != bound {
			t.Fatalf("line item %d has the bound %v, want %v", li.ID, w.Bound(), bound)
		}
		if last != nil && (bound > lastBound || bound == lastBound && li.ID <= last.ID) {
			t.Fatalf("line item %d (bound %v) came after %d (bound %v)", li.ID, bound, last.ID, lastBound)
		}
		last, lastBound = li, bound
		if li.Check(q) == openrtb.None {
			ids = append(ids, li.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// The smallest things that are fit to bid. Callers change what they test.

func anAdvertiser(id event.AdvertiserID) campaign.Advertiser {
	return campaign.Advertiser{ID: id, Status: campaign.Active, TimeZone: "Europe/Berlin", Currency: "EUR"}
}

func aCampaign(id event.CampaignID, of event.AdvertiserID) campaign.Campaign {
	return campaign.Campaign{ID: id, AdvertiserID: of, Status: campaign.Active,
		Budget: campaign.Budget{Lifetime: 1000 * money.Unit, LifetimeNode: event.NodeID(id) * 10}}
}

func aLineItem(id event.LineItemID, of event.CampaignID) campaign.LineItem {
	return campaign.LineItem{ID: id, CampaignID: of, Status: campaign.Active,
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: 2 * money.Unit}, MaxBidCPM: 5 * money.Unit}
}

func aCreative(id event.CreativeID, of event.LineItemID) campaign.Creative {
	return campaign.Creative{ID: id, LineItemID: of, Status: campaign.Active, Size: campaign.Size{W: 300, H: 250},
		Markup: `<a href="${CLICK_URL}">x</a>`, LandingURL: "https://shop.example.com/",
		Domains: []string{"example.com"}, Secure: true}
}

// one returns an advertiser with a campaign, a line item and a creative, all
// of id 1, and a query that it takes.
func one() (campaign.Changes, Query) {
	return campaign.Changes{
		Advertisers: []campaign.Advertiser{anAdvertiser(1)},
		Campaigns:   []campaign.Campaign{aCampaign(1, 1)},
		LineItems:   []campaign.LineItem{aLineItem(1, 1)},
		Creatives:   []campaign.Creative{aCreative(1, 1)},
	}, Query{Now: noon, Sizes: []openrtb.Size{{W: 300, H: 250}}}
}

func newCatalog(t tb, maxDelta int) *Catalog {
	t.Helper()
	c, err := New(Config{Clock: clock.NewManual(noon), MaxDelta: maxDelta})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func apply(t tb, c *Catalog, ch campaign.Changes) {
	t.Helper()
	if err := c.Apply(ch); err != nil {
		t.Fatal(err)
	}
}
