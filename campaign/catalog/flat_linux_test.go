package catalog

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkFlat compares what a request costs in catalogs of all sizes, in
// turns, by the CPU time of its thread: the wall clock of a busy machine says
// nothing. Which line item comes first by chance moves single catalogs, so
// there are several. Cold ones have lost their caches between two requests to
// something else, whose own time is taken off.
//
// It reports medians: CPU nanoseconds per request by size, and the largest's
// share of the smallest's.
func BenchmarkFlat(b *testing.B) {
	const (
		requests = 1024
		perTurn  = 2048
	)
	for catalogs := range uint64(3) {
		all, asked := make([]*Catalog, len(benchSizes)), make([][]*asking, len(benchSizes))
		for i, n := range benchSizes {
			r := rand.New(rand.NewPCG(catalogs+1, uint64(n)))
			all[i] = newCatalog(b, 0)
			apply(b, all[i], everything(r, n))
			for range requests {
				asked[i] = append(asked[i], askingOf(r))
			}
		}
		runtime.GC()
		for _, other := range []struct {
			name  string
			bytes int
		}{{"warm", 0}, {"L2-cold", 4 << 20}} {
			b.Run(fmt.Sprintf("catalogs-%d/%s", catalogs+1, other.name), func(b *testing.B) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				var q Query
				var w Walk
				memory, costs := make([]byte, other.bytes), make([][]time.Duration, len(all))
				turn := func(i int, walk bool) time.Duration {
					start := threadTime(b)
					for n := range perTurn {
						for at := 0; at < len(memory); at += 64 {
							memory[at]++
						}
						asked[i][n%requests].fill(&q)
						if walk {
							firstTaker(all[i].Load(), &q, &w)
						}
					}
					return threadTime(b) - start
				}
				for b.Loop() {
					for i := range all {
						without := turn(i, false)
						costs[i] = append(costs[i], turn(i, true)-without)
					}
				}
				median := func(i int) float64 {
					slices.Sort(costs[i])
					return float64(costs[i][len(costs[i])/2]) / perTurn
				}
				for i, n := range benchSizes {
					b.ReportMetric(median(i), fmt.Sprintf("cpu-ns/request-of-%d", n))
				}
				b.ReportMetric(median(len(all)-1)/median(0), "ratio")
				b.ReportMetric(0, "ns/op") // of a turn of all sizes: means nothing
			})
		}
	}
}

// threadTime is the CPU time that this thread has used.
func threadTime(b *testing.B) time.Duration {
	const thisThread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thisThread, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
