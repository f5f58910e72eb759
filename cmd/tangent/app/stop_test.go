package app_test

import (
	"context"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// The guard stops all bidding within a second. What was bid before is billed
// meanwhile, and nothing stays stopped that was resumed.
func TestGuardStopsAllBidsWithinASecond(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	ctx := t.Context()
	for _, booked := range []money.Nanos{1_500_000, 3_000_000} {
		before := w.buy("alpha", request("u", ""))

		if g, err := w.api.StopBidding(ctx, "exchange bills twice"); err != nil || !g.Stopped || g.By != "test" {
			t.Fatalf("the guard is %+v, %v", g, err)
		}
		w.withinASecond("no bids after the guard stopped them", w.refused(openrtb.Stopped))
		for range 20 {
			if s, _ := w.ask("alpha", request("u", "")); s != nil {
				t.Fatal("a bid while the guard stops them")
			}
		}
		w.await("the guard is loud", func() bool { return w.metric("tangent_guard_stopped") == 1 && w.metric("tangent_bidding") == 0 })
		if s, err := w.api.Status(ctx); err != nil || s.Ready || len(s.NotReady) == 0 {
			t.Errorf("the status is %+v, %v", s, err)
		}
		w.tell(expand(before.BURL, "1.5"), 200)
		if got := w.accounts(o.campaign.ID); got.Booked != booked {
			t.Errorf("booked %d nanos while stopped, want %d", got.Booked, booked)
		}

		if g, err := w.api.ResumeBidding(ctx, "the exchange said sorry"); err != nil || g.Stopped {
			t.Fatalf("the guard is %+v, %v", g, err)
		}
		w.buy("alpha", request("u", ""))
	}
}

// A credit is in the delivery at once, and what it gave back is bid with.
func TestCreditsAreSpentAgain(t *testing.T) {
	w := newWorld(t, nil)
	const price = 2_000_000 // nanos: an impression at 2 CPM
	o := w.setUp(v1.Budget{Lifetime: price})
	w.item(o, 2*money.Unit, nil)
	w.tell(expand(w.buy("alpha", request("u", "")).BURL, "2"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != price {
		t.Fatalf("%+v, want the budget booked", got)
	}
	for range 20 {
		if s, _ := w.ask("alpha", request("u", "")); s != nil {
			t.Fatal("a bid beyond the budget")
		}
	}
	credit := v1.CreditSpec{Amount: price, Date: w.app.Clock().Now().UTC().Format(time.DateOnly), Reason: "never shown", Reference: "CN-1"}
	for range 2 { // the second time, it is known
		if _, err := w.api.CreditCampaign(t.Context(), o.campaign.ID, credit); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.accounts(o.campaign.ID); got.Booked != 0 || got.Overrun != 0 {
		t.Errorf("after the credit: %+v, want nothing booked", got)
	}
	w.tell(expand(w.buy("alpha", request("u", "")).BURL, "2"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != price || got.Overrun != 0 {
		t.Errorf("%+v, want the budget booked once more", got)
	}
}

// Who is told to end before it serves ends all the same.
func TestTheEndBeforeTheBeginning(t *testing.T) {
	w := newWorld(t, nil)
	w.end()
	for range 5 { // what serves may be faster than what ends
		a, err := app.New(t.Context(), w.cfg, "test", silent())
		if err != nil {
			t.Fatal(err)
		}
		told, tell := context.WithCancel(t.Context())
		tell()
		ended := make(chan error, 1)
		go func() { ended <- a.Run(told) }()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(45 * time.Second):
			t.Fatal("it serves after 45 s")
		}
	}
}
