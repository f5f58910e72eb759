package pacing

import (
	"fmt"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

var fourNodes = []event.NodePeriod{{Node: 1}, {Node: 2}, {Node: 3, Period: 20260310}, {Node: 4, Period: 20260310}}

// BenchmarkHold holds on four budgets and settles at once.
func BenchmarkHold(b *testing.B) {
	h := newHolds(b)
	for _, n := range fourNodes {
		h.Grant(n, money.Cap)
	}
	seq := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		h.Hold(bid(seq), fourNodes, 10, terms, noon)
		h.Lost(bid(seq), noon)
	}
}

// BenchmarkHoldParallel is the same from all cores.
func BenchmarkHoldParallel(b *testing.B) {
	h := newHolds(b)
	for _, n := range fourNodes {
		h.Grant(n, money.Cap)
	}
	ids := event.NewBidIDs(1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := ids.Next()
			h.Hold(id, fourNodes, 10, terms, noon)
			h.Lost(id, noon)
		}
	})
}

// BenchmarkHoldRefused is a budget that ran dry.
func BenchmarkHoldRefused(b *testing.B) {
	h := newHolds(b, Want{fourNodes[0], 100}, Want{fourNodes[1], 0})
	b.ReportAllocs()
	for b.Loop() {
		h.Hold(bid(1), fourNodes[:2], 10, terms, noon)
	}
}

// BenchmarkLife is everything that happens to a bid until its horizon, ticks
// included.
func BenchmarkLife(b *testing.B) {
	h := newHolds(b)
	for _, n := range fourNodes {
		h.Grant(n, money.Cap)
	}
	now, seq := noon, uint64(0)
	for b.Loop() {
		seq++
		h.Hold(bid(seq), fourNodes, 10, terms, now)
		if seq%100 == 0 {
			now = now.Add(time.Second)
			h.Tick(now)
		}
	}
}

// BenchmarkCounter counts one opportunity and bid of a line item: of one that
// bids met long ago, and of one that they met since the last tick.
func BenchmarkCounter(b *testing.B) {
	const kept, met = 1001, 1002
	c := NewCollector()
	c.Of(kept)
	c.Keep([]event.LineItemID{kept, met})
	c.Of(met)
	for name, id := range map[string]event.LineItemID{"Kept": kept, "Met": met} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := c.Of(id)
				n.Opportunity(1000)
				n.Bid(900, 300)
			}
		})
	}
}

// BenchmarkMeet is line items that no bid met before, and the Take after them
// that takes 100,000 of them over.
func BenchmarkMeet(b *testing.B) {
	const n = 100_000
	ids := make([]event.LineItemID, n)
	for i := range ids {
		ids[i] = event.LineItemID(i + 1)
	}
	b.Run("Of", func(b *testing.B) {
		c := NewCollector()
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if i%n == 0 {
				c = NewCollector()
			}
			c.Of(ids[i%n])
		}
	})
	b.Run("Take", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			c := NewCollector()
			c.Keep(ids)
			for _, id := range ids {
				c.Of(id)
			}
			b.StartTimer()
			c.Take(nil)
		}
	})
}

// BenchmarkMidnight is the new budgets of a day, and that those of yesterday are
// forgotten, per budget.
func BenchmarkMidnight(b *testing.B) {
	for _, n := range []int{1_000, 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, day := newHolds(b), event.Period(0)
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					day++
				}
				node := event.NodeID(i%n + 1)
				h.Grant(event.NodePeriod{Node: node, Period: day}, 0)
				h.Forget(event.NodePeriod{Node: node, Period: day - 1})
			}
		})
	}
}

// BenchmarkQuiet is what a tick does for 100,000 line items of 500 campaigns of
// which few met a request.
func BenchmarkQuiet(b *testing.B) {
	const n, each = 100_000, 200
	var items []LineItem
	var ids []event.LineItemID
	var budgets []Budget
	for i := range n {
		if i%each == 0 {
			budgets = []Budget{{Node: event.NodeID(i/each + 1), Daily: true, Amount: 100 * money.Unit, Zone: noon.Location()}}
		}
		id := event.LineItemID(i + 1)
		items, ids = append(items, LineItem{ID: id, MaxBid: money.Unit, Budgets: budgets}), append(ids, id)
	}
	b.Run("Take", func(b *testing.B) {
		c := NewCollector()
		c.Keep(ids)
		for _, id := range ids[:n/100] {
			c.Of(id)
		}
		var sums []Sum
		for b.Loop() {
			c.Of(7).Opportunity(1)
			sums = c.Take(sums[:0])
		}
	})
	b.Run("Step", func(b *testing.B) {
		c, err := NewDual(DualConfig{})
		if err != nil {
			b.Fatal(err)
		}
		c.Plan(items)
		for b.Loop() {
			c.Step(noon, Sums{})
		}
	})
}
