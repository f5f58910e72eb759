package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestTargetingEqualsALoop holds walk, Check and Factor against a plain
// reading of campaign types and the request, over every field of Targeting.
func TestTargetingEqualsALoop(t *testing.T) {
	accepted, refused := 0, map[openrtb.Reason]int{}
	rapid.Check(t, func(t *rapid.T) {
		c, w := newCatalog(t, 0), newWorld()
		ch := campaign.Changes{Advertisers: []campaign.Advertiser{anAdvertiser(1)}, Campaigns: []campaign.Campaign{aCampaign(1, 1)}}
		for _, text := range []struct {
			kind    campaign.InventoryKind
			entries string
		}{{campaign.InventorySites, "example.com\nexample.org\n"}, {campaign.InventoryApps, "com.Example.app\n"}, {campaign.InventoryPublishers, "Pub-1\n"}, {campaign.InventoryPlacements, "top\nside\n"}} {
			ch.InventoryLists = append(ch.InventoryLists, campaign.InventoryList{ID: campaign.InventoryListID(len(ch.InventoryLists) + 1),
				Name: "list", Status: campaign.Active, Kind: text.kind, Entries: strings.Count(text.entries, "\n"), Text: []byte(text.entries)})
		}
		for id := range event.LineItemID(rapid.IntRange(1, 90).Draw(t, "line items")) {
			d := aLineItem(id+1, 1)
			d.Targeting = drawTargeting(t, 4)
			for range rapid.IntRange(0, 2).Draw(t, "modifiers") {
				d.Modifiers = append(d.Modifiers, campaign.Modifier{When: drawTargeting(t, 1), Factor: rapid.SampledFrom([]float64{0.1, 0.7, 1, 1.7, 10}).Draw(t, "factor")})
			}
			if rapid.IntRange(0, 9).Draw(t, "curved") == 9 {
				d.Curve = campaign.FrequencyCurve{Level: campaign.CapAdvertiser, WindowSeconds: 7200, Factors: []float64{1, 0.5, 0.25}}
			}
			ch.LineItems, ch.Creatives = append(ch.LineItems, d), append(ch.Creatives, aCreative(event.CreativeID(id+1), id+1))
			if rapid.Bool().Draw(t, "has video") {
				v := aVideo()
				v.ID, v.LineItemID = event.CreativeID(1000+id), id+1
				ch.Creatives = append(ch.Creatives, v)
			}
		}
		w.put(ch)
		apply(t, c, ch)
		var q Query
		for range 12 {
			r, place, u := drawRequest(t), drawPlace(t), asked{}
			q.Reset()
			q.Now, q.Exchange = moment(t), event.ExchangeID(rapid.IntRange(1, 3).Draw(t, "exchange"))
			q.FromRequest(r, place)
			q.ForImp(&r.Imps[0])
			drawUser(t, &q)
			u.Query, u.lists = &q, ch.InventoryLists
			var want []event.LineItemID
			for _, id := range slices.Sorted(maps.Keys(w.lineItems)) {
				d := w.lineItems[id]
				li, _ := c.Load().LineItem(id)
				why := li.Check(&q)
				refused[why]++
				_, video := w.creatives[event.CreativeID(1000+id-1)]
				video = video && r.Imps[0].Video != nil && takes(d.Targeting.Formats, campaign.FormatVideo)
				banner := slices.Contains(q.Sizes, openrtb.Size{W: 300, H: 250}) && takes(d.Targeting.Formats, campaign.FormatBanner) &&
					u.sizes(d.Targeting.Sizes, []openrtb.Size{{W: 300, H: 250}})
				for i := range li.Creatives {
					if c := &li.Creatives[i]; c.Check(&q, &r.Imps[0], r) == openrtb.None && !takes(d.Targeting.Formats, c.Format) {
						t.Fatalf("line item %d may show a %s: %+v", id, c.Format, d.Targeting.Formats)
					}
				}
				if u.wants(&d.Targeting, id) && (d.Curve.IsZero() || q.UserKnown && !q.NoExposures) && (banner || video) {
					want = append(want, id)
					if got, f := li.Factor(&q), u.factor(&d); math.Abs(got-f) > 1e-9 {
						t.Fatalf("line item %d: factor %v, want %v", id, got, f)
					}
					if v := min(li.Value*li.Factor(&q), float64(li.MaxBid)); v > li.Bound {
						t.Fatalf("line item %d is worth %v, above its bound %v", id, v, li.Bound)
					}
				} else if why == openrtb.None {
					t.Fatalf("line item %d is accepted: %+v", id, d.Targeting)
				}
			}
			accepted += len(want)
			if got := walkAll(t, c.Load(), &q); !slices.Equal(got, want) {
				t.Fatalf("a loop accepts %v, the walk %v", want, got)
			}
		}
	})
	if drawsFew {
		return
	}
	for _, r := range []openrtb.Reason{openrtb.WrongDeal, openrtb.WrongPlace, openrtb.WrongNetwork, openrtb.NotAuthorised, openrtb.WrongContent,
		openrtb.WrongKeywords, openrtb.WrongPlacement, openrtb.WrongDemographics, openrtb.WrongUserData, openrtb.WrongRecency, openrtb.WrongSegments, openrtb.UserUnknown} {
		if refused[r] == 0 {
			t.Errorf("nothing was refused for %v", r)
		}
	}
	if accepted == 0 {
		t.Error("nothing was accepted")
	}
}

