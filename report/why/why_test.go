package why

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

var postgres *postgrestest.Server

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(postgrestest.Around(m, func(s *postgrestest.Server) { postgres = s }))
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// world is a catalog of n line items, a flusher and its rows.
type world struct {
	t       *testing.T
	clock   *clock.Manual
	catalog *catalog.Catalog
	traffic catalog.Tally
	store   *store.Store
	ledger  *ledger.Ledger
	rows    *Rows
	flusher *Flusher
}

func onEach(t *testing.T, n int, test func(*world)) {
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "tangent.db") },
		"postgres": func(t *testing.T) string {
			dsn, err := postgres.Schema(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return dsn
		},
	} {
		t.Run(name, func(t *testing.T) { test(newWorld(t, dsn(t), n)) })
	}
}

func newWorld(t *testing.T, dsn string, n int) *world {
	w := &world{t: t, clock: clock.NewManual(noon)}
	var err error
	if w.store, err = store.Open(t.Context(), store.Config{DSN: dsn, Clock: w.clock, StartLifetime: ledger.StartLifetime}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	if w.ledger, err = ledger.New(t.Context(), w.store.DB(), ledger.Config{Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	if w.catalog, err = catalog.New(catalog.Config{Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
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
	if err := w.catalog.Apply(changes); err != nil {
		t.Fatal(err)
	}
	w.rows = NewRows(w.store.DB())
	w.flusher = w.start(7)
	return w
}

// start is a flusher of a bidder that starts.
func (w *world) start(incarnation uint64) *Flusher {
	w.t.Helper()
	f, err := NewFlusher(FlusherConfig{Rows: w.rows, Incarnation: incarnation, Catalog: w.catalog.Load, Traffic: &w.traffic, Clock: w.clock, Interval: time.Second})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) tally(id event.LineItemID) *catalog.Tally {
	li, ok := w.catalog.Load().LineItem(id)
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
		w.tally(2).Billed(1_500_000)
		w.tally(2).Sample(openrtb.FrequencyCapped)
		w.traffic.Count(openrtb.NoTime)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.flusher.FlushAll(gone); err == nil {
			t.Error("no error of a flush that could not be")
		}
		w.flush()
		w.flush()
		want := catalog.Counts{Bids: 1, Billed: 1, Spent: 1_500_000}
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
		w.clock.Advance(13 * time.Hour)
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

// A step is bounded, and each line item has its turn.
func TestAStepIsBounded(t *testing.T) {
	onEach(t, 3*maxRows/2, func(w *world) {
		for li := range w.catalog.Load().LineItems() {
			li.Tally().Count(openrtb.WrongCountry)
		}
		for _, want := range []int{maxRows, 3*maxRows/2 - maxRows, 0} {
			if err := w.flusher.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(w.flusher.rows); got != want {
				t.Errorf("%d rows in a step, want %d", got, want)
			}
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
	if got := Causes(&catalog.Counts{}); len(got) != 0 {
		t.Errorf("nothing was counted: %v", got)
	}
}
