package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// sale is an impression as the exchange keeps it, and what it told us.
type sale struct {
	item     int
	notice   event.Event
	notified bool
	billed   bool
	day      event.Period // of the bill
	bill     money.Nanos
}

// drawSale draws an impression of some days, which the exchange bills on the
// day of the bid, of the notice, or in between.
func drawSale(rt *rapid.T, w *world) sale {
	s := sale{item: rapid.IntRange(0, 2).Draw(rt, "item")}
	day := add(monday, rapid.IntRange(0, 2).Draw(rt, "day"))
	nanos := rapid.OneOf(rapid.Int64Range(0, 12e9), rapid.Map(rapid.Int64Range(0, 12), func(n int64) int64 { return n * 1e9 }))
	s.bill = money.Nanos(nanos.Draw(rt, "bill"))
	s.notified = rapid.IntRange(0, 9).Draw(rt, "notified") > 0
	s.billed = rapid.IntRange(0, 9).Draw(rt, "billed") > 0
	e := w.notice(s.item, day, "0")
	e.IssuedAt = at(day, 0, w.zone).Add(time.Duration(rapid.Int64Range(0, int64(23*time.Hour)).Draw(rt, "time")))
	delay := rapid.SampledFrom([]time.Duration{0, time.Minute, 30 * time.Minute, 5 * time.Hour, 26 * time.Hour, 20 * 24 * time.Hour, 31 * 24 * time.Hour}).Draw(rt, "delay")
	e.OccurredAt = e.IssuedAt.Add(delay)
	e.Late, e.Expired = delay > time.Hour, delay > 30*24*time.Hour
	e.Price = s.bill
	switch rapid.IntRange(0, 9).Draw(rt, "notice") {
	case 0:
		e.Price, e.PriceState = 0, event.PriceMissing
	case 1:
		e.Price = money.Nanos(nanos.Draw(rt, "price"))
	}
	s.notice = e
	span := min(2, int(delay/(24*time.Hour)))
	s.day = add(periodOf(e.IssuedAt.In(w.zone)), rapid.IntRange(0, span).Draw(rt, "days later"))
	s.day = max(s.day, periodOf(e.IssuedAt.In(w.zone)))
	return s
}

// reports writes what the exchange billed on the days up to last, per bid and
// per line item.
func reports(w *world, sales []sale, last event.Period) map[Level]string {
	bids := []string{"date,bid_id,line_item_id,amount"}
	var sums [3]map[event.Period]money.Nanos
	for i := range sums {
		sums[i] = map[event.Period]money.Nanos{}
	}
	for _, s := range sales {
		if s.billed && s.day <= last {
			bids = append(bids, fmt.Sprintf("%s,%v,%d,%v", s.day.Date(), s.notice.Bid, w.items[s.item].ID, s.bill))
			sums[s.item][s.day] += s.bill
		}
	}
	lines := []string{"date,line_item_id,amount"}
	for i := range sums {
		for day, amount := range sums[i] {
			lines = append(lines, fmt.Sprintf("%s,%d,%v", day.Date(), w.items[i].ID, amount))
		}
	}
	return map[Level]string{PerBid: strings.Join(bids, "\n"), PerLineItem: strings.Join(lines, "\n")}
}