// drawTargeting restricts some fields, the more the rarer.
func drawTargeting(t *rapid.T, most int) (g campaign.Targeting) {
	on := map[int]bool{}
	const fields = 51
	for range rapid.IntRange(1, most).Draw(t, "fields") {
		on[rapid.IntRange(0, fields-1).Draw(t, "field")] = true
	}
	n := -1
	given := func() bool { n++; return on[n] }
	pick := func(values ...string) (l campaign.List[string]) {
		if given() {
			l = someOf(t, values)
		}
		return l
	}
	ints := func(values ...int) (l campaign.List[int]) {
		if given() {
			l = someOf(t, values)
		}
		return l
	}
	flag := func() *bool {
		if !given() {
			return nil
		}
		b := rapid.Bool().Draw(t, "flag")
		return &b
	}
	span := func(least, most int) (r campaign.Range) {
		if given() {
			r = campaign.Range{Min: least, Max: rapid.SampledFrom([]int{0, most}).Draw(t, "max")}
		}
		return r
	}
	g.Deals, g.Seats = pick("deal-1", "Deal-2"), pick("Seat-1", "s2")
	g.Publishers, g.Placements = pick("pub-1", "Pub-2"), pick("Top", "side")
	g.Sites, g.Apps = pick("example.com", "a.example.org"), pick("com.example.app")
	if given() {
		g.Exchanges = someOf(t, []event.ExchangeID{1, 2})
	}
	if given() {
		g.InventoryLists = someOf(t, []campaign.InventoryListID{1, 2, 3, 4})
	}
	g.AuthorisedOnly = given()
	g.Categories, g.Genres = pick("IAB3", "IAB3-1", "6:150"), pick("drama", "Comedy")
	g.ContentLangs, g.ContentRatings = pick("de", "en-GB"), pick("PG-13", "R")
	g.ContentLength, g.Livestream = span(60, 600), flag()
	g.Keywords = pick("running shoes", "Schuhe", "größe", "red")
	if given() {
		g.ContentData = someOf(t, dataSegments)
	}
	g.Positions, g.Formats = ints(0, 1, 3), campaign.List[campaign.Format]{}
	if given() {
		g.Formats = someOf(t, []campaign.Format{"banner", "video", "native", "audio"})
	}
	if given() {
		g.MinViewability = 50
	}
	if given() {
		g.Sizes = someOf(t, []campaign.Size{{W: 300, H: 250}, {W: 728, H: 90}})
	}
	g.Skippable, g.Rewarded = flag(), flag()
	g.VideoPlacements, g.PlaybackMethods = ints(1, 3, 4), ints(1, 2, 6)
	if given() {
		g.Rolls = someOf(t, []campaign.Roll{"pre", "mid", "post"})
	}
	g.NativeContexts, g.NativePlacements = ints(1, 2), ints(1, 4)
	g.Countries, g.Regions = pick("DEU", "USA"), pick("DE-BE", "US-CA")
	g.Cities, g.Zips, g.Metros = pick("DEU-Berlin", "DEU-München"), pick("DEU-10115", "USA-94105"), ints(501, 807)
	if given() {
		g.Areas = someOf(t, []campaign.Area{{Lat: 52.52, Lon: 13.405, RadiusKM: 20}, {Lat: 37.77, Lon: -122.42, RadiusKM: 50}})
	}
	g.IPRanges = pick("192.0.2.0/24", "2001:db8::/32")
	g.DeviceTypes, g.Connections = ints(1, 2, 4), ints(0, 2, 6)
	g.Makes, g.Models, g.Carriers = pick("apple", "Google"), pick("Pixel 8"), pick("Example Mobile")
	if given() {
		g.OSs = someOf(t, []campaign.Software{{Name: "android", MinVersion: "12", MaxVersion: "14"}, {Name: "ios"}})
	}
	if given() {
		g.Browsers = someOf(t, []campaign.Software{{Name: "chrome", MinVersion: "120"}, {Name: "safari"}})
	}
	g.Languages = pick("de", "en")
	if given() {
		g.Segments = someOf(t, []event.SegmentID{1, 2, 3})
	}
	if given() {
		e := drawRule(t, 1)
		g.SegmentRule = &e
	}
	g.Ages, g.Genders = span(18, 40), pick("M", "F")
	g.UserKeywords = pick("running shoes", "Größe", "red")
	if given() {
		g.UserData = someOf(t, dataSegments)
	}
	if given() {
		g.UserDayparts = []campaign.Daypart{{Days: week, From: 8, To: 14}}
	}
	if given() {
		g.Recency = someOf(t, []campaign.Recency{{Did: campaign.TouchConversion, Level: campaign.CapAdvertiser, WithinSeconds: 3600},
			{Did: campaign.TouchClick, Level: campaign.CapCampaign, WithinSeconds: 7200}, {Did: campaign.TouchImpression, Level: campaign.CapLineItem, WithinSeconds: 1800}})
	}
	if n+1 != fields {
		t.Fatalf("%d fields are drawn", n+1)
	}
	return g
}

