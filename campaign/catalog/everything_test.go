package catalog

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// everything is a realistic catalog whose line items ask for much more: each
// for some four of all the dimensions that there are, among them a list of
// inventory and, one in four, for three modifiers.
func everything(r *rand.Rand, n int) campaign.Changes {
	ch := realistic(r, n)
	ch.InventoryLists = []campaign.InventoryList{generatedSites(1, 50_000)}
	word := func() string { return fmt.Sprintf("word%d", skewed(r, 400)) }
	text := func(format string, n int) func() string {
		return func() string { return fmt.Sprintf(format, skewed(r, n)) }
	}
	segment := func() campaign.DataSegment {
		return campaign.DataSegment{Provider: "data.example.com", ID: fmt.Sprint(skewed(r, 400))}
	}
	rule := func() *campaign.SegmentRule {
		some := upTo(r, 3, func() campaign.SegmentRule {
			return campaign.SegmentRule{Segment: event.SegmentID(skewed(r, 500)), WithinHours: 24 * r.IntN(3)}
		})
		return &campaign.SegmentRule{All: []campaign.SegmentRule{{Any: some}, {Not: &campaign.SegmentRule{Segment: event.SegmentID(400 + r.IntN(100))}}}}
	}
	dimensions := []func(*campaign.Targeting){
		func(t *campaign.Targeting) { t.Keywords.Include = upTo(r, 20, word) },
		func(t *campaign.Targeting) {
			t.Keywords.Exclude = upTo(r, 20, func() string { return word() + " " + word() })
		},
		func(t *campaign.Targeting) {
			t.Areas.Include = upTo(r, 5, func() campaign.Area {
				return campaign.Area{Lat: 47 + 8*r.Float64(), Lon: 6 + 9*r.Float64(), RadiusKM: 20 + 200*r.Float64()}
			})
		},
		func(t *campaign.Targeting) {
			t.IPRanges.Exclude = upTo(r, 20, func() string { return fmt.Sprintf("198.51.%d.0/24", r.IntN(256)) })
		},
		func(t *campaign.Targeting) { t.SegmentRule = rule() },
		func(t *campaign.Targeting) { t.Dayparts = []campaign.Daypart{{Days: week, From: r.IntN(12), To: 24}} },
		func(t *campaign.Targeting) {
			t.UserDayparts = []campaign.Daypart{{Days: week, From: r.IntN(12), To: 24}}
		},
		func(t *campaign.Targeting) {
			t.OSs.Include = []campaign.Software{{Name: "android", MinVersion: fmt.Sprint(9 + r.IntN(6))}, {Name: "ios"}}
		},
		func(t *campaign.Targeting) {
			t.Browsers.Exclude = []campaign.Software{{Name: "chrome", MaxVersion: "99"}}
		},
		func(t *campaign.Targeting) { t.Categories.Exclude = upTo(r, 5, text("IAB%d-1", 24)) },
		func(t *campaign.Targeting) { t.Languages.Include = []string{"de", "en"} },
		func(t *campaign.Targeting) { t.Makes.Exclude = upTo(r, 3, text("maker %d", 20)) },
		func(t *campaign.Targeting) { t.Carriers.Exclude = upTo(r, 3, text("carrier %d", 20)) },
		func(t *campaign.Targeting) { t.Connections.Include = []int{2, 4, 5, 6} },
		func(t *campaign.Targeting) { t.Regions.Include = upTo(r, 8, text("DE-%02d", 16)) },
		func(t *campaign.Targeting) { t.Publishers.Exclude = upTo(r, 20, text("pub-%d", 5000)) },
		func(t *campaign.Targeting) { t.InventoryLists.Exclude = []campaign.InventoryListID{1} },
		func(t *campaign.Targeting) { t.Positions.Include, t.MinViewability = []int{0, 1, 3}, 20 },
		func(t *campaign.Targeting) { t.Ages, t.Genders.Exclude = campaign.Range{Min: 18}, []string{"O"} },
		func(t *campaign.Targeting) { t.UserKeywords.Include = upTo(r, 20, word) },
		func(t *campaign.Targeting) { t.UserData.Include = upTo(r, 20, segment) },
		func(t *campaign.Targeting) { t.ContentData.Exclude = upTo(r, 20, segment) },
		func(t *campaign.Targeting) {
			t.Recency.Exclude = []campaign.Recency{{Did: campaign.TouchConversion, Level: campaign.CapAdvertiser, WithinSeconds: 86_400}}
		},
	}
	for i := range ch.LineItems {
		d := &ch.LineItems[i]
		for range 4 {
			dimensions[r.IntN(len(dimensions))](&d.Targeting)
		}
		if i%4 == 0 {
			for _, at := range r.Perm(len(dimensions))[:3] {
				m := campaign.Modifier{Factor: 0.5 + r.Float64()}
				dimensions[at](&m.When)
				d.Modifiers = append(d.Modifiers, m)
			}
			d.Curve = campaign.FrequencyCurve{Level: campaign.CapLineItem, WindowSeconds: 86_400, Factors: []float64{1, 0.7, 0.4}}
		}
	}
	return ch
}

