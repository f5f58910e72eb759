package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestWalkAndCheckEqualALoop is invariant 7 and more: after any history of
// changes, a walk with Check accepts exactly the line items that a loop over
// all of them does. Values are few, so that they meet.
func TestWalkAndCheckEqualALoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCatalog(t, rapid.IntRange(1, 40).Draw(t, "maxDelta"))
		w := newWorld()
		steps := rapid.IntRange(1, 6).Draw(t, "steps")
		for step := range steps {
			most := 6
			if step == 0 {
				most = 120 // a base with several words
			}
			ch := changes(t, w, most)
			w.put(ch)
			apply(t, c, ch)
			for range 12 {
				q := query(t)
				want, got := w.eligible(&q), walkAll(t, c.Load(), &q)
				if !slices.Equal(want, got) {
					t.Fatalf("step %d: a loop accepts %v, the walk %v\nquery %+v", step, want, got, q)
				}
			}
		}
	})
}

var (
	someSizes   = []campaign.Size{{W: 300, H: 250}, {W: 728, H: 90}, {W: 320, H: 50}}
	countries   = []string{"DEU", "FRA", "USA"}
	domains     = []string{"example.com", "news.example.com", "a.news.example.com", "example.org", "com", "xample.com"}
	bundles     = []string{"com.example.app", "123456", "com.Example.Game"}
	zones       = []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"}
	flightTimes = []string{"", "", "", "", "", "", "2026-12-01", "2026-12-02T13:00:00", "2026-12-02T12:00:00", "2026-12-03"}
)

func few[T any](t *rapid.T, from []T, name string) []T {
	if rapid.IntRange(0, 5).Draw(t, name+" given") < 5 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, name)
}

func list[T any](t *rapid.T, from []T, name string) campaign.List[T] {
	return campaign.List[T]{Include: few(t, from, name+" in"), Exclude: few(t, from, name+" out")}
}

func flight(t *rapid.T) campaign.Flight {
	local := func(name string) campaign.LocalTime {
		s := rapid.SampledFrom(flightTimes).Draw(t, name)
		if s == "" {
			return campaign.LocalTime{}
		}
		l, err := campaign.ParseLocalTime(s)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	return campaign.Flight{Start: local("start"), End: local("end")}
}

// changes returns new things and changed ones, of few parents. Archived
// things stay so.
func changes(t *rapid.T, w *world, most int) (ch campaign.Changes) {
	status := func(now campaign.Status) campaign.Status {
		if now == campaign.Archived {
			return now
		}
		switch n := rapid.IntRange(0, 39).Draw(t, "status"); {
		case n == 39:
			return campaign.Archived
		case n > 33:
			return campaign.Paused
		}
		return campaign.Active
	}
	for id := event.AdvertiserID(1); id <= 3; id++ {
		old, known := w.advertisers[id]
		if known && rapid.IntRange(0, 3).Draw(t, "advertiser") < 3 {
			continue
		}
		d := anAdvertiser(id)
		d.Status = status(old.Status)
		d.TimeZone = rapid.SampledFrom(zones).Draw(t, "zone")
		d.Currency = rapid.SampledFrom([]string{"EUR", "EUR", "USD"}).Draw(t, "currency")
		ch.Advertisers = append(ch.Advertisers, d)
	}
	for id := event.CampaignID(1); id <= 6; id++ {
		old, known := w.campaigns[id]
		if known && rapid.IntRange(0, 5).Draw(t, "campaign") < 5 {
			continue
		}
		d := aCampaign(id, event.AdvertiserID(id+1)/2)
		d.Status, d.Flight = status(old.Status), flight(t)
		ch.Campaigns = append(ch.Campaigns, d)
	}
	for range rapid.IntRange(most/2, most).Draw(t, "line items") {
		id := event.LineItemID(rapid.IntRange(1, 200).Draw(t, "line item"))
		d := lineItem(t, id)
		d.Status = status(w.lineItems[id].Status)
		old, known := w.lineItems[id]
		if known && rapid.Bool().Draw(t, "status only") {
			old.Status = d.Status
			d = old
		}
		ch.LineItems = slices.DeleteFunc(ch.LineItems, func(o campaign.LineItem) bool { return o.ID == id })
		ch.LineItems = append(ch.LineItems, d)
		for n := range rapid.IntRange(1, 3).Draw(t, "creatives") {
			c := aCreative(event.CreativeID(int(id)*3+n), id)
			c.Status = status(w.creatives[c.ID].Status)
			c.Size = rapid.SampledFrom(someSizes).Draw(t, "size")
			ch.Creatives = slices.DeleteFunc(ch.Creatives, func(o campaign.Creative) bool { return o.ID == c.ID })
			ch.Creatives = append(ch.Creatives, c)
		}
	}
	return ch
}

func lineItem(t *rapid.T, id event.LineItemID) campaign.LineItem {
	d := aLineItem(id, event.CampaignID(id%6+1))
	d.Goal.Amount = money.Nanos(rapid.IntRange(1, 8).Draw(t, "goal")) * money.Unit // ties and MaxBid
	d.Flight = flight(t)
	d.Targeting = campaign.Targeting{
		Exchanges:   list(t, []event.ExchangeID{1, 2, 3}, "exchanges"),
		Sizes:       list(t, someSizes, "sizes"),
		Countries:   list(t, countries, "countries"),
		DeviceTypes: list(t, []int{1, 2, 4, 8}, "devices"),
		Sites:       list(t, domains, "sites"),
		Apps:        list(t, bundles, "apps"),
		Segments:    list(t, []event.SegmentID{1, 2, 3, 4_000_000_000}, "segments"),
	}
	if rapid.IntRange(0, 7).Draw(t, "dayparted") == 7 {
		from := rapid.IntRange(0, 23).Draw(t, "from")
		d.Targeting.Dayparts = []campaign.Daypart{{
			Days: rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 6), func(d int) time.Weekday { return time.Weekday(d) }), 1, 4).Draw(t, "days"),
			From: from, To: rapid.IntRange(from+1, 24).Draw(t, "to"),
		}}
	}
	if rapid.IntRange(0, 5).Draw(t, "capped") == 5 {
		d.FrequencyCaps = []campaign.FrequencyCap{{
			Level:       rapid.SampledFrom([]campaign.CapLevel{campaign.CapLineItem, campaign.CapCampaign}).Draw(t, "level"),
			Impressions: rapid.IntRange(1, 2).Draw(t, "impressions"),
			Window:      time.Duration(rapid.IntRange(1, 3).Draw(t, "window")) * time.Hour,
		}}
	}
	return d
}