// dataSegments are such that each part tells some of them apart.
var dataSegments = []campaign.DataSegment{
	{Provider: "data.example.com", ID: "a"}, {Provider: "Data.example.com", Taxonomy: 4, ID: "a"}, {Taxonomy: 4, ID: "a"}, {Taxonomy: 5, ID: "a"},
	{Provider: "other", ID: "A", Value: "x"}, {Taxonomy: 4, ID: "a", Value: "x"}, {Provider: "other", Taxonomy: 5, ID: "b", Value: "X"}, {Provider: "other", ID: "b"},
}

func drawSegments(t *rapid.T) (all []openrtb.DataSegment) {
	text := func(values ...string) []byte { return []byte(rapid.SampledFrom(values).Draw(t, "text")) }
	others := rapid.SampledFrom([]int{0, 0, 0, 12, 300}).Draw(t, "other segments")
	for i := range others {
		all = append(all, openrtb.DataSegment{Provider: []byte("data.example.com"), ID: fmt.Appendf(nil, "other %d", i), Taxonomy: 4, Value: []byte("x")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "segments") {
		s := openrtb.DataSegment{Provider: text("", "data.example.com", "DATA.example.com", "other"), ID: text("a", "A", "b"), Value: text("", "", "x", "X"),
			Taxonomy: rapid.SampledFrom([]int{0, 4, 5, -1}).Draw(t, "segtax")}
		all = slices.Insert(all, rapid.IntRange(0, len(all)).Draw(t, "at"), s)
	}
	return all
}

func someOf[T any](t *rapid.T, from []T) (l campaign.List[T]) {
	some := rapid.SliceOfN(rapid.SampledFrom(from), 1, 2)
	if rapid.IntRange(0, 2).Draw(t, "include") > 0 {
		l.Include = some.Draw(t, "in")
	}
	if len(l.Include) == 0 || rapid.IntRange(0, 3).Draw(t, "exclude") == 0 {
		l.Exclude = some.Draw(t, "out")
	}
	return l
}

func drawRule(t *rapid.T, depth int) (r campaign.SegmentRule) {
	kind := rapid.IntRange(0, 4).Draw(t, "term")
	if depth == 4 {
		kind = 0
	}
	switch kind {
	case 1:
		r.All = []campaign.SegmentRule{drawRule(t, depth+1), drawRule(t, depth+1)}
	case 2:
		r.Any = []campaign.SegmentRule{drawRule(t, depth+1), drawRule(t, depth+1)}
	case 3:
		not := drawRule(t, depth+1)
		r.Not = &not
	default:
		r.Segment, r.WithinHours = rapid.SampledFrom([]event.SegmentID{1, 2, 3}).Draw(t, "segment"), rapid.SampledFrom([]int{0, 0, 1, 24}).Draw(t, "within")
	}
	return r
}

func drawRequest(t *rapid.T) *openrtb.Request {
	text := func(values ...string) []byte {
		return []byte(mixCase(t, rapid.SampledFrom(append(values, "")).Draw(t, "text")))
	}
	all := func(values ...string) (b [][]byte) {
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, "texts") {
			b = append(b, []byte(mixCase(t, s)))
		}
		return b
	}
	one := func(values ...int) int { return rapid.SampledFrom(values).Draw(t, "number") }
	p := &openrtb.Publication{
		PublisherID: text("pub-1", "pub-2", "pub-3"), Categories: all("IAB3-1", "IAB3", "IAB4"), PageCategories: all("150", "IAB3-2"),
		CategoryTaxonomy: one(0, 1, 6), Keywords: all("running shoes", "red", "GRÖSSE groß"), Page: text("https://red.example.com/a/running-sh%6fes?q=schuhe", "https://x.example/running/big/shoes"),
	}
	if rapid.Bool().Draw(t, "content") {
		p.Content = &openrtb.Content{Genre: text("drama", "comedy"), Language: text("de", "en-gb"), Rating: text("PG-13"), Length: one(0, 30, 60, 600, 601),
			Live: one(-1, 0, 1), Title: text("Die Größe, running: shoes", "shoes, red"), Categories: all("150", "IAB3-9"), CategoryTaxonomy: one(0, 6, -1), Data: drawSegments(t)}
	}
	r := &openrtb.Request{AllowedSeats: all("seat-1", "s2"), Device: openrtb.Device{
		Type: one(0, 1, 2, 4), Make: text("Apple", "google"), Model: text("pixel 8"), Carrier: text("example mobile"), ConnectionType: one(0, 2, 6),
		Language: text("de", "en-US", "fr"), UserAgent: []byte(rapid.SampledFrom([]string{"",
			"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (Linux; Android 9; X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"}).Draw(t, "agent")),
		HasUTCOffset: rapid.Bool().Draw(t, "offset"), UTCOffset: one(-480, 0, 330)}}
	if rapid.Bool().Draw(t, "app") {
		p.Bundle, r.App = text("com.example.app", "other"), p
	} else {
		p.Domain, r.Site = text("www.example.com", "example.org", "b.a.example.org"), p
	}
	imp := openrtb.Imp{TagID: text("top", "side"), Rewarded: rapid.Bool().Draw(t, "rewarded"), Viewability: rapid.SampledFrom([]float64{-1, 0.2, 0.5, 0.9}).Draw(t, "viewability"),
		Banner: &openrtb.Banner{Sizes: []openrtb.Size{{W: one(300, 728), H: 250}}, Position: one(0, 1, 3)}}
	for _, id := range all("deal-1", "deal-2", "deal-3") {
		imp.Deals = append(imp.Deals, openrtb.Deal{ID: id, AllowedSeats: all("seat-1", "s3")})
	}
	if rapid.Bool().Draw(t, "video") {
		imp.Video = &openrtb.Video{Position: one(0, 1, 7), Media: openrtb.Media{Skippable: one(-1, 0, 1), HasStartDelay: rapid.Bool().Draw(t, "starts"), StartDelay: one(0, 30, -1, -2, -3)},
			Plcmt: one(0, 1, 3), Placement: one(0, 1, 2, 4, 5), PlaybackMethods: [][]int{nil, {1}, {2, 6}}[one(0, 1, 2)]}
	}
	if rapid.Bool().Draw(t, "native") {
		imp.Native = &openrtb.Native{Context: one(0, 1, 3), PlacementType: one(0, 1, 4)}
	}
	r.Imps = []openrtb.Imp{imp}
	if rapid.IntRange(0, 2).Draw(t, "full") == 0 {
		crowd(t, r)
	}
	return r
}

// crowd puts as many values into some lists of a request as a request may
// have, before or behind those that anybody asks for.
func crowd(t *rapid.T, r *openrtb.Request) {
	p := r.Site
	if p == nil {
		p = r.App
	}
	imp := &r.Imps[0]
	lists := []*[][]byte{&r.AllowedSeats, &p.Categories, &p.SectionCategories, &p.PageCategories}
	for i := range imp.Deals {
		lists = append(lists, &imp.Deals[i].AllowedSeats)
	}
	if p.Content != nil {
		lists = append(lists, &p.Content.Categories)
	}
	others := func() (others [][]byte) {
		for i := range rapid.SampledFrom([]int{0, 17, 60, 200}).Draw(t, "others") {
			others = append(others, fmt.Appendf(nil, "IAB%d-%d", i/20+5, i%20+1))
		}
		return others
	}
	for _, l := range lists {
		if o := others(); rapid.Bool().Draw(t, "in front") {
			*l = append(o, *l...)
		} else {
			*l = append(*l, o...)
		}
	}
	for _, id := range others() {
		d := openrtb.Deal{ID: id, AllowedSeats: [][]byte{id, []byte("s8"), []byte("s9")}}
		if rapid.Bool().Draw(t, "in front") {
			imp.Deals = append([]openrtb.Deal{d}, imp.Deals...)
		} else {
			imp.Deals = append(imp.Deals, d)
		}
	}
}

func drawPlace(t *rapid.T) *geo.Place {
	p := &geo.Place{Metro: rapid.SampledFrom([]int{0, 501, 807}).Draw(t, "metro")}
	copy(p.Country[:], rapid.SampledFrom([]string{"", "DEU", "USA", "FRA"}).Draw(t, "country"))
	copy(p.Region[:], rapid.SampledFrom([]string{"", "DE-BE", "US-CA"}).Draw(t, "region"))
	p.City = []byte(rapid.SampledFrom([]string{"", "berlin", "MÜNCHEN", "Hamburg"}).Draw(t, "city"))
	p.Zip = []byte(rapid.SampledFrom([]string{"", "10115", "94105-1234", "94105 1234", "94105"}).Draw(t, "zip"))
	p.HasPoint = rapid.Bool().Draw(t, "point")
	p.Lat, p.Lon = 52.5, 13.3
	p.Accuracy = rapid.SampledFrom([]int{0, 30, 20_000, 20_001, 60_000, 5_000_000}).Draw(t, "accuracy")
	if rapid.Bool().Draw(t, "west") {
		p.Lat, p.Lon = 37.8, -122.3
	}
	if rapid.IntRange(0, 3).Draw(t, "zoned") == 0 {
		p.Zone = kathmandu
	}
	return p
}

// kathmandu is where clocks are off by a quarter of an hour.
var kathmandu = time.FixedZone("Asia/Kathmandu", (5*60+45)*60)

func drawUser(t *rapid.T, q *Query) {
	q.Authorised = rapid.Bool().Draw(t, "authorised")
	for i := range q.Addresses {
		q.Addresses[i], _ = netip.ParsePrefix(rapid.SampledFrom([]string{"", "192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16", "198.51.100.1/32", "2001:db8::1/128", "2001::/16"}).Draw(t, "address"))
	}
	q.Age, q.Gender = rapid.SampledFrom([]int{0, 17, 18, 40, 41}).Draw(t, "age"), rapid.SampledFrom([]byte{0, 'M', 'F', 'O'}).Draw(t, "gender")
	q.UserKeywords = [][][]byte{nil, {[]byte("Running"), []byte("shoes")}, {[]byte("red running shoes"), []byte("x")}, {[]byte("GRÖSSE, größe")}}[rapid.IntRange(0, 3).Draw(t, "user keywords")]
	q.UserData = drawSegments(t)
	q.UserKnown = rapid.IntRange(0, 3).Draw(t, "user") > 0
	q.NoSegments, q.NoExposures = rapid.IntRange(0, 9).Draw(t, "no segments") == 9, rapid.IntRange(0, 9).Draw(t, "no exposures") == 9
	for id := event.SegmentID(1); id <= 3; id++ {
		if rapid.Bool().Draw(t, "in") {
			q.Segments = append(q.Segments, id)
			q.Since = append(q.Since, uint32(q.Now.Unix())-rapid.SampledFrom([]uint32{0, 3599, 3600, 90_000, uint32(q.Now.Unix())}).Draw(t, "since"))
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "touches") {
		q.Exposures = append(q.Exposures, campaign.Exposure{At: q.Now.Add(-time.Duration(rapid.SampledFrom([]int{0, 1799, 1800, 3600, 7199, 7200}).Draw(t, "ago")) * time.Second),
			LineItem: event.LineItemID(rapid.IntRange(1, 9).Draw(t, "seen")), Campaign: event.CampaignID(rapid.IntRange(1, 2).Draw(t, "of")), Advertiser: event.AdvertiserID(rapid.IntRange(0, 1).Draw(t, "by")),
			Kind: rapid.SampledFrom([]campaign.TouchKind{"", "impression", "click", "conversion"}).Draw(t, "kind")})
	}
}

// asked reads a request as the documentation says, slowly.
type asked struct {
	*Query
	lists []campaign.InventoryList
}

// among says whether one of what there is fits the list, and none is excluded.
func among[T any](l campaign.List[T], there []string, same func(T, string) bool) bool {
	in := func(list []T) bool {
		return slices.ContainsFunc(list, func(v T) bool { return slices.ContainsFunc(there, func(s string) bool { return same(v, s) }) })
	}
	return (len(l.Include) == 0 || in(l.Include)) && !in(l.Exclude)
}

// exactly is texted for ids, which are told apart by case.
func exactly(l campaign.List[string], there ...[]byte) bool {
	return among(l, stringsOf(slices.DeleteFunc(slices.Clone(there), func(b []byte) bool { return len(b) == 0 })), func(a, b string) bool { return a == b })
}

func texted(l campaign.List[string], there ...[]byte) bool {
	var s []string
	for _, b := range there {
		if len(b) > 0 {
			s = append(s, string(b))
		}
	}
	return among(l, s, func(a, b string) bool { return strings.EqualFold(a, b) })
}

func numbered(l campaign.List[int], there ...int) bool {
	var s []string
	for _, n := range there {
		s = append(s, fmt.Sprint(n))
	}
	return among(l, s, func(a int, b string) bool { return fmt.Sprint(a) == b })
}

func flagged(want *bool, values ...int) bool {
	return want == nil || slices.ContainsFunc(values, func(v int) bool { return v >= 0 && (v == 1) == *want })
}

func (u asked) sizes(l campaign.List[campaign.Size], there []openrtb.Size) bool {
	var s []string
	for _, x := range there {
		s = append(s, fmt.Sprint(x))
	}
	return among(l, s, func(a campaign.Size, b string) bool { return fmt.Sprint(openrtb.Size(a)) == b })
}

func (u asked) wants(g *campaign.Targeting, id event.LineItemID) bool {
	r, imp := u.request, u.imp
	p := r.Site
	if p == nil {
		p = r.App
	}
	content := p.Content
	if content == nil {
		content = &openrtb.Content{Live: -1, CategoryTaxonomy: 1}
	}
	var deals, seats [][]byte
	seats = append(seats, r.AllowedSeats...)
	for _, d := range imp.Deals {
		deals, seats = append(deals, d.ID), append(seats, d.AllowedSeats...)
	}
	inList := func(ids []campaign.InventoryListID) bool {
		return slices.ContainsFunc(u.lists, func(l campaign.InventoryList) bool {
			entries := strings.Fields(string(l.Text))
			has := map[campaign.InventoryKind]bool{campaign.InventorySites: onSite(entries, u.Site), campaign.InventoryApps: inApp(entries, u.App),
				campaign.InventoryPublishers: slices.Contains(entries, string(p.PublisherID)), campaign.InventoryPlacements: slices.Contains(entries, string(imp.TagID))}
			return slices.Contains(ids, l.ID) && has[l.Kind]
		})
	}
	placed := len(g.Sites.Include)+len(g.Apps.Include)+len(g.InventoryLists.Include) == 0 ||
		onSite(g.Sites.Include, u.Site) || inApp(g.Apps.Include, u.App) || inList(g.InventoryLists.Include)
	if !takes(g.Exchanges, u.Exchange) || !placed || onSite(g.Sites.Exclude, u.Site) || inApp(g.Apps.Exclude, u.App) || inList(g.InventoryLists.Exclude) ||
		!exactly(g.Deals, deals...) || !texted(g.Seats, seats...) || !exactly(g.Publishers, p.PublisherID) || !exactly(g.Placements, imp.TagID) || g.AuthorisedOnly && !u.Authorised {
		return false
	}
	return u.wantsContent(g, p, content) && u.wantsImp(g, imp) && u.wantsPlace(g) && u.wantsDevice(g, &r.Device) && u.wantsUser(g, id)
}

func (u asked) wantsContent(g *campaign.Targeting, p *openrtb.Publication, c *openrtb.Content) bool {
	var categories [][]byte
	add := func(taxonomy int, list [][]byte) {
		for _, x := range list {
			switch taxonomy {
			case 0, 1:
				tier1, _, _ := bytes.Cut(x, []byte("-"))
				categories = append(categories, x, tier1)
			case 6:
				categories = append(categories, []byte("6:"+string(x)))
			}
		}
	}
	add(p.CategoryTaxonomy, p.Categories)
	add(p.CategoryTaxonomy, p.SectionCategories)
	add(p.CategoryTaxonomy, p.PageCategories)
	add(c.CategoryTaxonomy, c.Categories)
	language, _, _ := bytes.Cut(c.Language, []byte("-"))

	path := string(p.Page)
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	path = strings.NewReplacer("%6f", "o", "%6F", "o").Replace(path)
	texts := append([]string{path, string(c.Title)}, stringsOf(p.Keywords)...)
	return texted(g.Categories, categories...) && texted(g.Genres, c.Genre) && texted(g.ContentLangs, c.Language, language) && texted(g.ContentRatings, c.Rating) &&
		(g.ContentLength == campaign.Range{} || c.Length > 0 && c.Length >= g.ContentLength.Min && (g.ContentLength.Max == 0 || c.Length <= g.ContentLength.Max)) &&
		flagged(g.Livestream, c.Live) &&
		phrased(g.Keywords, texts) && segmented(g.ContentData, c.Data)
}

// phrased says whether texts have the phrases that a list wants.
func phrased(l campaign.List[string], texts []string) bool {
	var pieces []string // of words, each with a space before and behind
	for _, s := range texts {
		for _, piece := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
			pieces = append(pieces, " "+words(piece)+" ")
		}
	}
	return among(l, pieces, func(k, piece string) bool { return strings.Contains(piece, " "+words(k)+" ") })
}

// segmented says whether the segments are such as a list wants.
func segmented(l campaign.List[campaign.DataSegment], there []openrtb.DataSegment) bool {
	in := func(list []campaign.DataSegment) bool {
		return slices.ContainsFunc(list, func(want campaign.DataSegment) bool {
			return slices.ContainsFunc(there, func(s openrtb.DataSegment) bool {
				return string(s.ID) == want.ID && (want.Provider == "" || strings.EqualFold(want.Provider, string(s.Provider))) &&
					(want.Taxonomy == 0 || want.Taxonomy == s.Taxonomy) && (want.Value == "" || want.Value == string(s.Value))
			})
		})
	}
	return (len(l.Include) == 0 || in(l.Include)) && !in(l.Exclude)
}

func words(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }), " "))
}

