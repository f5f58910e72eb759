package central

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	midnight = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	flight   = event.NodePeriod{Node: 9}
)

const tick = time.Second

// items are two line items that share a budget over a flight of an hour, one
// of which has a budget of its own too.
func items() []pacing.LineItem {
	shared := pacing.Budget{Node: 9, Amount: 4000e6, Start: midnight, End: midnight.Add(time.Hour)}
	own := pacing.Budget{Node: 1, Amount: 1000e6, Start: midnight, End: midnight.Add(time.Hour)}
	return []pacing.LineItem{
		{ID: 1, MaxBid: 20e6, Budgets: []pacing.Budget{own, shared}},
		{ID: 2, MaxBid: 20e6, Budgets: []pacing.Budget{shared}},
	}
}

func lineItems() (uint64, []pacing.LineItem) { return 1, items() }

// recorder is a controller that sums up what it is given, and bids as it is
// told.
type recorder struct {
	sums  map[event.LineItemID]*pacing.Sum
	nodes map[event.NodePeriod]*pacing.NodeSum // the counts summed up, the rest as it was last
	log   map[event.NodeID]float64
	steps uint64
}

var _ pacing.Priced = (*recorder)(nil)

func newRecorder() *recorder {
	return &recorder{
		sums: map[event.LineItemID]*pacing.Sum{}, nodes: map[event.NodePeriod]*pacing.NodeSum{},
		log: map[event.NodeID]float64{1: 0, 9: 0},
	}
}

func (r *recorder) Plan([]pacing.LineItem) {}

func (r *recorder) Step(_ time.Time, s pacing.Sums) *pacing.Multipliers {
	r.steps++
	for _, x := range s.LineItems {
		if r.sums[x.LineItem] == nil {
			r.sums[x.LineItem] = &pacing.Sum{LineItem: x.LineItem}
		}
		addSum(r.sums[x.LineItem], x)
	}
	for _, n := range s.Nodes {
		if old := r.nodes[n.NodePeriod]; old != nil {
			n.Matured, n.Worth = n.Matured+old.Matured, n.Worth+old.Worth
		}
		r.nodes[n.NodePeriod] = &n
	}
	return pacing.NewMultipliers(r.steps, map[event.LineItemID]float64{1: math.Exp(-r.log[1]), 2: math.Exp(-r.log[9])})
}

func (r *recorder) Prices(dst []pacing.Price) []pacing.Price {
	for n, l := range r.log {
		dst = append(dst, pacing.Price{PriceKey: pacing.PriceKey{Node: n}, Log: l})
	}
	return dst
}

func (r *recorder) Adopt(prices []pacing.Price) {
	for _, p := range prices {
		r.log[p.Node] = p.Log
	}
}

func newController(t testing.TB, bus Bus, c *clock.Manual, epoch uint64, steps pacing.Controller) *Controller {
	t.Helper()
	x, err := New(Config{Controller: steps, Bus: bus, Clock: c, LineItems: lineItems, Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

func newRemote(t testing.TB, bus Bus, id uint64, local pacing.Controller) *Remote {
	t.Helper()
	r, err := NewRemote(RemoteConfig{Local: local, Bus: bus, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	r.Plan(items())
	return r
}

// met is a tick's sums of a bidder that met n opportunities for each line item.
func met(n int64, booked money.Nanos) pacing.Sums {
	s := pacing.Sums{Nodes: []pacing.NodeSum{
		{NodePeriod: event.NodePeriod{Node: 1}, Limit: 1000e6, Booked: booked / 4, Pending: money.Nanos(n) * 1e6, Young: money.Nanos(n) * 2e6, Matured: money.Nanos(n) * 4e6, Worth: money.Nanos(n) * 2e6},
		{NodePeriod: flight, Limit: 4000e6, Booked: booked, Pending: money.Nanos(n) * 2e6, Young: money.Nanos(n) * 4e6, Matured: money.Nanos(n) * 8e6, Worth: money.Nanos(n) * 4e6},
	}}
	for id := range event.LineItemID(2) {
		s.LineItems = append(s.LineItems, pacing.Sum{
			LineItem: id + 1, Opportunities: n, Bids: n - n/8, Censored: n / 8, Value: float64(n) * 5e6,
			Offered: money.Nanos(n) * 3e6, Expected: money.Nanos(n) * 1e6, Outcomes: float64(n) * 4e6,
		})
	}
	return s
}

// plus returns the sums of two bidders together.
func together(a, b pacing.Sums) pacing.Sums {
	for i := range a.LineItems {
		addSum(&a.LineItems[i], b.LineItems[i])
	}
	for i := range a.Nodes {
		to, from := nodeFields(&a.Nodes[i]), nodeFields(&b.Nodes[i])
		for j := nodeOwn; j < nodeInts; j++ {
			*to[j] += *from[j]
		}
	}
	return a
}

func value(t *testing.T, c prometheus.Collector) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	m := families[0].GetMetric()[0]
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}

// newDual returns the controller of production.
func newDual(t testing.TB) pacing.Priced {
	t.Helper()
	c, err := pacing.NewDual(pacing.DualConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
