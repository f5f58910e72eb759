package pacing

import (
	"context"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given line items of which some leave and others come every day, with daily and
// lifetime budgets, when bids are won for months and some bills come a day late,
// then what the pacer keeps in memory does not grow, and every nano that was
// billed is on the ledger and was granted.
func TestMemoryOfWhatLeftIsBounded(t *testing.T) {
	const days, perDay, price = 60, 4, 1_000_000
	item := func(id int) LineItem {
		li := dailyItem(event.LineItemID(2*id), 10_000e6)
		li.ID = event.LineItemID(id)
		li.Budgets = append(li.Budgets, Budget{Node: event.NodeID(2*id + 1), Amount: 10_000e6})
		return li
	}
	s := newStage(t, 0)
	seq, billed := uint64(0), money.Nanos(0)
	type bill struct {
		id    event.BidID
		nodes []event.NodePeriod
	}
	var late []bill
	for d := range days {
		// line items of today; half of them are here tomorrow
		s.items = nil
		for i := range perDay {
			li := item(d*perDay/2 + i + 1)
			s.items = append(s.items, li)
			for _, b := range li.Budgets {
				s.ledger.limits[b.Node] = 10_000e6
			}
		}
		s.turn++
		s.ledger.halfDown = d%7 == 3 // what came of it is found out at the next tick
		if err := s.Step(context.Background()); (err != nil) != s.ledger.halfDown {
			t.Fatal(err)
		}
		s.ledger.halfDown = false
		s.clock.Advance(time.Second)
		s.step()
		yesterday := late
		late = nil
		for i := range s.items {
			li := &s.items[i]
			var nodes []event.NodePeriod
			for k := range li.Budgets {
				nodes = append(nodes, li.Budgets[k].NodePeriod(s.clock.Now()))
			}
			for k := range 3 {
				seq++
				id := event.NewBidID(s.Incarnation(), seq)
				if !s.Holds().Hold(id, nodes, price, terms, s.clock.Now()) {
					t.Fatalf("day %d: no money for bid %d of %d: %+v, %+v", d, k, li.ID, s.Holds().Account(nodes[0]), s.Holds().Account(nodes[1]))
				}
				s.Collector().Of(li.ID).Bid(price, price)
				if k == 0 {
					late = append(late, bill{id, nodes})
					continue
				}
				s.ledger.book(id, price, nodes...)
				billed += 2 * price
			}
		}
		for _, b := range yesterday { // of line items that may be gone
			if over := s.ledger.book(b.id, price, b.nodes...); over != 0 {
				t.Errorf("day %d: a late bill found %d too little", d, over)
			}
			billed += 2 * price
		}
		for range 22 { // beyond the horizon
			s.clock.Advance(time.Minute)
			s.step()
		}
		s.clock.Set(noon.Add(time.Duration(d+1) * 24 * time.Hour))
		s.step()

		if n := len(s.Holds().Accounts(nil)); n > 4*perDay {
			t.Fatalf("day %d: %d accounts", d, n)
		}
		if n := len(s.Collector().kept.Load().row); n > 2*perDay {
			t.Fatalf("day %d: %d counters", d, n)
		}
		if n := len(s.budgets.periods); n > 4*perDay {
			t.Fatalf("day %d: %d budgets and periods", d, n)
		}
		if slices, _ := s.ledger.Slices(t.Context(), s.Incarnation(), 0); len(slices) > 4*perDay {
			t.Fatalf("day %d: the ledger tells of %d slices", d, len(slices))
		}
		for n := range s.ledger.slices[s.Incarnation()] {
			a := s.Holds().Account(n)
			if got, want := a.Available+a.Held, s.ledger.outstanding(n); got != want {
				t.Fatalf("day %d: memory has %d of %v, the ledger %d", d, got, n, want)
			}
		}
	}
	sum := money.Nanos(0)
	for _, b := range s.ledger.booked {
		sum += b
	}
	if sum != billed {
		t.Errorf("booked %d, billed %d", sum, billed)
	}
}