func stringsOf(all [][]byte) (s []string) {
	for _, b := range all {
		s = append(s, string(b))
	}
	return s
}

func (u asked) wantsImp(g *campaign.Targeting, imp *openrtb.Imp) bool {
	positions, skip, formats := []int{imp.Banner.Position}, []int{-1}, []string{"banner"}
	if imp.Video != nil {
		positions, skip, formats = append(positions, imp.Video.Position), append(skip, imp.Video.Skippable), append(formats, "video")
	}
	if imp.Native != nil {
		formats = append(formats, "native")
	}
	var placements, playback, contexts, looks []int
	var rolls []string
	if v := imp.Video; v != nil {
		playback = v.PlaybackMethods
		if v.Plcmt != 0 {
			placements = []int{v.Plcmt}
		} else {
			placements = map[int][]int{2: {4}, 4: {4}, 5: {3}}[v.Placement]
		}
		if name := map[int]string{0: "pre", 30: "mid", -1: "mid", -2: "post"}[v.StartDelay]; v.HasStartDelay && name != "" {
			rolls = []string{name}
		}
	}
	if n := imp.Native; n != nil {
		for _, x := range [...]struct {
			to *[]int
			n  int
		}{{&contexts, n.Context}, {&looks, n.PlacementType}} {
			if x.n != 0 {
				*x.to = append(*x.to, x.n)
			}
		}
	}
	if !numbered(g.VideoPlacements, placements...) || !numbered(g.PlaybackMethods, playback...) || !numbered(g.NativeContexts, contexts...) ||
		!numbered(g.NativePlacements, looks...) || !among(g.Rolls, rolls, func(r campaign.Roll, s string) bool { return string(r) == s }) {
		return false
	}
	rewarded := 0
	if imp.Rewarded {
		rewarded = 1
	}
	return numbered(g.Positions, positions...) && flagged(g.Skippable, skip...) && flagged(g.Rewarded, rewarded) &&
		among(g.Formats, formats, func(f campaign.Format, s string) bool { return string(f) == s }) && (g.MinViewability == 0 || imp.Viewability >= float64(g.MinViewability)/100)
}