// asking is a request with all that line items of everything ask for.
type asking struct {
	query   Query // what the caller sets
	request openrtb.Request
	place   geo.Place
}

func askingOf(r *rand.Rand) *asking {
	text := func(format string, n int) []byte { return fmt.Appendf(nil, format, skewed(r, n)) }
	a := &asking{query: realQuery(r)}
	q := &a.query
	q.Addresses[0] = netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, byte(r.IntN(256)), 7}), 32)
	q.Age, q.Gender = 18+r.IntN(60), "MFO"[r.IntN(3)]
	for range q.Segments {
		q.Since = append(q.Since, uint32(noon.Unix())-uint32(r.IntN(200_000)))
	}
	for range 30 {
		q.UserData = append(q.UserData, openrtb.DataSegment{Provider: []byte("data.example.com"), Taxonomy: 4, ID: text("%d", 400)})
		q.UserKeywords = append(q.UserKeywords, text("word%d", 400))
	}
	page := "https://www.example.com/"
	var keywords [][]byte
	for range 12 {
		page += fmt.Sprintf("word%d-", skewed(r, 400))
		keywords = append(keywords, text("word%d", 400))
	}
	a.request = openrtb.Request{
		Site: &openrtb.Publication{Domain: q.Site, Page: []byte(page), Keywords: keywords, PublisherID: text("pub-%d", 5000),
			Categories: [][]byte{text("IAB%d-2", 24), text("IAB%d-1", 24)}, Content: &openrtb.Content{Title: []byte("word1 of word2 and word3"), Live: -1, Data: q.UserData[:5]}},
		Device: openrtb.Device{Type: q.DeviceType, Make: text("Maker %d", 20), Carrier: text("Carrier %d", 20), ConnectionType: 2, Language: []byte("de-AT"),
			UserAgent:    fmt.Appendf(nil, "Mozilla/5.0 (Linux; Android %d; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Mobile Safari/537.36", 9+r.IntN(6), 95+r.IntN(40)),
			HasUTCOffset: true, UTCOffset: 60},
		Imps: []openrtb.Imp{{TagID: text("tag-%d", 500), Viewability: 0.6, Banner: &openrtb.Banner{Sizes: q.Sizes, Position: 1}}},
	}
	a.place = geo.Place{Country: q.Country, HasPoint: true, Lat: 47 + 8*r.Float64(), Lon: 6 + 9*r.Float64(), Zip: text("%05d", 99_999)}
	copy(a.place.Region[:], text("DE-%02d", 16))
	return a
}

// fill has a query say what a request says, as a bidder does.
func (a *asking) fill(q *Query) {
	facts := q.facts
	*q = a.query
	q.facts = facts
	q.FromRequest(&a.request, &a.place)
	q.ForImp(&a.request.Imps[0])
}

// firstTaker walks to the first line item that takes the request.
func firstTaker(s *Snapshot, q *Query, w *Walk) (checked int, worth float64) {
	for s.Walk(q, w); ; checked++ {
		li, ok := w.Next()
		if !ok {
			return checked, 0
		}
		if li.Check(q) == openrtb.None {
			return checked + 1, li.Value * li.Factor(q)
		}
	}
}

// TestEverythingDoesNotAllocate holds from the request to the first that
// accepts, whatever is targeted.
func TestEverythingDoesNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	c := newCatalog(t, 0)
	apply(t, c, everything(r, 2000))
	all := make([]*asking, 100)
	for i := range all {
		all[i] = askingOf(r)
	}
	var q Query
	var w Walk
	i, worth := 0, 0.0
	n := testing.AllocsPerRun(500, func() {
		all[i%len(all)].fill(&q)
		i++
		_, v := firstTaker(c.Load(), &q, &w)
		worth += v
	})
	if n != 0 || worth == 0 {
		t.Fatalf("%v allocations per request, worth %v", n, worth)
	}
}

