package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestBillOf(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*event.Event)
		pays     bool
		amount   money.Nanos
		disputed money.Nanos
		unpriced bool
	}{
		"price":                 {func(e *event.Event) {}, true, 70, 0, false},
		"price is zero":         {func(e *event.Event) { e.Price = 0 }, true, 0, 0, false},
		"price above the bid":   {func(e *event.Event) { e.Price = 170 }, true, 100, 70, false},
		"no price":              {func(e *event.Event) { e.Price, e.PriceState = 0, event.PriceMissing }, true, 100, 0, true},
		"macro not expanded":    {func(e *event.Event) { e.Price, e.PriceState = 0, event.PriceUnexpanded }, true, 100, 0, true},
		"garbage":               {func(e *event.Event) { e.Price, e.PriceState = 0, event.PriceInvalid }, true, 100, 0, true},
		"negative":              {func(e *event.Event) { e.Price = -1 }, true, 100, 0, true},
		"state of the future":   {func(e *event.Event) { e.Price, e.PriceState = 0, 99 }, true, 100, 0, true},
		"bid below zero":        {func(e *event.Event) { e.BidPrice = -5 }, true, 0, 70, false},
		"audit":                 {func(e *event.Event) { e.Price, e.PriceState = 0, event.PriceAudit }, false, 0, 0, false},
		"kind that bills not":   {func(e *event.Event) { e.Billable = false }, false, 0, 0, false},
		"test that has a price": {func(e *event.Event) { e.Billable, e.Price = false, 70 }, false, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := event.Event{Billable: true, BidPrice: 100, Price: 70, PriceState: event.PriceOK}
			c.change(&e)
			b, pays := billOf(&e)
			if want := (bill{c.amount, c.disputed, c.unpriced}); pays != c.pays || b != want {
				t.Errorf("got %+v %v, want %+v %v", b, pays, want, c.pays)
			}
		})
	}
}

func testABidIsBookedOnce(t *testing.T, w *world) {
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 100)
	first := w.billing(a, 1, 30, 40, life)
	pixel := first
	pixel.Kind = event.KindImpression // the exchange's setting changed in between

	r := w.book(first, first, pixel)
	if r.Booked != 1 || r.Duplicates != 2 {
		t.Errorf("one batch: %+v", r)
	}
	if r = w.book(pixel, first); r.Booked != 0 || r.Duplicates != 2 {
		t.Errorf("a later batch: %+v", r)
	}
	w.expect(life, 30, 70, 0)
}