func (u asked) wantsPlace(g *campaign.Targeting) bool {
	p, country := u.place, string(u.place.Country[:])
	named := func(l campaign.List[string], name []byte) bool {
		if len(name) == 0 {
			return texted(l)
		}
		return texted(l, []byte(country+"-"+string(name)))
	}
	metro := []int{p.Metro}
	if p.Metro == 0 {
		metro = nil
	}
	away := func(a campaign.Area) float64 { return geo.Distance(a.Lat, a.Lon, p.Lat, p.Lon) - a.RadiusKM*1000 }
	good := float64(p.Accuracy)
	in := p.HasPoint && slices.ContainsFunc(g.Areas.Include, func(a campaign.Area) bool { return away(a) <= 0 && good <= a.RadiusKM*1000 })
	mayBeIn := p.HasPoint && slices.ContainsFunc(g.Areas.Exclude, func(a campaign.Area) bool { return away(a) <= good })
	inRange := func(all []string) bool {
		return slices.ContainsFunc(all, func(s string) bool {
			r := netip.MustParsePrefix(s)
			return slices.ContainsFunc(u.Addresses[:], func(p netip.Prefix) bool { return r.Bits() <= p.Bits() && r.Contains(p.Addr()) })
		})
	}
	mayBeInRange := func(all []string) bool {
		return slices.ContainsFunc(all, func(s string) bool {
			return slices.ContainsFunc(u.Addresses[:], netip.MustParsePrefix(s).Overlaps)
		})
	}
	zip := func() bool {
		there := [][]byte{}
		if plain := strings.NewReplacer(" ", "", "-", "").Replace(string(p.Zip)); plain != "" {
			there = append(there, []byte(country+"-"+plain))
			if country == "USA" {
				there = append(there, []byte(country+"-"+plain[:5]))
			}
		}
		return texted(g.Zips, there...)
	}
	return takes(g.Countries, country) && texted(g.Regions, bytes.TrimRight(p.Region[:], "\x00")) && named(g.Cities, p.City) && zip() &&
		numbered(g.Metros, metro...) && (len(g.Areas.Include) == 0 || in) && !mayBeIn &&
		(len(g.IPRanges.Include) == 0 || inRange(g.IPRanges.Include)) && !mayBeInRange(g.IPRanges.Exclude)
}

