package pacing

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given many open bids on two budgets, when one becomes strict, then its bids
// hold in full, those of the other are left alone, and no bid waits for more than
// a few of them.
func TestABudgetThatTurnsStrictConcernsItsOwnBids(t *testing.T) {
	const bids, price = 40_000, 100
	own, other := event.NodePeriod{Node: 1}, event.NodePeriod{Node: 2}
	h := newHolds(t, Want{life, 10_000})
	teach(h, 1000, 4)
	h.Grant(own, bids*price)
	h.Grant(other, bids*price)
	at := noon.Add(time.Hour)
	for i := range bids {
		n := own
		if i%2 == 1 {
			n = other
		}
		if !h.Hold(bid(uint64(i+1)), []event.NodePeriod{n}, price, terms, at) {
			t.Fatal("not held")
		}
	}
	h.Tick(at.Add(time.Minute))
	before := h.Account(other)
	if before.Pending <= 0 || h.Account(own).Held >= bids/2*price {
		t.Fatalf("own %+v, other %+v: nothing is expected", h.Account(own), before)
	}

	h.SetStrict(own, true)
	h.mu.Lock()
	for _, d := range *h.laws.Load() { // were the others valued anew, they would be worth something else
		for i := range d.laterOpen {
			d.laterOpen[i] /= 2
		}
	}
	most := 0
	for i := range h.shards {
		s := &h.shards[i]
		for from, more := uint32(0), true; more; {
			var next uint32
			next, more = h.revalueSome(s, from)
			most, from = max(most, int(next-from)), next
		}
		if s.open.n < 2*lookAtOnce {
			t.Fatalf("%d bids of a shard are too few", s.open.n)
		}
	}
	h.revalue()
	h.mu.Unlock()

	if most > lookAtOnce {
		t.Errorf("a bid waits for %d others", most)
	}
	if a := h.Account(own); a.Held < bids/2*price || a.Pending == before.Pending {
		t.Errorf("the strict budget stands %+v", a)
	}
	if after := h.Account(other); after.Pending != before.Pending || after.Available != before.Available {
		t.Errorf("the other budget stood %+v, and stands %+v", before, after)
	}
	if h.turned || h.accounts.of(own).turned {
		t.Error("it turns again")
	}
}

// BenchmarkTurnStrict is a budget of a thousandth of the open bids that becomes
// strict, and stops.
func BenchmarkTurnStrict(b *testing.B) {
	const bids, budgets = 400_000, 1000
	h := newHolds(b)
	for n := range event.NodeID(budgets) {
		h.Grant(event.NodePeriod{Node: n + 1}, money.Cap)
	}
	for i := range bids {
		h.Hold(bid(uint64(i+1)), []event.NodePeriod{{Node: event.NodeID(i%budgets + 1)}}, 100, terms, noon)
	}
	at := noon.Add(time.Minute)
	h.Tick(at)
	strict := false
	for b.Loop() {
		strict = !strict
		h.SetStrict(event.NodePeriod{Node: 1}, strict)
		h.Tick(at)
	}
}
