package app_test

import (
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// A budget of ten impressions stays one of ten impressions over restarts, and
// bids from before are billed afterwards.
func TestToyCheck01BudgetsSurviveRestarts(t *testing.T) {
	w := newWorld(t, nil)
	const price = 2_000_000 // nanos: an impression at 2 CPM
	o := w.setUp(v1.Budget{Lifetime: 10 * price})
	w.item(o, 2*money.Unit, nil)

	// Given four impressions that are billed and one bid whose bill is to come.
	for range 4 {
		w.tell(expand(w.buy("alpha", request("u", "")).BURL, "2"), 200)
	}
	open := w.buy("alpha", request("u", ""))
	w.accounts(o.campaign.ID)

	w.end()
	w.start()

	// Then what was booked stays, and the open bid's bill books once.
	if got := w.accounts(o.campaign.ID); got.Booked != 4*price {
		t.Errorf("booked %d nanos after a restart, want %d", got.Booked, 4*price)
	}
	w.tell(expand(open.BURL, "2"), 200)
	w.tell(expand(open.BURL, "2"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != 5*price || got.Overrun != 0 {
		t.Errorf("after the bill of a bid from before the restart: %+v, want %d booked", got, 5*price)
	}

	// And five more are all that the budget has.
	for range 5 {
		w.tell(expand(w.buy("alpha", request("u", "")).BURL, "2"), 200)
	}
	if got := w.accounts(o.campaign.ID); got.Booked != 10*price || got.Overrun != 0 {
		t.Fatalf("%+v, want the whole budget booked", got)
	}
	for range 2 {
		for range 10 {
			if s, _ := w.ask("alpha", request("u", "")); s != nil {
				t.Fatal("a bid beyond the budget")
			}
		}
		w.end()
		w.start()
	}
}

// A bill that comes after the exchange's horizon is booked and flagged; one
// whose token is older than 30 days is kept for reconciliation and books
// nothing.
func TestLateBills(t *testing.T) {
	anchor := time.Now()
	origin := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *app.Config) { c.MarketAnchor, c.MarketOrigin, c.MarketSpeed = anchor, origin, 1 })
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	late, expired := w.buy("alpha", request("u", "")), w.buy("alpha", request("u", ""))

	for _, c := range []struct {
		name, outcome string
		after         time.Duration
		bid           *sold
		booked        money.Nanos
	}{
		{"45 minutes beyond the horizon", "late", horizon + 45*time.Minute, late, 1_500_000},
		{"again, on another day", "late", 40 * time.Hour, late, 1_500_000},
		{"31 days", "expired", 31 * 24 * time.Hour, expired, 1_500_000},
	} {
		w.end()
		w.cfg.MarketOrigin = origin.Add(c.after)
		w.start()
		w.tell(expand(c.bid.BURL, "1.5"), 200)
		if got := w.accounts(o.campaign.ID); got.Booked != c.booked || got.Overrun != 0 {
			t.Errorf("%s: %+v, want %d booked", c.name, got, c.booked)
		}
		if n := w.metric("tangent_tracking_notices_total", "outcome", c.outcome); n != 1 {
			t.Errorf("%s: %v notices counted as %s, want 1", c.name, n, c.outcome)
		}
	}
}

// Two servers on one data folder would spend one budget twice: the second does
// not start.
func TestSecondStartFails(t *testing.T) {
	w := newWorld(t, nil)
	cfg := w.cfg
	if _, err := app.New(t.Context(), cfg, "test", silent()); err == nil {
		t.Error("a second server started on the same addresses")
	}
	cfg.Listen, cfg.APIListen, cfg.AdminListen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	if _, err := app.New(t.Context(), cfg, "test", silent()); err == nil {
		t.Error("a second server started on the same data folder")
	}
	// The first one is none the worse for it.
	w.setUp(v1.Budget{Lifetime: money.Unit})
}

// What a bidder learned of prices is there after a restart.
func TestPricesSurviveRestarts(t *testing.T) {
	w := newWorld(t, func(c *app.Config) { c.MarketSpeed = 200 }) // prices are entered at the win deadline
	o := w.setUp(v1.Budget{Lifetime: money.Unit})
	w.item(o, 2*money.Unit, nil)
	w.tell(expand(w.buy("alpha", request("u", "")).BURL, "1"), 200)
	known := func() bool { return w.metric("tangent_landscape_contexts") > 0 }
	w.await("a price is learned", known)
	w.end()
	w.start()
	w.await("it is known after a restart", known)
}