func (u asked) wantsDevice(g *campaign.Targeting, d *openrtb.Device) bool {
	s := d.Software()
	runs := func(l campaign.List[campaign.Software], name string, v openrtb.Version) bool {
		in := func(all []campaign.Software) bool {
			return slices.ContainsFunc(all, func(x campaign.Software) bool {
				number := func(s string) (n int) { fmt.Sscan(s, &n); return n }
				return x.Name == name && (x.MinVersion == "" && x.MaxVersion == "" || v != 0 && v.Major() >= number(x.MinVersion)) &&
					(x.MaxVersion == "" || v != 0 && v.Major() <= number(x.MaxVersion))
			})
		}
		return (len(l.Include) == 0 || in(l.Include)) && !in(l.Exclude)
	}
	language, _, _ := bytes.Cut(d.Language, []byte("-"))
	return takes(g.DeviceTypes, d.Type) && numbered(g.Connections, d.ConnectionType) && texted(g.Makes, d.Make) && texted(g.Models, d.Model) &&
		texted(g.Carriers, d.Carrier) && texted(g.Languages, d.Language, language) &&
		runs(g.OSs, s.OS.String(), s.OSVersion) && runs(g.Browsers, s.Browser.String(), s.BrowserVersion)
}

func (u asked) wantsUser(g *campaign.Targeting, id event.LineItemID) bool {
	if len(g.UserDayparts) > 0 {
		local, known := u.Now, true
		switch d := u.request.Device; {
		case d.HasUTCOffset:
			local = u.Now.In(time.FixedZone("", d.UTCOffset*60))
		case u.place.Zone != nil:
			local = u.Now.In(u.place.Zone)
		case u.place.Country == [3]byte{'D', 'E', 'U'}:
			local = u.Now.In(time.FixedZone("", 3600)) // in winter
		case u.place.Country == [3]byte{'F', 'R', 'A'}:
			local = u.Now.In(time.FixedZone("", 3600))
		default:
			known = false
		}
		if !known || local.Hour() < 8 || local.Hour() >= 14 {
			return false
		}
	}
	if g.Ages != (campaign.Range{}) && (u.Age == 0 || u.Age < g.Ages.Min || g.Ages.Max != 0 && u.Age > g.Ages.Max) {
		return false
	}
	gender := []byte{u.Gender}
	if u.Gender == 0 {
		gender = nil
	}
	if !texted(g.Genders, gender) || !phrased(g.UserKeywords, stringsOf(u.UserKeywords)) || !segmented(g.UserData, u.UserData) {
		return false
	}
	if (!g.Segments.IsZero() || g.SegmentRule != nil) && (!u.UserKnown || u.NoSegments) || !g.Recency.IsZero() && (!u.UserKnown || u.NoExposures) {
		return false
	}
	in := func(all []event.SegmentID) bool {
		return slices.ContainsFunc(all, func(s event.SegmentID) bool { return slices.Contains(u.Segments, s) })
	}
	lately := func(all []campaign.Recency) bool {
		return slices.ContainsFunc(all, func(x campaign.Recency) bool {
			return slices.ContainsFunc(u.Exposures, func(e campaign.Exposure) bool {
				kind := e.Kind
				if kind == "" {
					kind = campaign.TouchImpression
				}
				same := map[campaign.CapLevel]bool{campaign.CapLineItem: e.LineItem == id, campaign.CapCampaign: e.Campaign == 1, campaign.CapAdvertiser: e.Advertiser == 1}
				return kind == x.Did && same[x.Level] && u.Now.Sub(e.At) < time.Duration(x.WithinSeconds)*time.Second
			})
		})
	}
	return (len(g.Segments.Include) == 0 || in(g.Segments.Include)) && !in(g.Segments.Exclude) && (g.SegmentRule == nil || u.true(*g.SegmentRule)) &&
		(len(g.Recency.Include) == 0 || lately(g.Recency.Include)) && !lately(g.Recency.Exclude)
}

