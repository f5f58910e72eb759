package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// funded is a line item with a budget of its own and its advertiser's balance.
func funded(id event.LineItemID, amount money.Nanos) LineItem {
	li := dailyItem(id, amount)
	li.Budgets = append(li.Budgets, Budget{Node: 100, Balance: true})
	return li
}

// TestABalanceIsAWall: whatever is met, and however little is left, a balance
// has the price 1: multipliers are those that the other budgets make alone.
func TestABalanceIsAWall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		alone, with := newDual(t), newDual(t)
		alone.Plan([]LineItem{dailyItem(1, 100e6)})
		with.Plan([]LineItem{funded(1, 100e6)})
		now := noon
		for range rapid.IntRange(2, 30).Draw(rt, "ticks") {
			now = now.Add(time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(rt, "passed")))
			left := money.Nanos(rapid.Int64Range(-50e6, 1e12).Draw(rt, "left"))
			item := []Sum{{LineItem: 1, Bids: 1, Censored: 3, Offered: money.Nanos(rapid.Int64Range(0, 1e9).Draw(rt, "expected"))}}
			own := NodeSum{NodePeriod: event.NodePeriod{Node: 1, Period: day}, Limit: 100e6, Booked: money.Nanos(rapid.Int64Range(0, 120e6).Draw(rt, "booked"))}
			root := NodeSum{NodePeriod: event.NodePeriod{Node: 100}, Limit: 200e6, Booked: 200e6 - left}
			want := alone.Step(now, Sums{LineItems: item, Nodes: []NodeSum{own}}).Of(1)
			got := with.Step(now, Sums{LineItems: item, Nodes: []NodeSum{own, root}}).Of(1)
			if got != want || with.Lambda(100) != 1 {
				rt.Fatalf("multiplier %v, want %v; the balance's price is %v", got, want, with.Lambda(100))
			}
		}
	})
}

// TestABalanceOfManyChanges: the catalog does not know what a balance comes to.
// While it changes at every tick, bidders go by the ledger's last word.
func TestABalanceOfManyChanges(t *testing.T) {
	s := newStage(t, 100_000e6, funded(1, 100_000e6))
	root := event.NodePeriod{Node: 100}
	seq := uint64(0)
	for range 20 {
		s.turn++ // another catalog
		s.step()
		for range 3 {
			seq++
			nodes := []event.NodePeriod{today, root}
			if !s.Holds().Hold(event.NewBidID(s.Incarnation(), seq), nodes, 15e6, terms, s.clock.Now()) {
				t.Fatalf("bid %d was not held: %+v", seq, s.Holds().Account(root))
			}
		}
		s.clock.Advance(time.Second)
	}
}

// TestAPaymentIsBidWith: given a balance that is spent, when it is paid into,
// then a bidder that wants to bid does so within three ticks, and before that
// it asks the ledger once per tick.
func TestAPaymentIsBidWith(t *testing.T) {
	s := newStage(t, 1000e6, funded(1, 1000e6))
	root := event.NodePeriod{Node: 100}
	s.ledger.limits[100] = 0
	seq := uint64(0)
	bid := func() bool {
		seq++
		return s.Holds().Hold(event.NewBidID(s.Incarnation(), seq), []event.NodePeriod{today, root}, 15e6, terms, s.clock.Now())
	}
	for range 40 {
		s.step()
		if bid() {
			t.Fatal("a bid without money")
		}
		s.clock.Advance(time.Second)
	}
	s.ledger.limits[100] = 500e6 // it is paid
	for tick := 1; ; tick++ {
		s.step()
		if bid() {
			t.Logf("bid at tick %d", tick)
			return
		}
		if tick == 3 {
			t.Fatalf("no bid within %d ticks: %+v", tick, s.Holds().Account(root))
		}
		s.clock.Advance(time.Second)
	}
}
