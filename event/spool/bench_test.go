package spool

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkAppend is an outage: every event is synced to this machine's disk
// before it is acknowledged, with so many notices waiting at a time.
func BenchmarkAppend(b *testing.B) {
	for _, inFlight := range []int{64, 512} {
		b.Run(fmt.Sprintf("in-flight=%d", inFlight), func(b *testing.B) {
			s := open(b, Config{Primary: away{}, MaxBytes: 1 << 40})
			var seq atomic.Uint64
			took := make([]time.Duration, b.N)
			var wg sync.WaitGroup
			b.ResetTimer()
			for range inFlight {
				wg.Go(func() {
					for n := seq.Add(1); n <= uint64(b.N); n = seq.Add(1) {
						start := time.Now()
						if err := s.Append(context.Background(), numbered(n)); err != nil {
							b.Error(err)
							return
						}
						took[n-1] = time.Since(start)
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
			b.ReportMetric(float64(s.Stats().Spooled)/float64(max(1, s.Stats().Commits)), "events/sync")
		})
	}
}

// BenchmarkSurvey is what opening reads, per event.
func BenchmarkSurvey(b *testing.B) {
	payloads := make([][]byte, 1000)
	for i := range payloads {
		payloads[i] = make([]byte, 200)
	}
	data, _ := build(1, 1, payloads)
	b.SetBytes(int64(len(data) / len(payloads)))
	for n := 0; n < b.N; n += len(payloads) {
		if s := surveySegment(data, 1); s.records != uint64(len(payloads)) {
			b.Fatal(s)
		}
	}
}