func query(t *rapid.T) Query {
	q := Query{
		Now:        moment(t),
		Exchange:   event.ExchangeID(rapid.IntRange(0, 4).Draw(t, "exchange")),
		DeviceType: rapid.SampledFrom([]int{0, 1, 2, 4, 5, 8, -1, 99}).Draw(t, "device"),
		UserKnown:  rapid.IntRange(0, 3).Draw(t, "user") < 3,

		NoSegments:  rapid.IntRange(0, 5).Draw(t, "segments closed") == 0,
		NoExposures: rapid.IntRange(0, 5).Draw(t, "exposures closed") == 0,
	}
	if rapid.IntRange(0, 5).Draw(t, "in any currency") > 0 {
		q.Currencies = []Currency{}
		for _, code := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"EUR", "USD", "JPY"}), 0, 3, rapid.ID).Draw(t, "currencies") {
			q.Currencies = append(q.Currencies, Currency{Code: code, Factor: rapid.SampledFrom([]float64{1, 0.5, 1.1, 160}).Draw(t, "factor")})
		}
	}
	copy(q.Country[:], rapid.SampledFrom([]string{"", "DEU", "FRA", "USA", "JPN"}).Draw(t, "country"))
	for _, s := range rapid.SliceOfN(rapid.SampledFrom(someSizes), 1, 4).Draw(t, "sizes") {
		q.Sizes = append(q.Sizes, openrtb.Size(s))
	}
	if rapid.IntRange(0, 9).Draw(t, "many sizes") == 9 { // more than a walk has room for
		for range maxRefs {
			q.Sizes = append(q.Sizes, openrtb.Size{W: 728, H: 90})
		}
	}
	if rapid.Bool().Draw(t, "on a site") {
		name := rapid.SampledFrom([]string{"", "www.", "a.b.c.", "x"}).Draw(t, "below") + rapid.SampledFrom(domains).Draw(t, "site")
		q.Site = []byte(mixCase(t, name) + rapid.SampledFrom([]string{"", "", "."}).Draw(t, "dot"))
	} else {
		q.App = []byte(mixCase(t, rapid.SampledFrom(bundles).Draw(t, "app")))
	}
	if q.UserKnown {
		q.Segments = few(t, []event.SegmentID{1, 2, 3, 9, 4_000_000_000}, "of segments")
		slices.Sort(q.Segments)
		q.Segments = slices.Compact(q.Segments)
		for range rapid.IntRange(0, 6).Draw(t, "exposures") {
			id := event.LineItemID(rapid.IntRange(1, 200).Draw(t, "seen"))
			q.Exposures = append(q.Exposures, campaign.Exposure{
				At:       q.Now.Add(-time.Duration(rapid.SampledFrom([]int{-1, 0, 1800, 3599, 3600, 3601, 7200, 10800}).Draw(t, "ago")) * time.Second),
				LineItem: id, Campaign: event.CampaignID(id%6 + 1),
			})
		}
	}
	return q
}

// moment is often at the edge of a flight or of a daypart.
func moment(t *rapid.T) time.Time {
	at := noon.Add(time.Duration(rapid.IntRange(-23, 26).Draw(t, "hour")) * time.Hour)
	return at.Add(rapid.SampledFrom([]time.Duration{-time.Nanosecond, 0, time.Second, 1234567 * time.Millisecond}).Draw(t, "past it"))
}

func mixCase(t *rapid.T, s string) string {
	if rapid.Bool().Draw(t, "upper") {
		return strings.ToUpper(s)
	}
	return s
}
