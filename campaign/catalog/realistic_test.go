package catalog

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

var usualSizes = []campaign.Size{{W: 300, H: 250}, {W: 320, H: 50}, {W: 728, H: 90}, {W: 160, H: 600},
	{W: 300, H: 600}, {W: 970, H: 250}, {W: 320, H: 100}, {W: 336, H: 280}, {W: 468, H: 60}, {W: 970, H: 90}}

// skewed returns a number below n, small ones far more often.
func skewed(r *rand.Rand, n int) int { return int(float64(n) * math.Pow(r.Float64(), 2.5)) }

func countryNo(i int) string { return string([]byte{'A' + byte(i/26), 'A' + byte(i%26), 'Z'}) }

func upTo[T any](r *rand.Rand, most int, pick func() T) (all []T) {
	for range 1 + r.IntN(most) {
		all = append(all, pick())
	}
	return all
}

// realistic returns a catalog as a busy bidder has it: ten line items to a
// campaign, three campaigns to an advertiser, a few creatives each, values
// spread over two decades, most line items narrow in three or four ways.
func realistic(r *rand.Rand, n int) (ch campaign.Changes) {
	for i := range n {
		id := event.LineItemID(i + 1)
		c := event.CampaignID(i/10 + 1)
		a := event.AdvertiserID(i/30 + 1)
		if i%30 == 0 {
			d := anAdvertiser(a)
			d.TimeZone = zones[r.IntN(len(zones))]
			ch.Advertisers = append(ch.Advertisers, d)
		}
		if i%10 == 0 {
			ch.Campaigns = append(ch.Campaigns, aCampaign(c, a))
		}
		d := aLineItem(id, c)
		d.Goal.Amount = money.Nanos(math.Exp(r.NormFloat64()) * 3e9)
		d.MaxBidCPM = 50 * money.Unit
		t := &d.Targeting
		if r.IntN(2) == 0 {
			t.Exchanges.Include = upTo(r, 4, func() event.ExchangeID { return event.ExchangeID(r.IntN(8) + 1) })
		}
		if r.IntN(10) < 7 {
			t.Countries.Include = upTo(r, 3, func() string { return countryNo(skewed(r, 60)) })
		}
		if r.IntN(10) < 4 {
			t.DeviceTypes.Include = upTo(r, 2, func() int { return []int{2, 4, 5, 3, 1}[skewed(r, 5)] })
		}
		if r.IntN(10) < 2 {
			t.Sites.Include = upTo(r, 30, func() string { return fmt.Sprintf("site%d.example.com", skewed(r, 5000)) })
		}
		if r.IntN(2) == 0 {
			t.Segments.Include = upTo(r, 5, func() event.SegmentID { return event.SegmentID(skewed(r, 500)) })
		}
		if r.IntN(4) == 0 {
			d.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 3, Window: 24 * time.Hour}}
		}
		ch.LineItems = append(ch.LineItems, d)
		for k := range 1 + r.IntN(3) {
			cr := aCreative(event.CreativeID(i*3+k+1), id)
			cr.Size = usualSizes[skewed(r, len(usualSizes))]
			ch.Creatives = append(ch.Creatives, cr)
		}
	}
	return ch
}

// realQuery is a user that is known, on a site, as realistic has them.
func realQuery(r *rand.Rand) Query {
	q := Query{Now: noon, Exchange: event.ExchangeID(r.IntN(8) + 1), Currencies: []Currency{{Code: "EUR", Factor: 1}},
		Country: [3]byte([]byte(countryNo(skewed(r, 60)))), DeviceType: []int{2, 4, 5, 3, 1}[skewed(r, 5)],
		Site: fmt.Appendf(nil, "WWW.site%d.example.com", skewed(r, 5000)), UserKnown: r.IntN(10) < 7,
	}
	for range 1 + r.IntN(2) {
		q.Sizes = append(q.Sizes, openrtb.Size(usualSizes[skewed(r, len(usualSizes))]))
	}
	if q.UserKnown {
		q.Segments = upTo(r, 60, func() event.SegmentID { return event.SegmentID(skewed(r, 500)) })
		slices.Sort(q.Segments)
		q.Segments = slices.Compact(q.Segments)
		q.Exposures = upTo(r, 10, func() campaign.Exposure {
			return campaign.Exposure{At: noon.Add(-time.Hour), LineItem: event.LineItemID(r.IntN(10_000) + 1)}
		})
	}
	return q
}

// TestWalkEqualsALoopOverManyChunks does at a real size what the property
// does with few line items: several chunks, lists and bitmaps both.
func TestWalkEqualsALoopOverManyChunks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ch := realistic(r, 5000)
	// given a base of several chunks and a delta
	w, c := newWorld(), newCatalog(t, 0)
	w.put(ch)
	apply(t, c, ch)
	late := campaign.Changes{}
	for i := 0; i < len(ch.LineItems); i += 50 {
		d := ch.LineItems[i]
		d.Goal.Amount, d.Targeting.Countries = 4*money.Unit, campaign.List[string]{Exclude: []string{countryNo(0)}}
		late.LineItems = append(late.LineItems, d)
	}
	w.put(late)
	apply(t, c, late)
	if c.Load().delta.len() != len(late.LineItems) {
		t.Fatalf("the delta has %d line items, want %d", c.Load().delta.len(), len(late.LineItems))
	}
	// world looks creatives up by scanning: give it sizes by line item
	bySize := map[event.LineItemID][]openrtb.Size{}
	for _, cr := range ch.Creatives {
		bySize[cr.LineItemID] = append(bySize[cr.LineItemID], openrtb.Size{W: cr.Size.W, H: cr.Size.H})
	}
	w.sizesOf = bySize
	accepted := 0
	for range 40 {
		q := realQuery(r)
		want, got := w.eligible(&q), walkAll(t, c.Load(), &q)
		if !slices.Equal(want, got) {
			t.Fatalf("a loop accepts %v, the walk %v", want, got)
		}
		accepted += len(want)
	}
	if accepted < 400 {
		t.Fatalf("only %d were accepted: the catalog is too narrow to test with", accepted)
	}
}
