package catalog

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

var benchSizes = []int{1_000, 10_000, 100_000}

func benchCatalog(b *testing.B, n int) (*Catalog, []Query) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	c := newCatalog(b, 0)
	apply(b, c, realistic(r, n))
	queries := make([]Query, 1024)
	for i := range queries {
		queries[i] = realQuery(r)
	}
	return c, queries
}

// BenchmarkFirst walks to the first accepted line item: the usual request.
func BenchmarkFirst(b *testing.B) { benchmarkWalk(b, 1) }

// BenchmarkAll walks to the end: what stopping early saves.
func BenchmarkAll(b *testing.B) { benchmarkWalk(b, 1<<30) }

func benchmarkWalk(b *testing.B, accept int) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c, queries := benchCatalog(b, n)
			var w Walk
			checked, accepted := 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				q := &queries[i%len(queries)]
				s := c.Load()
				s.Walk(q, &w)
				for found := 0; found < accept; {
					li, ok := w.Next()
					if !ok {
						break
					}
					checked++
					if li.Check(q) == openrtb.None {
						found++
						accepted++
					}
				}
			}
			b.ReportMetric(float64(checked)/float64(b.N), "checked/op")
			b.ReportMetric(float64(accepted)/float64(b.N), "accepted/op")
		})
	}
}

// BenchmarkBuild loads a whole catalog: compile, sort, index.
func BenchmarkBuild(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ch := realistic(rand.New(rand.NewPCG(1, uint64(n))), n)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var c *Catalog
			b.ResetTimer()
			for range b.N {
				c = newCatalog(b, 0)
				apply(b, c, ch)
			}
			b.StopTimer()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "heap-B/lineitem")
			runtime.KeepAlive(c)
			runtime.KeepAlive(ch)
		})
	}
}

// BenchmarkIndex builds only the index, which is what folding costs.
func BenchmarkIndex(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c, _ := benchCatalog(b, n)
			items := c.Load().base.items
			b.ResetTimer()
			for range b.N {
				newIndex(ordered(append([]*LineItem(nil), items...), new(rests)), new(rests))
			}
		})
	}
}

// BenchmarkApplyOne changes one line item of many, which rebuilds a delta.
func BenchmarkApplyOne(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c, _ := benchCatalog(b, n)
			d := aLineItem(1, 1)
			b.ResetTimer()
			for i := range b.N {
				d.MaxBidCPM++
				d.ID = event.LineItemID(i%n + 1)
				d.CampaignID = event.CampaignID(i%n/10 + 1)
				apply(b, c, campaign.Changes{LineItems: []campaign.LineItem{d}})
			}
		})
	}
}

// BenchmarkEnter enters line items with their creatives, as they come from a
// store, and compiles them: what a change costs beside the index.
func BenchmarkEnter(b *testing.B) {
	const n = 1000
	ch := stocked(rand.New(rand.NewPCG(1, n)), n)
	b.ReportAllocs()
	for b.Loop() {
		apply(b, newCatalog(b, 0), ch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/lineitem")
}
