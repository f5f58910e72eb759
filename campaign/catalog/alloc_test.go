package catalog

import (
	"math/rand/v2"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestWalksDoNotAllocate holds for the walk, its checks and the node periods,
// over a base and a delta.
func TestWalksDoNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	all := realistic(r, 2000)
	c := newCatalog(t, 0)
	apply(t, c, all)
	late := all
	late.Advertisers, late.Campaigns, late.Creatives = nil, nil, nil
	late.LineItems = append(late.LineItems[:0:0], all.LineItems[:40]...)
	for i := range late.LineItems {
		late.LineItems[i].MaxBidCPM++
	}
	apply(t, c, late)
	if c.Load().delta.len() == 0 {
		t.Fatal("there is no delta")
	}
	var w Walk
	var nodes [MaxBudgets]event.NodePeriod
	queries := make([]Query, 100)
	for i := range queries {
		queries[i] = realQuery(r)
	}
	i, accepted := 0, 0
	n := testing.AllocsPerRun(200, func() {
		q := &queries[i%len(queries)]
		i++
		for c.Load().Walk(q, &w); ; {
			li, ok := w.Next()
			if !ok {
				break
			}
			if li.Check(q) == openrtb.None {
				accepted++
				li.AppendNodePeriods(nodes[:0], q.Now)
			}
		}
	})
	if n != 0 || accepted == 0 {
		t.Fatalf("%v allocations per walk, %d accepted", n, accepted)
	}
}
