package ledger

import (
	"bytes"
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

// BenchmarkGuard is one look at the switch, as every bidder takes some of each
// second.
func BenchmarkGuard(b *testing.B) {
	onBoth(b, func(b *testing.B, w *world) {
		for b.Loop() {
			if _, err := w.Guard(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkBackup backs up and restores some ten thousand bookings.
func BenchmarkBackup(b *testing.B) { onBoth(b, benchmarkBackup) }

func benchmarkBackup(b *testing.B, w *world) {
	w.budget(life, money.Cap)
	for i := range uint64(10) {
		events := make([]event.Event, 1000)
		for j := range events {
			events[j] = w.billing(7, i*1000+uint64(j), 5, 10, life)
		}
		w.book(events...)
	}
	backup, s := w.backedUp()
	b.Run("backup", func(b *testing.B) {
		for b.Loop() {
			w.backedUp()
		}
		b.ReportMetric(float64(b.N)*float64(s.Rows)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			r := w.fresh(b)
			b.StartTimer()
			if _, _, err := r.Restore(context.Background(), bytes.NewReader(backup)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*float64(s.Rows)/b.Elapsed().Seconds(), "rows/s")
	})
}
