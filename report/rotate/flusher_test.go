package rotate

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a flusher of line items' ids over a catalog of n.
type fixture struct {
	*Flusher[event.LineItemID]
	written []event.LineItemID
	fails   error
	news    func(event.LineItemID) bool
}

func newFixture(t *testing.T, n, maxRows int) *fixture {
	t.Helper()
	c, err := catalog.New(catalog.Config{Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	all := campaign.Changes{
		Revision:    1,
		Advertisers: []campaign.Advertiser{{ID: 1, Name: "Example", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"}},
		Campaigns:   []campaign.Campaign{{ID: 1, AdvertiserID: 1, Name: "Shoes", Status: campaign.Active, Budget: campaign.Budget{Daily: money.Unit, DailyNode: 1}}},
	}
	for id := range n {
		all.LineItems = append(all.LineItems, campaign.LineItem{ID: event.LineItemID(id + 1), CampaignID: 1, AdvertiserID: 1, Name: "Runners",
			Status: campaign.Active, Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
	}
	if err := c.Apply(all); err != nil {
		t.Fatal(err)
	}
	f := &fixture{news: func(event.LineItemID) bool { return true }}
	f.Flusher, err = New(Config[event.LineItemID]{
		Catalog: c.Load, Interval: time.Microsecond, MaxRows: maxRows,
		Begin: func(rows []event.LineItemID) []event.LineItemID { return append(rows, 0) },
		Visit: func(rows []event.LineItemID, li *catalog.LineItem) []event.LineItemID {
			if f.news(li.ID) {
				rows = append(rows, li.ID)
			}
			return rows
		},
		Write: func(_ context.Context, rows []event.LineItemID) error {
			if f.fails == nil {
				f.written = append(f.written, rows...)
			}
			return f.fails
		},
		Prune: func(context.Context) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A step is bounded, each line item has its turn, and what is of none goes with
// every step.
func TestAStepIsBoundedAndEachHasItsTurn(t *testing.T) {
	f := newFixture(t, 25, 10)
	for range 2 {
		if err := f.FlushAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	times := map[event.LineItemID]int{}
	for _, id := range f.written {
		times[id]++
	}
	if len(times) != 26 || times[0] != 6 {
		t.Errorf("%d line items, steps with what is of none: %d", len(times)-1, times[0])
	}
	for id, n := range times {
		if id != 0 && n < 2 {
			t.Errorf("line item %d had %d turns in two rounds", id, n)
		}
	}
	if n, err := f.Flush(t.Context()); n != 9 || err != nil {
		t.Errorf("a step of 10 rows visited %d places, %v", n, err)
	}
}

// What could not be written is written before anything else, once; what is no
// news is not.
func TestWhatFailedIsWrittenLater(t *testing.T) {
	f := newFixture(t, 3, 10)
	f.fails = errors.New("no disk")
	for range 3 {
		if err := f.FlushAll(t.Context()); !errors.Is(err, f.fails) {
			t.Fatalf("%v, want %v", err, f.fails)
		}
	}
	f.fails, f.news = nil, func(event.LineItemID) bool { return false }
	if err := f.FlushAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(f.written)
	if want := []event.LineItemID{0, 0, 1, 2, 3}; !slices.Equal(f.written, want) {
		t.Errorf("%v, want %v", f.written, want)
	}
}

// Run prunes, and ends with what is left, though its context has ended.
func TestRunWritesWhatIsLeft(t *testing.T) {
	f := newFixture(t, 3, 10)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	f.Run(gone, func(err error) { t.Error(err) })
	if len(f.written) != 4 {
		t.Errorf("written: %v", f.written)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.cfg.Prune = func(context.Context) error { cancel(); return nil }
	f.Run(ctx, func(err error) { t.Error(err) })
}
