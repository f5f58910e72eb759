package reconcile

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// newWorldOfFees is a world whose advertiser pays half of the media cost and 1
// per impression.
func newWorldOfFees(t testing.TB) *world {
	return newWorldWithFees(t, campaign.FeeRule{MarkupPPM: 500_000, DataCPM: 600 * money.Unit, TechCPM: 400 * money.Unit,
		EffectiveFrom: campaign.LocalTimeOf(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))})
}

// What corrections add to what the advertiser pays, fees included: whatever the
// notices said, it is what the bill's impressions cost in the end.
func TestFeesOfCorrections(t *testing.T) {
	w := newWorldOfFees(t)
	for i, c := range []struct {
		name        string
		given       func() []event.Event
		sums        string
		bids        string
		impressions int64
		booked      string // corrections and bookings
	}{
		{
			name:  "unnotified",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "2")} },
			sums:  "2026-03-09,$0,8,3", bids: "2026-03-09,0,2\n2026-03-09,-,5\n2026-03-09,-,1",
			impressions: 2, booked: "15", // 8 x 1.5 + 3
		}, {
			name:  "another price",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "2")} },
			sums:  "2026-03-09,$0,3,1", bids: "2026-03-09,0,3",
			impressions: 0, booked: "5.5",
		}, {
			name:  "unbilled",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "2"), w.notice(0, monday, "1")} },
			sums:  "2026-03-09,$0,2,1", bids: "2026-03-09,0,2",
			impressions: -1, booked: "4",
		}, {
			name: "expired",
			given: func() []event.Event {
				e := w.notice(0, monday, "2")
				e.Expired, e.OccurredAt = true, e.IssuedAt.AddDate(0, 0, 31)
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,2,1", bids: "2026-03-09,0,2",
			impressions: 1, booked: "4",
		}, {
			name: "without a price",
			given: func() []event.Event {
				e := w.notice(0, monday, "0")
				e.PriceState = event.PriceMissing
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,4,1", bids: "2026-03-09,0,4",
			impressions: 0, booked: "7",
		}, {
			name: "on another day",
			given: func() []event.Event {
				e := w.notice(0, monday, "3")
				e.IssuedAt, e.OccurredAt = at(tuesday, 0, w.zone).Add(-time.Minute), at(tuesday, 0, w.zone).Add(time.Minute)
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,3,1\n2026-03-10,$0,0,0", bids: "2026-03-09,0,3\n2026-03-10,-,0",
			impressions: 0, booked: "5.5",
		},
	} {
		for _, level := range []Level{PerLineItem, PerBid} {
			w.newExchange(fmt.Sprintf("x%d-%d", i, len(level)))
			before := w.booked(0)
			events := c.given()
			w.book(events...)
			report := "date,line_item_id,amount,impressions\n" + c.sums
			if level == PerBid {
				report = bidReport(c.bids, events)
			}
			r := w.compare(w.config(), report)
			var impressions event.Impressions
			for _, d := range r.Differences {
				impressions += d.Impressions
			}
			w.correct(r)
			if got, want := w.booked(0)-before, w.amount(c.booked); got != want || impressions != event.Impressions(c.impressions)*event.OneImpression {
				t.Errorf("%s, per %s: the advertiser pays %v, want %v, for %v impressions, want %d: %s", c.name, level, got, want, impressions, c.impressions, w.found(r))
			}
			if r := w.compare(w.config(), report); r.Differs() {
				t.Errorf("%s, per %s: once corrected, it differs: %s", c.name, level, w.found(r))
			}
		}
	}
}

// A report that does not count impressions adds the markup alone, and when a
// notice came after all, the share of its correction's fees is taken back.
func TestFeesAreTakenBack(t *testing.T) {
	w := newWorldOfFees(t)
	e := w.notice(0, monday, "2")
	sums, counted := "date,line_item_id,amount\n2026-03-09,$0,4", "date,line_item_id,amount,impressions\n2026-03-09,$0,4,2"
	w.correct(w.compare(w.config(), counted))
	if got := w.booked(0); got != 8*money.Unit {
		t.Fatalf("corrected to %v, want 8", got)
	}
	w.book(e)
	w.correct(w.compare(w.config(), sums))
	if got := w.booked(0); got != 8*money.Unit {
		t.Errorf("with the notice %v, want 8", got)
	}
	w.newExchange("uncounted")
	w.correct(w.compare(w.config(), sums))
	if got := w.booked(0); got != 14*money.Unit {
		t.Errorf("uncounted impressions make it %v, want 14", got)
	}
}

// A showing that counts for many impressions is billed its fees for all, and a
// report that agrees with its notices finds nothing: whether it counts them, or
// has a line per bid.
func TestShowingsOfManyImpressionsAgree(t *testing.T) {
	w := newWorldOfFees(t)
	e := w.notice(0, monday, "2")
	e.Impressions = 14_200_000
	w.book(e)
	if got := w.booked(0); got != 172*money.Unit/10 { // 2 x 1.5 + 14.2
		t.Errorf("booked %v", got)
	}
	for _, report := range []string{
		"date,line_item_id,amount,impressions\n2026-03-09,$0,2,14.2",
		fmt.Sprintf("date,bid_id,amount\n2026-03-09,%v,2", e.Bid),
		fmt.Sprintf("date,bid_id,amount,impressions\n2026-03-09,%v,2,14.2", e.Bid),
	} {
		if r := w.compare(w.config(), report); len(r.Differences) != 0 || r.Impressions != e.Impressions {
			t.Errorf("%s: %v impressions, %s", report, r.Impressions, w.found(r))
		}
	}
}

// Whatever of the notices came, before a report or after, its corrections make
// the advertiser pay what all of its impressions would have been booked for.
func TestCorrectedFeesAreThoseOfBookings(t *testing.T) {
	w := newWorldOfFees(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		w.newExchange(fmt.Sprint("x", round))
		level := rapid.SampledFrom([]Level{PerBid, PerLineItem}).Draw(rt, "level")
		c := w.config()
		c.From, c.To = monday, tuesday
		before := w.booked(0)
		var events []event.Event
		var want, billed money.Nanos
		bids := "date,bid_id,amount,impressions,line_item_id"
		counted := rapid.Bool().Draw(rt, "counted")
		if !counted {
			bids = "date,bid_id,amount,line_item_id"
		}
		var sold event.Impressions
		for range rapid.IntRange(1, 10).Draw(rt, "sales") {
			e := w.notice(0, monday, "0")
			// More than a report may be rounded by.
			e.Price = 2 * money.Nanos(rapid.Int64Range(1e3, 4e9).Draw(rt, "price"))
			events = append(events, e)
			billed += e.Price
			tenths := int64(10)
			if counted || level == PerLineItem { // else nobody can know it before a notice
				tenths = rapid.SampledFrom([]int64{10, 10, 142, 3}).Draw(rt, "tenths of impressions")
			}
			e.Impressions = event.Impressions(tenths) * event.OneImpression / 10
			events[len(events)-1] = e
			sold += e.Impressions
			want += e.Price/2*3 + money.Unit/10*money.Nanos(tenths)
			if bids += fmt.Sprintf("\n%s,%v,%v,", monday.Date(), e.Bid, e.Price); counted {
				bids += fmt.Sprintf("%v,", e.Impressions)
			}
			bids += "$0"
		}
		report := fmt.Sprintf("date,line_item_id,amount,impressions\n%s,$0,%v,%v", monday.Date(), billed, sold)
		if level == PerBid {
			report = bids
		}
		for len(events) > 0 {
			n := rapid.IntRange(0, len(events)).Draw(rt, "notified")
			w.book(events[:n]...)
			events = events[n:]
			w.correct(w.compare(c, report))
			if got := w.booked(0) - before; got != want {
				rt.Fatalf("the advertiser pays %v, want %v", got, want)
			}
			if n == 0 {
				break
			}
		}
	})
}