func (u asked) true(r campaign.SegmentRule) bool {
	if r.Segment != 0 {
		i := slices.Index(u.Segments, r.Segment)
		return i >= 0 && (r.WithinHours == 0 || u.Since[i] != 0 && u.Now.Unix()-int64(u.Since[i]) < int64(r.WithinHours)*3600)
	}
	if r.Not != nil {
		return !u.true(*r.Not)
	}
	n := 0
	for _, x := range append(slices.Clone(r.All), r.Any...) {
		if u.true(x) {
			n++
		}
	}
	return n > 0 && (len(r.All) == 0 || n == len(r.All))
}

func (u asked) factor(d *campaign.LineItem) float64 {
	f := 1.0
	for _, m := range d.Modifiers {
		if u.wants(&m.When, d.ID) && u.sizes(m.When.Sizes, u.Sizes) {
			f *= m.Factor
		}
	}
	f = min(max(f, 0.1), 10)
	if d.Curve.IsZero() {
		return f
	}
	n := 0
	for _, e := range u.Exposures {
		if (e.Kind == "" || e.Kind == campaign.TouchImpression) && e.Advertiser == 1 && u.Now.Sub(e.At) < 2*time.Hour {
			n++
		}
	}
	return f * d.Curve.Factors[min(n, 2)]
}
