package central

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// flow is how many of something come per second of market time, of late.
type flow struct{ count, span float64 }

// add takes in what came during passed. What is window ago counts 1/e.
func (f *flow) add(count float64, passed, window time.Duration) {
	keep := math.Exp(-passed.Seconds() / window.Seconds())
	f.count = f.count*keep + count
	f.span = f.span*keep + passed.Seconds()
}

func (f *flow) rate() float64 {
	if f.span == 0 {
		return 0
	}
	return f.count / f.span
}

// flows are those of the opportunities of budgets' line items.
type flows struct {
	window time.Duration
	items  map[event.LineItemID][]event.NodeID
	of     map[event.NodeID]*flow
	met    map[event.NodeID]float64 // of the tick
}

func newFlows(window time.Duration) *flows {
	return &flows{window: window, of: map[event.NodeID]*flow{}, met: map[event.NodeID]float64{}}
}

// plan takes over the line items. Budgets keep their flow.
func (f *flows) plan(items []pacing.LineItem) {
	f.items = make(map[event.LineItemID][]event.NodeID, len(items))
	of := make(map[event.NodeID]*flow, len(f.of))
	for i := range items {
		nodes := make([]event.NodeID, len(items[i].Budgets))
		for j, b := range items[i].Budgets {
			nodes[j] = b.Node
			switch {
			case of[b.Node] != nil:
			case f.of[b.Node] != nil:
				of[b.Node] = f.of[b.Node]
			default:
				of[b.Node] = new(flow)
			}
		}
		f.items[items[i].ID] = nodes
	}
	f.of = of
}

// add takes in what a tick met.
func (f *flows) add(sums []pacing.Sum, passed time.Duration) {
	clear(f.met)
	for i := range sums {
		for _, n := range f.items[sums[i].LineItem] {
			f.met[n] += float64(sums[i].Opportunities)
		}
	}
	for n, x := range f.of {
		x.add(f.met[n], passed, f.window)
	}
}

// priced returns the rate of what a price is of: a limit's is that of its line
// item's first budget.
func (f *flows) priced(k pacing.PriceKey) float64 {
	if nodes := f.items[k.LineItem]; len(nodes) > 0 {
		return f.rate(nodes[0])
	}
	return f.rate(k.Node)
}

// rate returns how many opportunities per second a budget's line items meet.
func (f *flows) rate(n event.NodeID) float64 {
	if x := f.of[n]; x != nil {
		return x.rate()
	}
	return 0
}
