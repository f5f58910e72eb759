package chaos

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// bound is what Tangent said may still be billed late, at its highest.
//
// A bidder states for each of its budgets how much may arrive beyond what it
// has set aside. A dead one states nothing any more: what it said last still
// holds, and its slice is set aside by the ledger only until its horizon, so
// that is counted too.
type bound struct {
	mu     sync.Mutex
	stated map[start]map[event.NodeID]money.Nanos
	dead   map[int64]map[event.NodeID]money.Nanos // slices, by incarnation
}

// start is one start of one bidder.
type start struct {
	bidder, number int
}

func newBound() *bound {
	return &bound{stated: map[start]map[event.NodeID]money.Nanos{}, dead: map[int64]map[event.NodeID]money.Nanos{}}
}

const riskMetric = `tangent_pacing_late_risk_nanos{budget="`

// state takes what a bidder's metrics say.
func (b *bound) state(s start, metrics map[string]float64) {
	for name, v := range metrics {
		rest, ok := strings.CutPrefix(name, riskMetric)
		if !ok {
			continue
		}
		node, err := strconv.ParseInt(strings.TrimSuffix(rest, `"}`), 10, 64)
		if err == nil {
			raise(b, b.stated, s, event.NodeID(node), money.Nanos(v))
		}
	}
}

func raise[K comparable](b *bound, of map[K]map[event.NodeID]money.Nanos, key K, n event.NodeID, to money.Nanos) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if of[key] == nil {
		of[key] = map[event.NodeID]money.Nanos{}
	}
	of[key][n] = max(of[key][n], to)
}

// parts are what a bound is made of.
type parts struct {
	Stated count `json:"late_risk_nanos"`             // of each start, what it stated at its highest
	Dead   count `json:"slices_of_dead_starts_nanos"` // of each dead start, its slice at its highest
}

func (p parts) sum() count { return p.Stated + p.Dead }

// byNode returns the bound of every budget, over all its days.
func (b *bound) byNode() map[event.NodeID]parts {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := map[event.NodeID]parts{}
	for _, nodes := range b.stated {
		for n, v := range nodes {
			p := sum[n]
			p.Stated += count(v)
			sum[n] = p
		}
	}
	for _, nodes := range b.dead {
		for n, v := range nodes {
			p := sum[n]
			p.Dead += count(v)
			sum[n] = p
		}
	}
	return sum
}

// watch reads what shows whether money flows, and what may come late, until
// ctx ends.
func (w *world) watch(ctx context.Context, f *flow, b *bound, k *kept) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		for ctx.Err() == nil {
			w.watchBooks(ctx, f, b)
			_ = k.watch(ctx, w) // while PostgreSQL is away, what it said before counts
			pause(ctx, 100*time.Millisecond)
		}
	})
	for ctx.Err() == nil {
		for i, n := range w.bidders {
			s := start{i, n.starts()}
			if m := w.gauges(ctx, n); n.starts() == s.number {
				b.state(s, m)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// watchBooks reads the ledger once. While PostgreSQL is away it reads nothing.
func (w *world) watchBooks(ctx context.Context, f *flow, b *bound) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if totals, err := w.ledger.Totals(ctx); err == nil {
		var n int64
		for _, t := range totals {
			n += t.Bookings
		}
		f.bookings.Store(n)
	}
	rows, err := w.store.DB().QueryContext(ctx, `SELECT s.incarnation, s.node, SUM(s.granted - s.booked - s.returned)
		FROM slices s JOIN incarnations i ON i.id = s.incarnation
		WHERE i.state IN ('fenced', 'closed') GROUP BY s.incarnation, s.node`)
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		var incarnation, node, left int64
		if rows.Scan(&incarnation, &node, &left) != nil {
			return
		}
		raise(b, b.dead, incarnation, event.NodeID(node), money.Nanos(left))
	}
	_ = rows.Err() // it is read again soon
}