// TestReasonsAddUpAndCorrectionsEndThem draws sales, the notices of some, and
// bills of some; and then what the exchange reports, notices that come after
// it, and more reports, per bid or per line item. Whatever the order, reasons
// add up to the difference to the nano, corrections move the budget by just
// that, and a report that was corrected differs no more.
func TestReasonsAddUpAndCorrectionsEndThem(t *testing.T) {
	w := newWorld(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		w.newExchange(fmt.Sprint("x", round))
		var sales []sale
		c := w.config()
		for range rapid.IntRange(1, 3).Draw(rt, "reports") {
			for range rapid.IntRange(1, 8).Draw(rt, "sales") {
				sales = append(sales, drawSale(rt, w))
			}
			for i := range sales {
				if sales[i].notified {
					w.book(sales[i].notice) // once, as the ledger sees to
				}
				sales[i].notified = sales[i].notified || rapid.IntRange(0, 3).Draw(rt, "notified later") == 0
			}
			last := add(monday, rapid.IntRange(0, 4).Draw(rt, "last day"))
			c.From, c.To = monday, last
			level := rapid.SampledFrom([]Level{PerBid, PerLineItem}).Draw(rt, "level")
			report := reports(w, sales, last)[level]

			r := w.compare(c, report)
			wantAddedUp(rt, r)
			before := w.booked(0) + w.booked(2)
			w.correct(r)
			var budget money.Nanos
			for _, d := range r.Differences {
				if d.Reason != Late {
					budget += d.Amount
				}
			}
			if moved := w.booked(0) + w.booked(2) - before; moved != budget {
				rt.Fatalf("corrections moved the budgets by %v, want %v: %s", moved, budget, w.found(r))
			}
			if r := w.compare(c, report); r.Differs() {
				rt.Fatalf("once corrected, the report differs: %s\n%s", w.found(r), report)
			}
		}
	})
}

func wantAddedUp(rt *rapid.T, r *Result) {
	if want := r.Billed - r.Duplicates.Amount - r.Unknown.Amount - r.Booked - r.Corrected; r.Difference != want {
		rt.Fatalf("the difference is %v, want %v", r.Difference, want)
	}
	type group struct {
		day  Day
		item event.LineItemID
	}
	sums, late := map[group]money.Nanos{}, map[event.LineItemID]money.Nanos{}
	groups := map[group]Difference{}
	var all money.Nanos
	for _, d := range r.Differences {
		g := group{d.Day, d.LineItem}
		if d.Reason == Late {
			late[d.LineItem] += d.Amount
		}
		if d.Day >= r.From && d.Day <= r.To {
			all += d.Amount
			sums[g] += d.Amount
			groups[g] = d
		}
	}
	if all != r.Difference {
		rt.Fatalf("the reasons add up to %v, the difference is %v", all, r.Difference)
	}
	for g, d := range groups {
		if want := d.Billed - d.Booked - d.Corrected; sums[g] != want {
			rt.Fatalf("%v: the reasons add up to %v, the difference is %v", g, sums[g], want)
		}
	}
	for item, sum := range late {
		if sum != 0 {
			rt.Fatalf("line item %d: %v is late on one day and on no other", item, sum)
		}
	}
}

// What a report per bid says is exact: it finds what the exchange never
// notified, to the nano.
func TestUnnotifiedIsFoundToTheNano(t *testing.T) {
	w := newWorld(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		w.newExchange(fmt.Sprint("x", round))
		var sales []sale
		var want, disputed money.Nanos
		for range rapid.IntRange(1, 20).Draw(rt, "sales") {
			s := drawSale(rt, w)
			s.notice.Price, s.notice.PriceState = s.bill, event.PriceOK
			switch {
			case !s.notified && s.billed:
				want += s.bill
			case s.notified:
				w.book(s.notice)
				if s.billed && !s.notice.Expired {
					disputed += max(0, s.bill-s.notice.BidPrice)
				} else if s.billed {
					want += max(0, s.bill-s.notice.BidPrice) // an expired notice disputes nothing
				}
			}
			sales = append(sales, s)
		}
		c := w.config()
		c.From, c.To = monday, add(monday, 40)
		r := w.compare(c, reports(w, sales, c.To)[PerBid])
		if got := r.Reasons[Unnotified].Amount; got != want {
			rt.Fatalf("unnotified is %v, want %v", got, want)
		}
		if got := r.Reasons[Disputed].Amount; got != disputed {
			rt.Fatalf("disputed is %v, want %v", got, disputed)
		}
		if got := r.Reasons[Rounding].Amount + r.Reasons[Unpriced].Amount; got != 0 {
			rt.Fatalf("%v was rounded or without a price, of which there is none", got)
		}
	})
}
