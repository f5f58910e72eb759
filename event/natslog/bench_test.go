package natslog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

// BenchmarkAppend shows what packing buys: events per second that are synced
// before they are acknowledged, with so many notices waiting at a time, and
// the same with a message and a sync for each.
func BenchmarkAppend(b *testing.B) {
	for _, inFlight := range []int{64, 512} {
		b.Run(fmt.Sprintf("packed/in-flight=%d", inFlight), func(b *testing.B) {
			l := open(b, Config{})
			run(b, inFlight, func(seq uint64) error {
				return l.Append(context.Background(), numbered(seq))
			})
			s := l.Stats()
			b.ReportMetric(float64(s.Events)/float64(s.Batches), "events/sync")
		})
		b.Run(fmt.Sprintf("one-each/in-flight=%d", inFlight), func(b *testing.B) {
			l := open(b, Config{})
			run(b, inFlight, func(seq uint64) error { return appendAlone(l, seq) })
		})
	}
}

// appendAlone is what Append would be without packing.
func appendAlone(l *Log, seq uint64) error {
	batch := event.Batch{Producer: 1, First: seq, Events: []event.Event{numbered(seq)}}
	data, err := event.AppendBatch(nil, &batch)
	if err != nil {
		return err
	}
	msg := &nats.Msg{Subject: l.config.subject, Data: data, Header: nats.Header{jetstream.MsgIDHeader: {strconv.FormatUint(seq, 16)}}}
	_, err = l.js.PublishMsg(context.Background(), msg)
	return err
}

func run(b *testing.B, inFlight int, appendOne func(seq uint64) error) {
	var seq atomic.Uint64
	took := make([]time.Duration, b.N+1)
	var wg sync.WaitGroup
	b.ResetTimer()
	for range inFlight {
		wg.Go(func() {
			for n := seq.Add(1); n <= uint64(b.N); n = seq.Add(1) {
				start := time.Now()
				if err := appendOne(n); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	took = took[1:]
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}

// BenchmarkConsume reads back what single notices left: a message each.
func BenchmarkConsume(b *testing.B) {
	l := open(b, Config{MinGap: -1, NoSync: true})
	for n := range b.N {
		if err := l.Append(b.Context(), numbered(uint64(n+1))); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	consume(b, l, "reader", b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
