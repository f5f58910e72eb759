package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// TestPacerOnTheLedger bids, is killed, bids again under the same name, and
// is billed for both lives: late, twice, and out of order. At no step does
// what is booked and what is in hands exceed the budget.
func testPacerOnTheLedger(t *testing.T, w *world) {
	const limit, price = 3000, 100
	day := event.NodePeriod{Node: 1, Period: today}
	w.budget(day, limit)
	items := []pacing.LineItem{{ID: 1, MaxBid: price, Budgets: []pacing.Budget{{Node: 1, Daily: true, Amount: limit}}}}
	terms := pacing.Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: horizon}
	var bills []event.Event

	// live bids six times a tick for some ticks, and wins every third bid.
	live := func(ticks int) (*pacing.Pacer, money.Nanos) {
		p, err := pacing.New(context.Background(), pacing.Config{
			Name: "a", Ledger: w, Clock: w.clock, Lease: lease, LineItems: func() (uint64, []pacing.LineItem) { return 1, items },
		})
		if err != nil {
			t.Fatal(err)
		}
		ids, won := event.NewBidIDs(p.Incarnation()), money.Nanos(0)
		for range ticks {
			if err := p.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				id := ids.Next()
				if !p.Holds().Hold(id, []event.NodePeriod{day}, price, terms, w.clock.Now()) {
					continue
				}
				if id.Sequence()%3 != 0 {
					p.Holds().Lost(id, w.clock.Now())
					continue
				}
				won += price / 2
				e := w.billing(id.Incarnation(), id.Sequence(), price/2, price, day)
				bills = append(bills, e)
			}
			if r := w.report(day); r.Booked+r.Outstanding > limit {
				t.Fatalf("booked %d and %d in hands of %d", r.Booked, r.Outstanding, int64(limit))
			}
			w.clock.Advance(time.Second)
		}
		return p, won
	}

	_, first := live(4)
	half := len(bills) / 2
	w.book(bills[:half]...)
	w.restart() // kill -9: nobody said goodbye
	p, second := live(4)
	for i := range bills { // the rest, backwards, everything twice
		e := bills[len(bills)-1-i]
		w.book(e, e)
	}
	if err := p.Step(context.Background()); err != nil {
		t.Fatal(err)
	}

	r := w.report(day)
	if r.Booked != first+second || r.Overrun != 0 || first == 0 || second == 0 {
		t.Errorf("booked %d, overrun %d; want %d + %d and none", r.Booked, r.Overrun, first, second)
	}
	if a := p.Holds().Account(day); a.Spent != second {
		t.Errorf("the second life has spent %d in its memory, want %d", a.Spent, second)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Run(done); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(lease + horizon + 1)
	w.reclaim()
	w.expect(day, first+second, 0, 0)
}
