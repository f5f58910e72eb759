package ledger

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given bills, clicks and orders that come twice and in any order, when they
// are booked, then each counts once for its line item, and the clicks of tests
// never do.
func testOutcomes(t *testing.T, w *world) {
	w.budget(life, 1000)
	a := w.open("a")
	w.grant(a, life, 1000)
	of := func(id event.LineItemID, e event.Event) event.Event {
		e.LineItem = id
		return e
	}
	click := func(id event.LineItemID, seq uint64, change func(*event.Event)) event.Event {
		e := event.Event{Kind: event.KindClick, Bid: event.NewBidID(a, seq), LineItem: id, IssuedAt: noon, ReceivedAt: noon}
		if change != nil {
			change(&e)
		}
		return e
	}
	order := func(id event.LineItemID, n byte, value money.Nanos, verified bool) event.Event {
		return event.Event{Kind: event.KindConversion, Bid: event.NewBidID(a, uint64(n)), Advertiser: 1, LineItem: id, Currency: "EUR",
			Order: []byte{n}, OrderValue: value, Verified: verified, IssuedAt: noon, ClickedAt: noon.Add(-2 * time.Hour), ReceivedAt: noon.Add(-time.Duration(n) * time.Hour)}
	}
	events := []event.Event{
		of(1, w.billing(a, 1, 30, 40, life)), of(1, w.billing(a, 2, 5, 40, life)), of(2, w.billing(a, 3, 7, 40, life)),
		click(1, 1, nil), click(1, 2, nil), click(2, 3, nil),
		click(1, 4, func(e *event.Event) { e.Test = true }), click(1, 5, func(e *event.Event) { e.Expired = true }),
		click(1, 6, func(e *event.Event) { e.PriceState = event.PriceAudit }), click(0, 7, nil),
		order(1, 1, 100, false), order(1, 2, 50, true), order(2, 3, 20, false), order(2, 4, 1, false),
	}
	if r := w.book(events...); r.Booked != 3 || r.Clicks != 3 || r.Orders != 4 || r.Ignored != 4 {
		t.Errorf("first: %+v", r)
	}
	slices.Reverse(events)
	w.book(append(events, events...)...)
	got, err := w.Outcomes(context.Background(), []event.LineItemID{1, 2, 3})
	want := []Outcomes{
		{LineItem: 1, Spent: 35, Clicks: 2, Orders: 1, OrderValue: 50},
		{LineItem: 2, Spent: 7, Clicks: 1, Orders: 2, OrderValue: 21},
	}
	// Clicks of two hours ago are in the fourth age. Orders came after an hour,
	// after none, and, by clocks that differ, before their clicks.
	want[0].Arrivals[2][3], want[0].Arrivals[0][3] = 1, 1
	want[1].Arrivals[0][3] = 2
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

// Given bills of two days that come twice, when they are booked, then each
// counts once, on the day of its notice in UTC.
func testLineItemDays(t *testing.T, w *world) {
	w.budget(life, 1000)
	a := w.open("a")
	w.grant(a, life, 1000)
	on := func(days int, e event.Event) event.Event {
		e.LineItem, e.OccurredAt = 1, e.OccurredAt.AddDate(0, 0, days)
		return e
	}
	other := w.billing(a, 4, 9, 40, life)
	other.LineItem = 2
	events := []event.Event{on(-1, w.billing(a, 1, 30, 40, life)), on(0, w.billing(a, 2, 5, 40, life)), on(0, w.billing(a, 3, 7, 40, life)), other}
	w.book(events...)
	w.book(events...)
	for days, want := range map[int]Spending{-1: {3, 42}, 0: {2, 12}, 1: {}} {
		got, err := w.SpendingSince(context.Background(), 1, noon.Add(11*time.Hour).AddDate(0, 0, days))
		if err != nil || got != want {
			t.Errorf("since day %d: %+v, %v; want %+v", days, got, err, want)
		}
	}
}

// A sum that could grow beyond an amount stops: it must not end booking.
func testOutcomesAreBounded(t *testing.T, w *world) {
	ctx := context.Background()
	for range 12 {
		tx, err := w.db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := addToLineItems(ctx, tx, map[event.LineItemID]sum{1: {spent: money.Cap, clicks: 1}}); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.Outcomes(ctx, []event.LineItemID{1})
	if err != nil || len(got) != 1 || got[0].Spent != mostSpent || got[0].Clicks != 12 {
		t.Errorf("got %+v, %v", got, err)
	}
}
