package ledger

import (
	"context"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// onBoth runs a benchmark on both databases.
func onBoth(b *testing.B, bench func(b *testing.B, w *world)) {
	b.Run("SQLite", func(b *testing.B) { bench(b, newWorld(b, newFile)) })
	b.Run("PostgreSQL", func(b *testing.B) { bench(b, newWorld(b, newSchema)) })
}

// BenchmarkBook books batches of 500 bids on two budgets each.
func BenchmarkBook(b *testing.B) { onBoth(b, benchmarkBook) }

func benchmarkBook(b *testing.B, w *world) {
	w.budget(life, money.Cap)
	day := event.NodePeriod{Node: 2, Period: today}
	w.budget(day, money.Cap)
	a := w.open("a")
	w.grant(a, life, money.Cap/2)
	w.grant(a, day, money.Cap/2)
	const batch = 500
	events := make([]event.Event, batch)
	seq := uint64(0)
	for b.Loop() {
		for i := range events {
			seq++
			events[i] = w.billing(a, seq, 5, 10, life, day)
		}
		w.book(events...)
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "bookings/s")
}

// BenchmarkGrant grants to 100 budgets in one transaction, as a tick does.
func BenchmarkGrant(b *testing.B) { onBoth(b, benchmarkGrant) }

func benchmarkGrant(b *testing.B, w *world) {
	var wants []pacing.Want
	for i := range 100 {
		n := event.NodePeriod{Node: event.NodeID(i + 1)}
		w.budget(n, money.Cap)
		wants = append(wants, pacing.Want{NodePeriod: n, Amount: 10})
	}
	a := w.open("a")
	for b.Loop() {
		if _, err := w.Grant(context.Background(), a, wants); err != nil {
			b.Fatal(err)
		}
	}
}
