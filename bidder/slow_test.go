package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Point 4: of tmax the exchange's network takes its part, and what comes after
// the audience keeps an eighth of the rest. Where nothing is left there is no
// bid; where tmax says nothing, the exchange's own counts.
func TestProtocol04TMaxLessTheNetwork(t *testing.T) {
	for tmax, left := range map[string]time.Duration{
		`"tmax":40000`: 39_980, `"tmax":30000`: 29_980, `"tmax":30000.0`: 29_980, `"tmax":"30000"`: 29_980,
		`"at":1`: 9_980, `"tmax":0`: 9_980, `"tmax":-5`: 9_980, `"tmax":null`: 9_980, `"tmax":"soon"`: 9_980, // the exchange's 10 s
		`"tmax":21`: 0, `"tmax":20`: 0, `"tmax":1`: 0,
	} {
		w := newWorld(t)
		w.item("2", nil)
		w.open(money.Unit)

		start := time.Now()
		r := w.post(strings.Replace(plain, `"at":1`, tmax, 1))
		end := time.Now()

		if left == 0 {
			if n := w.noBids("alpha", openrtb.NoTime); n != 1 || w.people.reads != 0 || w.holds.Open() != 0 {
				t.Errorf("%s: %s; %d reads, %d holds; want no bid for want of time", tmax, r.Body(), w.people.reads, w.holds.Open())
			}
			continue
		}
		least, most := start.Add(left*time.Millisecond*7/8), end.Add(left*time.Millisecond*7/8+(end.Sub(start)))
		if got := w.people.deadline; got.Before(least) || got.After(most) {
			t.Errorf("%s: the audience had until %v after the request came, want 7/8 of %d ms", tmax, got.Sub(start), left)
		}
	}
}

// Check 12: an audience that does not answer in time costs the bids that need
// the user, and no others.
func TestToyCheck12ASlowAudienceKeepsTheDeadline(t *testing.T) {
	// given a line item that needs the user, and a cheaper one that does not
	w := newWorld(t)
	w.people.slow = true
	w.item("5", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Segments.Include = []event.SegmentID{5}
	})
	anybody := w.item("2", nil)
	w.open(money.Unit)

	start := time.Now()
	bids := w.bids(w.post(strings.Replace(plain, `"at":1`, `"tmax":40000`, 1)))
	answered := time.Now()

	if len(bids) != 1 || bids[0].CrID != fmt.Sprint(anybody) {
		t.Errorf("bids %+v; want the one that needs no user", bids)
	}
	if latest := answered.Add(39_980 * time.Millisecond * 7 / 8); !w.people.deadline.After(start) || w.people.deadline.After(latest) {
		t.Errorf("the audience had until %v after the request came; want at most 34.98 s", w.people.deadline.Sub(start))
	}
}

// late is an audience that answers when the time for the whole request is up.
type late struct{}

func (late) Read(deadline time.Time, _ audience.Permit, _ []audience.UserKey, to *audience.Profile) error {
	to.Reset()
	over := time.Until(deadline) * afterAudience / (afterAudience - 1)
	<-time.After(over + time.Millisecond)
	return audience.ErrTimeout
}

// And one that does not keep its deadline either costs the bid, of which
// nothing stays held: a bid that comes late is lost, and would hold money.
func TestToyCheck12NoBidWhenTheTimeIsUp(t *testing.T) {
	for exchange, status := range map[string]int{"alpha": 200, "beta": 204} {
		w := newWorld(t)
		w.bidder.Audience = late{}
		w.item("2", nil)
		w.open(money.Unit)

		r := w.postTo(exchange, strings.Replace(plain, `"at":1`, `"tmax":60`, 1), nil)

		if r.StatusCode() != status || len(w.bids(r)) != 0 || w.noBids(exchange, openrtb.NoTime) != 1 {
			t.Errorf("%s: %d %s; want %d without a bid for want of time", exchange, r.StatusCode(), r.Body(), status)
		}
		if w.holds.Open() != 0 {
			t.Errorf("%s: %d holds for a bid that did not leave", exchange, w.holds.Open())
		}
	}
}

// Check 13: while the audience is gone, capped line items do not bid at all,
// others do, and the metric that an alert goes by counts each request.
func TestToyCheck13CapsWhileRedisIsDown(t *testing.T) {
	w := newWorld(t)
	capped := w.item("5", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, Window: time.Hour}}
	})
	free := w.item("2", nil)
	w.open(money.Unit)
	bid := func() string {
		t.Helper()
		bids := w.bids(w.post(plain))
		if len(bids) != 1 {
			t.Fatalf("%d bids, want 1", len(bids))
		}
		return bids[0].CrID
	}
	if got := bid(); got != fmt.Sprint(capped) {
		t.Fatalf("creative %s bids while all is well, want that of %d", got, capped)
	}
	for _, down := range []error{errGone, audience.ErrTimeout} {
		before := w.unread()
		w.people.err = down
		for range 3 {
			if got := bid(); got != fmt.Sprint(free) {
				t.Errorf("%v: creative %s bids, want that of %d, which has no cap", down, got, free)
			}
		}
		if n := w.unread() - before; n != 3 {
			t.Errorf("%v: %v users counted as unread, want 3", down, n)
		}
	}
	if n := w.count("tangent_bidder_refusals_total", openrtb.UserUnknown); n != 6 {
		t.Errorf("%v refusals for a user that is not known, want 6", n)
	}

	// when it is back
	w.people.err = nil
	if got := bid(); got != fmt.Sprint(capped) {
		t.Errorf("creative %s bids after it, want that of %d", got, capped)
	}
	w.people.seen = []campaign.Exposure{{At: noon.Add(-time.Minute), LineItem: capped, Campaign: 1}}
	if got := bid(); got != fmt.Sprint(free) {
		t.Errorf("creative %s bids above its cap, want that of %d", got, free)
	}
}

// unread returns how many users could not be read.
func (w *world) unread() (sum float64) {
	w.t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "tangent_bidder_users_total" && l.GetValue() == metNames[metUnread] {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}
