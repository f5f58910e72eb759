package ledger

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
	"github.com/tangent-dsp/tangent/pacing"
)

// testBookingProgress asks how far booking has come while it is well, while a
// bidder keeps events to itself, and when that bidder is dead for good.
func testBookingProgress(t *testing.T, w *world) {
	ctx := context.Background()
	through := func(want time.Time) {
		t.Helper()
		if got, err := w.BookedThrough(ctx); err != nil || !got.Equal(want) {
			t.Errorf("booked through %v, %v; want %v", got, err, want)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	through(time.Time{})
	do(w.SetBooked(ctx, noon))
	through(noon)

	// A bidder keeps events of a minute ago, then more: the first counts.
	if _, err := w.Open(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	do(w.SetUnlogged(ctx, "a", noon.Add(-time.Minute)))
	do(w.SetUnlogged(ctx, "a", noon))
	through(noon.Add(-time.Minute))
	if got, err := w.Booked(ctx); err != nil || !got.Equal(noon) {
		t.Errorf("of what is logged, %v, %v; want %v", got, err, noon)
	}

	// It comes back, or it never does and its slice is given back.
	do(w.SetLogged(ctx, "a"))
	through(noon)
	do(w.SetUnlogged(ctx, "a", noon))
	w.clock.Advance(lease + horizon + time.Minute)
	do(w.SetBooked(ctx, w.clock.Now()))
	through(noon)
	w.clock.Advance(time.Hour)
	do(w.SetLogged(ctx, "a"))
}

// testDeadSliceWaitsForBooking: a slice is not given back while the bills that
// it is for may be waiting to be booked.
func testDeadSliceWaitsForBooking(t *testing.T, w *world) {
	ctx := context.Background()
	w.budget(life, 1000)
	id, err := w.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Grant(ctx, id, []pacing.Want{{NodePeriod: life, Amount: 400}}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetBooked(ctx, noon); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * (lease + horizon))
	for _, want := range []int{0, 1} {
		if n, err := w.Reclaim(ctx); n != want || err != nil {
			t.Errorf("reclaimed %d, %v; want %d", n, err, want)
		}
		if err := w.SetBooked(ctx, w.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// testHoldsAgeWithBooking: while booking stands still a hold is neither
// lowered nor let go, and once it goes on it is.
func testHoldsAgeWithBooking(t *testing.T, w *world) {
	ctx := context.Background()
	w.budget(life, 1000)
	if err := w.SetBooked(ctx, noon); err != nil {
		t.Fatal(err)
	}
	p, err := pacing.New(ctx, pacing.Config{
		Name: "a", Ledger: w, Clock: w.clock, Lease: lease, Booked: w.BookedThrough,
		LineItems: func() (uint64, []pacing.LineItem) {
			return 1, []pacing.LineItem{{ID: 1, MaxBid: 100, Budgets: []pacing.Budget{{Node: life.Node, Amount: 1000}}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	step := func() {
		t.Helper()
		if err := p.Step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	step()
	step()
	terms := pacing.Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: horizon}
	if !p.Holds().Hold(event.NewBidID(p.Incarnation(), 1), []event.NodePeriod{life}, 100, terms, w.clock.Now()) {
		t.Fatal("no room for a bid")
	}
	for range 5 { // nothing says for hours that bills would be booked
		w.clock.Advance(horizon)
		step()
	}
	if a := p.Holds().Account(life); a.Held != 100 {
		t.Errorf("while booking stood still, %d are held; want all 100", a.Held)
	}
	if err := w.SetBooked(ctx, w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	step()
	if n := p.Holds().Open(); n != 0 {
		t.Errorf("booking has come beyond the horizon, and %d bids are held", n)
	}
}

// testBookerSaysHowFarItHasCome runs a booker over an event and silence: it is
// certain of all that was received where it is told that nothing is on its way,
// and allows for slack where something is. It takes no word back but for an
// event that came before it, also one that it does not know to have been heard.
func testBookerSaysHowFarItHasCome(t *testing.T, w *world) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	w.budget(life, 1000)
	var log eventtest.Log
	if err := log.Append(ctx, w.billing(1, 1, 40, 100, life)); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	var arriving atomic.Int64
	arriving.Store(1)
	b, err := NewBooker(BookerConfig{Ledger: w.Ledger, Source: &log, Clock: w.clock, Slack: time.Second, Arriving: arriving.Load})
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- b.Run(run) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	await := func(what string, want time.Time) {
		t.Helper()
		for {
			got, err := w.BookedThrough(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got.Equal(want) {
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatalf("%s: booked through %v, want %v", what, got, want)
			}
		}
	}
	now := w.clock.Now()
	await("something is on its way", now.Add(-time.Second))
	arriving.Store(0)
	await("nothing is", now)
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.expect(life, 40, 0, 0)

	at := func(received time.Time) []event.Event { return []event.Event{{ReceivedAt: received}} }
	b.booked(ctx, at(now))
	await("an event of that moment", now)
	b.booked(ctx, at(now.Add(-time.Millisecond)))
	await("an event that came before", now.Add(-time.Millisecond-time.Second))

	gone, cancel := context.WithCancel(ctx)
	cancel()
	b.say(gone, now) // nobody knows whether that was written
	b.booked(ctx, at(now.Add(-2*time.Millisecond)))
	await("an event that came before what may have been said", now.Add(-2*time.Millisecond-time.Second))
}