func testBookingIsTakenFromSliceThenFreeThenOverrun(t *testing.T, w *world) {
	day := event.NodePeriod{Node: 2, Period: today}
	w.budget(life, 100)
	w.budget(day, 60)
	a, b := w.open("a"), w.open("b")
	w.grant(a, life, 20)
	w.grant(a, day, 60)
	w.grant(b, life, 50)

	w.book(w.billing(a, 1, 35, 35, life, day))
	w.expect(life, 35, 50, 0) // 20 from the slice, 15 free
	w.expect(day, 35, 25, 0)

	r := w.book(w.billing(a, 2, 40, 40, life, day))
	w.expect(life, 75, 50, 25) // 15 free, 25 over: the other bidder's 50 are its own
	w.expect(day, 75, 0, 15)
	if r.Overrun != 25 {
		t.Errorf("overrun %d, want the most of any node: 25", r.Overrun)
	}
	feed, err := w.Settled(context.Background(), a, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(feed) != 2 || feed[0].FromSlice[0] != 20 || feed[0].FromSlice[1] != 35 || feed[1].FromSlice[0] != 0 || feed[1].FromSlice[1] != 25 {
		t.Errorf("feed %+v", feed)
	}
}

func testBookingWithoutSliceOrBudget(t *testing.T, w *world) {
	w.budget(life, 100)
	unknown := event.NodePeriod{Node: 77}
	w.book(w.billing(9, 1, 10, 10, life), w.billing(9, 2, 10, 10), w.billing(1<<63, 3, 10, 10, life))
	w.expect(life, 20, 0, 0)
	if r := w.book(w.billing(9, 4, 10, 10, unknown)); r.Overrun != 10 {
		t.Errorf("a budget that is not: overrun %d, want 10", r.Overrun)
	}
	w.budget(life, 0) // the advertiser lifted the limit
	if r := w.book(w.billing(9, 5, 10, 10, life)); r.Overrun != 0 || r.Booked != 1 {
		t.Errorf("a lifted limit cannot be overrun: %+v", r)
	}
}

func testLateAndExpiredNotices(t *testing.T, w *world) {
	w.budget(life, 100)
	late := w.billing(1, 1, 10, 10, life)
	late.Late = true
	expired := w.billing(1, 2, 10, 10, life)
	expired.Late, expired.Expired = true, true

	r := w.book(late, expired)
	if r.Booked != 1 || r.Late != 1 || r.Expired != 1 {
		t.Errorf("got %+v", r)
	}
	w.book(expired)
	w.expect(life, 10, 0, 0)
	totals, err := w.Totals(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if want := (Totals{Currency: "EUR", Bookings: 1, Amount: 10, AdvertiserCost: 10, Late: 1, Expired: 1}); len(totals) != 1 || totals[0] != want {
		t.Errorf("totals %+v, want %+v", totals, want)
	}
}

func testOrderAndBatchingDoNotMatter(t *testing.T, w *world) {
	events := func(w *world) []event.Event {
		var all []event.Event
		for seq := range uint64(40) {
			e := w.billing(5, seq%30, money.Nanos(seq%30*3), 60, life)
			if seq%7 == 0 {
				e.PriceState, e.Price = event.PriceMissing, 0
			}
			all = append(all, e)
		}
		return all
	}
	straight, shuffled := w, w.fresh(t)
	straight.budget(life, 1000)
	shuffled.budget(life, 1000)
	// A bid's copies agree here: whichever comes first books the same.
	all := events(straight)[:30]
	straight.book(all...)
	straight.book(all...)
	for i := range all {
		shuffled.book(all[(i*17+5)%30])
		shuffled.book(all[(i*11)%30], all[(i*7+1)%30])
	}
	a, b := straight.report(life), shuffled.report(life)
	if a.Booked != b.Booked || a.Bookings != b.Bookings || a.Overrun != b.Overrun || a.Bookings != 30 {
		t.Errorf("in order %+v, shuffled %+v", a, b)
	}
}

func testMidnightBillsToTheDayOfTheBid(t *testing.T, w *world) {
	day, next := event.NodePeriod{Node: 1, Period: today}, event.NodePeriod{Node: 1, Period: today + 1}
	w.budget(day, 100)
	a := w.open("a")
	w.grant(a, day, 100)
	e := w.billing(a, 1, 90, 90, day)
	w.clock.Advance(13 * time.Hour)
	if got := w.grant(a, next, 100); got != 100 {
		t.Errorf("the new day granted %d, want 100", got)
	}
	w.book(e)
	w.expect(day, 90, 10, 0)
	w.expect(next, 0, 100, 0)
}

func testSettledPages(t *testing.T, w *world) {
	w.budget(life, 1_000_000)
	var all []event.Event
	const n = 777
	w.page = 51 // a booking's two rows fall on two pages
	for seq := range uint64(n) {
		all = append(all, w.billing(5, seq+1, 1, 1, life, event.NodePeriod{Node: 2}))
	}
	w.book(all...)
	after, seen := int64(0), 0
	for {
		page, err := w.Settled(context.Background(), 5, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, b := range page {
			if b.Cursor <= after || len(b.Nodes) != 2 {
				t.Fatalf("after cursor %d came %+v", after, b)
			}
			after = b.Cursor
			seen++
		}
	}
	if seen != n {
		t.Errorf("the feed had %d bookings, want %d", seen, n)
	}
}
