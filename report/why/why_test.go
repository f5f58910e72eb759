package why

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/report/reporttest"
	"github.com/tangent-dsp/tangent/report/rotate"
)

func TestMain(m *testing.M) { reporttest.Main(m) }

var noon = reporttest.Noon

// world is a catalog of n line items, a flusher and its rows.
type world struct {
	*reporttest.World
	t       *testing.T
	traffic catalog.Tally
	rows    *Rows
	flusher *rotate.Flusher[turn]
}

func onEach(t *testing.T, n int, test func(*world)) {
	reporttest.OnEach(t, func(of *reporttest.World) {
		w := &world{World: of, t: of.T, rows: NewRows(of.Store.DB())}
		changes := campaign.Changes{
			Revision:    1,
			Advertisers: []campaign.Advertiser{{ID: 1, Name: "Example", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"}},
			Campaigns: []campaign.Campaign{{ID: 1, AdvertiserID: 1, Name: "Shoes", Status: campaign.Active,
				Budget: campaign.Budget{Daily: 100 * money.Unit, DailyNode: 1}}},
		}
		for id := 1; id <= n; id++ {
			changes.LineItems = append(changes.LineItems, campaign.LineItem{ID: event.LineItemID(id), CampaignID: 1, AdvertiserID: 1, Name: "li",
				Status: campaign.Active, Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
		}
		if err := w.Catalog.Apply(changes); err != nil {
			w.t.Fatal(err)
		}
		w.flusher = w.start(7)
		test(w)
	})
}

// start is a flusher of a bidder that starts.
func (w *world) start(incarnation uint64) *rotate.Flusher[turn] {
	w.t.Helper()
	f, err := NewFlusher(FlusherConfig{Rows: w.rows, Incarnation: incarnation, Catalog: w.Catalog.Load, Traffic: &w.traffic, Clock: w.Clock, Interval: time.Second})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) tally(id event.LineItemID) *catalog.Tally {
	li, ok := w.Catalog.Load().LineItem(id)
	if !ok {
		w.t.Fatalf("no line item %d", id)
	}
	return li.Tally()
}

func (w *world) flush() {
	w.t.Helper()
	if err := w.flusher.FlushAll(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(id event.LineItemID, from event.Period) catalog.Counts {
	w.t.Helper()
	c, err := w.rows.Read(w.t.Context(), id, from)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// What is counted is there when it was flushed, of each start of a bidder and
// each day; a flush that fails loses nothing, and one that repeats adds
// nothing.
func TestCountsOutliveFailuresDaysAndRestarts(t *testing.T) {
	const first, second event.Period = 20261201, 20261202
	onEach(t, 3, func(w *world) {
		w.tally(2).Bid()
		w.tally(2).Count(openrtb.None)
		w.tally(2).Won()
		w.tally(2).Sample(openrtb.FrequencyCapped)
		w.traffic.Count(openrtb.NoTime)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.flusher.FlushAll(gone); err == nil {
			t.Error("no error of a flush that could not be")
		}
		w.flush()
		w.flush()
		want := catalog.Counts{Bids: 1, Won: 1}
		want.Met[openrtb.None], want.Sampled[openrtb.FrequencyCapped] = 1, 1
		if got := w.read(2, first); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if got := w.read(Traffic, first).Met[openrtb.NoTime]; got != 1 {
			t.Errorf("%d requests without time", got)
		}
		if got := w.read(1, first); got != (catalog.Counts{}) {
			t.Errorf("nothing was counted of line item 1: %+v", got)
		}

		// What came after the last flush of the day is the old day's.
		w.tally(2).Count(openrtb.BelowFloor)
		w.Clock.Advance(13 * time.Hour)
		w.flush()
		w.tally(2).Count(openrtb.WrongSize)
		w.flush()
		if got := w.read(2, second); got.Met[openrtb.WrongSize] != 1 || got.Sum() != 1 {
			t.Errorf("the second day has %+v", got)
		}
		if got := w.read(2, first); got.Met[openrtb.BelowFloor] != 1 || got.Met[openrtb.WrongSize] != 1 || got.Bids != 1 {
			t.Errorf("both days have %+v", got)
		}

		// Another bidder counts beside it.
		w.flusher = w.start(8)
		w.tally(2).Count(openrtb.WrongSize)
		w.flush()
		if got := w.read(2, second); got.Met[openrtb.WrongSize] != 3 { // 1, and 2 since both share the tally here
			t.Errorf("two bidders have %+v", got)
		}

		if err := w.rows.Prune(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		if got := w.read(2, first); got.Met[openrtb.BelowFloor] != 0 || got.Met[openrtb.WrongSize] != 3 {
			t.Errorf("after the first day was deleted: %+v", got)
		}
	})
}

func TestCausesByShare(t *testing.T) {
	var c catalog.Counts
	// Of 100 samples 60 are from elsewhere, 20 outbid, 20 pass. Of those that
	// passed, half is below the floor, a quarter bid, a quarter outbid.
	c.Sampled[openrtb.WrongCountry], c.Sampled[openrtb.Outbid], c.Sampled[openrtb.None] = 60, 20, 20
	c.Met[openrtb.BelowFloor], c.Met[openrtb.None], c.Bids = 500, 500, 250
	var got []string
	for _, x := range Causes(&c) {
		got = append(got, x.Reason.String())
		want := map[openrtb.Reason]float64{openrtb.WrongCountry: .6, openrtb.Outbid: .25, openrtb.BelowFloor: .1}[x.Reason]
		if x.Share < want-1e-9 || x.Share > want+1e-9 {
			t.Errorf("%v has %v, want %v", x.Reason, x.Share, want)
		}
	}
	if want := []string{"wrong_country", "outbid", "below_floor"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}

	// Half of the time there is no money, as samples and the walk say alike;
	// else it bids.
	c = catalog.Counts{Bids: 250}
	c.Sampled[openrtb.NoMoney], c.Sampled[openrtb.None] = 50, 50
	c.Met[openrtb.None], c.Met[openrtb.NoMoney] = 500, 250
	if got := Causes(&c); len(got) != 1 || got[0].Reason != openrtb.NoMoney || got[0].Share != .5 {
		t.Errorf("half of the time without money: %+v", got)
	}
	if got := Causes(&catalog.Counts{}); len(got) != 0 {
		t.Errorf("nothing was counted: %v", got)
	}
}

// A max goal is told of beside one with an amount, and of the other not.
func TestMaxGoalsBesideAmountsAreFound(t *testing.T) {
	reporttest.OnEach(t, func(w *reporttest.World) {
		r := &Reports{ReportsConfig{Store: w.Store, Ledger: w.Ledger, Clock: w.Clock, Stalled: func() string { return "" }}}
		c := w.Campaign(campaign.Budget{Daily: money.Unit})
		item := func(g campaign.Goal, s campaign.Status) event.LineItemID {
			return reporttest.Must[campaign.LineItem](w.T)(w.Store.CreateLineItem(t.Context(), campaign.LineItem{CampaignID: c.ID, Name: "li",
				Status: s, Goal: g, ClickRate: .01, MaxBidCPM: money.Unit})).ID
		}
		open := func(id event.LineItemID) event.LineItemID {
			return reporttest.Must[Facts](w.T)(r.facts(t.Context(), id)).Open
		}
		priced := item(campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, campaign.Active)
		item(campaign.Goal{Kind: campaign.MaxClicks}, campaign.Paused)
		if got := open(priced); got != 0 {
			t.Errorf("beside a max goal that is paused: %d", got)
		}
		most := item(campaign.Goal{Kind: campaign.MaxClicks}, campaign.Active)
		if got := open(priced); got != most {
			t.Errorf("beside line item %d: %d", most, got)
		}
		if got := open(most); got != 0 {
			t.Errorf("of the max goal itself: %d", got)
		}
	})
}
