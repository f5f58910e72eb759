package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

func (w *world) counts(id event.LineItemID) (c catalog.Counts) {
	w.t.Helper()
	li, ok := w.catalog.Load().LineItem(id)
	if !ok {
		w.t.Fatalf("no line item %d", id)
	}
	li.Tally().Read(&c)
	return c
}

// postMany posts requests that differ by their ids.
func (w *world) postMany(n int, body string) {
	w.t.Helper()
	for i := range n {
		w.post(strings.Replace(body, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1))
	}
}

// Each refusal is counted for its line item, once per imp: by the walk for
// those that it comes to, by samples for those that the index leaves out.
func TestEachRefusalIsCountedForItsLineItem(t *testing.T) {
	const n = 800
	for name, c := range map[string]struct {
		item    func(*campaign.LineItem, *campaign.Creative)
		cpm     string
		why     openrtb.Reason
		walked  bool // the walk comes to it, else samples alone
		sampled bool
	}{
		"country": {func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Countries.Include = []string{"DEU"} }, "1", openrtb.WrongCountry, false, true},
		"size":    {func(_ *campaign.LineItem, c *campaign.Creative) { c.Size = campaign.Size{W: 728, H: 90} }, "1", openrtb.WrongSize, false, true},
		"daypart": {func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Dayparts = []campaign.Daypart{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 2, To: 4}}
		}, "1", openrtb.OutsideDaypart, true, true},
		"category": {func(_ *campaign.LineItem, c *campaign.Creative) { c.Categories = []string{"IAB7"} }, "1", openrtb.BlockedCategory, true, true},
		"user": {func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Segments.Include = []event.SegmentID{7}
		}, "1", openrtb.WrongSegments, true, true},
		"floor": {nil, "0.05", openrtb.BelowFloor, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.item(c.cpm, c.item)
			w.open(money.Cap)
			w.postMany(n, strings.Replace(plain, `"at":1`, `"at":1,"bcat":["IAB7"]`, 1))
			got := w.counts(id)
			if met := got.Met[c.why]; met != n && c.walked || met > 0 && !c.walked {
				t.Errorf("%d of %d imps are counted as %v", met, n, c.why)
			}
			why := c.why
			if !c.sampled {
				why = openrtb.None
			}
			if s := got.Sampled[why]; s < n/SampleEvery/2 || s > 2*n/SampleEvery {
				t.Errorf("%d samples of %d are counted as %v", s, n, why)
			}
			if got.Bids != 0 {
				t.Errorf("%d bids", got.Bids)
			}
			var traffic catalog.Counts
			if w.bidder.Traffic().Read(&traffic); traffic.Sum() != n || traffic.Met[openrtb.None] != 0 {
				t.Errorf("of all requests: %+v", traffic)
			}
		})
	}
}

// Of two that could bid one does, and the other is outbid: known by the walk
// where that comes to it, and by samples where it stops before.
func TestOutbidAndOutOfMoneyAreCounted(t *testing.T) {
	const n = 800
	w := newWorld(t)
	best, second := w.item("5", nil), w.item("1", nil)
	w.open(money.Cap)
	w.postMany(n, plain)
	if got := w.counts(best); got.Bids != n || got.Met[openrtb.None] != n || got.Sampled[openrtb.None] == 0 {
		t.Errorf("the best: %+v", got)
	}
	if got := w.counts(second); got.Bids != 0 || got.Sampled[openrtb.Outbid] == 0 || got.Sampled[openrtb.None] != 0 {
		t.Errorf("the second: %+v", got)
	}

	// Without money each imp is counted once, though it is tried again.
	w = newWorld(t)
	best, second = w.item("5", nil), w.item("1", nil)
	w.open(1)
	w.postMany(n, plain)
	for _, id := range []event.LineItemID{best, second} {
		if got := w.counts(id); got.Met[openrtb.NoMoney] != n || got.Bids != 0 {
			t.Errorf("line item %d without money: %+v", id, got)
		}
	}
}

// Behind a better bid the walk asks nobody for money: samples say who has none.
func TestNoMoneyIsCountedBehindABetterBid(t *testing.T) {
	const n = 800
	w := newWorld(t)
	best, poor := w.item("5", nil), w.item("1", nil)
	li := &w.changes.LineItems[len(w.changes.LineItems)-1]
	li.Budget = campaign.Budget{Daily: money.Unit, DailyNode: 2}
	w.open(money.Cap)
	w.holds.Grant(event.NodePeriod{Node: 2, Period: 20261201}, 1)
	w.postMany(n, plain)
	if got := w.counts(best); got.Bids != n {
		t.Errorf("the best: %+v", got)
	}
	if got := w.counts(poor); got.Sampled[openrtb.NoMoney] == 0 || got.Sampled[openrtb.Outbid] != 0 || got.Bids != 0 {
		t.Errorf("who has no money: %+v", got)
	}
	if a := w.holds.Account(event.NodePeriod{Node: 2, Period: 20261201}); a.Refused != 0 {
		t.Errorf("looking counted as demand: %+v", a)
	}
}

// A test request says nothing of spending.
func TestTestRequestsAreNotCounted(t *testing.T) {
	w := newWorld(t)
	id := w.item("2", nil)
	w.open(money.Cap)
	w.postMany(100, strings.Replace(plain, `"at":1`, `"at":1,"test":1`, 1))
	var traffic catalog.Counts
	w.bidder.Traffic().Read(&traffic)
	if got := w.counts(id); got.Sum() != 0 || traffic.Sum() != 0 {
		t.Errorf("%+v of the line item, %+v of all", got, traffic)
	}
}