// BenchmarkEverything is a request to the first line item that takes it, where
// line items target all that can be.
func BenchmarkEverything(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			c := newCatalog(b, 0)
			apply(b, c, everything(r, n))
			all := make([]*asking, 1024)
			for i := range all {
				all[i] = askingOf(r)
			}
			var q Query
			var w Walk
			checked, taken := 0, 0
			runtime.GC() // what building left behind is not the request's
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				all[i%len(all)].fill(&q)
				tried, worth := firstTaker(c.Load(), &q, &w)
				checked += tried
				if worth > 0 {
					taken++
				}
			}
			b.ReportMetric(float64(checked)/float64(b.N), "checked/op")
			b.ReportMetric(float64(taken)/float64(b.N), "taken/op")
		})
	}
}

// generatedSites is a list of n sites.
func generatedSites(id campaign.InventoryListID, n int) campaign.InventoryList {
	l := campaign.InventoryList{ID: id, Name: "generated", Kind: campaign.InventorySites, Status: campaign.Active, Entries: n}
	l.Text = make([]byte, 0, 28*n)
	for i := range n {
		l.Text = fmt.Appendf(l.Text, "listed%07d.example.org\n", i)
	}
	return l
}

// TestListsAreReplacedWhileBidding replaces a large list again and again. What
// reads the catalog meanwhile sees the old one or the new one, and does not
// wait: a snapshot is complete before it is shown.
func TestListsAreReplacedWhileBidding(t *testing.T) {
	ch, q := one()
	ch.LineItems[0].Targeting.InventoryLists.Include = []campaign.InventoryListID{1}
	ch.InventoryLists = []campaign.InventoryList{generatedSites(1, 100_000)}
	c := newCatalog(t, 0)
	apply(t, c, ch)
	q.Site = []byte("www.listed0000007.example.org")
	var walks atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var w Walk
		for {
			select {
			case <-stop:
				return
			default:
			}
			_, worth := firstTaker(c.Load(), &q, &w)
			walks.Add(1)
			if worth == 0 {
				t.Error("a site that is on every list was on none")
				return
			}
		}
	}()
	for i := 0; i < 5 || walks.Load() == 0; i++ { // until somebody walked meanwhile
		apply(t, c, campaign.Changes{InventoryLists: ch.InventoryLists})
	}
	close(stop)
	<-stopped
}

const million = 1_000_000

// BenchmarkMillionEntries compiles a list of a million sites, and replaces it
// in a catalog of 10,000 line items that half of ask for it.
func BenchmarkMillionEntries(b *testing.B) {
	l := generatedSites(1, million)
	b.Run("compile", func(b *testing.B) {
		var v *inventory
		for b.Loop() {
			v = newInventory(&l)
		}
		b.ReportMetric(float64(8*len(v.hashes)+4*len(v.starts))/million, "B/entry")
	})
	b.Run("match", func(b *testing.B) {
		v := newInventory(&l)
		queries := make([]Query, 1024)
		for i := range queries {
			queries[i].Site = fmt.Appendf(nil, "www.listed%07d.example.org", i*1999%(2*million)) // half of them are on it
		}
		found, i := 0, 0
		b.ReportAllocs()
		for b.Loop() {
			q := &queries[i%len(queries)]
			q.known().facets[0].reset()
			if v.holds(q) {
				found++
			}
			i++
		}
		b.ReportMetric(float64(found)/float64(b.N), "found/op")
	})
	b.Run("replace", func(b *testing.B) {
		r := rand.New(rand.NewPCG(1, 2))
		ch := realistic(r, 10_000)
		for i := range ch.LineItems {
			if i%2 == 0 {
				ch.LineItems[i].Targeting.InventoryLists.Exclude = []campaign.InventoryListID{1}
			}
		}
		ch.InventoryLists = []campaign.InventoryList{l}
		c := newCatalog(b, 0)
		apply(b, c, ch)
		q := realQuery(r)
		stop, slowest := make(chan struct{}), make(chan time.Duration)
		go func() {
			var w Walk
			var most time.Duration
			for {
				select {
				case <-stop:
					slowest <- most
					return
				default:
				}
				start := time.Now()
				firstTaker(c.Load(), &q, &w)
				most = max(most, time.Since(start))
			}
		}()
		for b.Loop() {
			apply(b, c, campaign.Changes{InventoryLists: []campaign.InventoryList{l}})
		}
		close(stop)
		b.ReportMetric(float64((<-slowest).Microseconds()), "slowest-walk-us")
	})
}
