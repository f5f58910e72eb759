package central

import (
	"maps"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// running is what a bidder counted since it began, and what of it was said.
type running struct {
	began time.Time
	seq   uint64
	sums  map[event.LineItemID]*said[pacing.Sum]
	nodes map[event.NodePeriod]*said[pacing.NodeSum]
}

type said[T comparable] struct {
	now, said T
	seq       uint64 // of the tick that it was counted in last
}

func newRunning() running {
	return running{sums: map[event.LineItemID]*said[pacing.Sum]{}, nodes: map[event.NodePeriod]*said[pacing.NodeSum]{}}
}

// plan forgets line items that are gone.
func (r *running) plan(items map[event.LineItemID][]event.NodeID) {
	maps.DeleteFunc(r.sums, func(id event.LineItemID, _ *said[pacing.Sum]) bool {
		_, there := items[id]
		return !there
	})
}

// add takes a tick in, and forgets budgets that it does not tell of.
func (r *running) add(sums pacing.Sums) {
	r.seq++
	for i := range sums.LineItems {
		s := &sums.LineItems[i]
		x := r.sums[s.LineItem]
		if x == nil {
			x = &said[pacing.Sum]{now: pacing.Sum{LineItem: s.LineItem}}
			r.sums[s.LineItem] = x
		}
		addSum(&x.now, *s)
	}
	for i := range sums.Nodes {
		n := sums.Nodes[i]
		x := r.nodes[n.NodePeriod]
		if x == nil {
			x = new(said[pacing.NodeSum])
			r.nodes[n.NodePeriod] = x
		}
		now, before := nodeFields(&n), nodeFields(&x.now)
		for j := nodeCounts; j < nodeInts; j++ {
			*now[j] = plus(*now[j], *before[j])
		}
		x.now, x.seq = n, r.seq
	}
	maps.DeleteFunc(r.nodes, func(_ event.NodePeriod, x *said[pacing.NodeSum]) bool { return x.seq != r.seq })
}

// say puts into m what changed since it was said, and what is said again in
// this tick anyway; everything if whole.
func (r *running) say(m *message, whole bool) {
	for _, id := range slices.Sorted(maps.Keys(r.sums)) {
		if x := r.sums[id]; whole || x.now != x.said || turn(int64(id), r.seq) {
			m.sums = append(m.sums, x.now)
			x.said = x.now
		}
	}
	for n, x := range r.nodes {
		if whole || x.now != x.said || turn(int64(n.Node), r.seq) {
			m.nodes = append(m.nodes, x.now)
			x.said = x.now
		}
	}
}

// report sends what the bidder counted. That it could not be sent is counted,
// and nothing else: the next one says it all again.
func (r *Remote) report(now time.Time, whole bool) {
	whole = whole || r.count.seq == 1
	m := message{kind: kindReport, from: r.cfg.ID, seq: r.count.seq, at: now.UnixNano(), began: r.count.began.UnixNano()}
	if whole {
		m.flags = flagWhole
	}
	if !r.fresh {
		m.flags |= flagAsk
	}
	r.count.say(&m, whole)
	if p, ok := r.cfg.Local.(pacing.Priced); ok {
		r.prices = p.Prices(r.prices[:0])
		for _, x := range r.prices {
			if whole || turn(int64(x.Node)+int64(x.LineItem), r.count.seq) {
				m.prices = append(m.prices, brief(x, r.flows.priced(x.PriceKey)))
			}
		}
	}
	var err error
	if r.buffer, err = send(r.cfg.Bus, Reports, &m, r.buffer); err != nil {
		r.metrics.unsent.Inc()
	}
}
