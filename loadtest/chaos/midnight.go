package chaos

import (
	"context"
	"sync"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// kept is what dead starts had of each day's budgets when the day ended, and
// nobody could spend any more: their bids might have been billed. It comes back
// after the horizon, which is too late for the day.
type kept struct {
	mu sync.Mutex
	of map[deadSlice]money.Nanos
}

type deadSlice struct {
	incarnation int64
	event.NodePeriod
}

// watch reads the ledger once; the last look before midnight counts.
func (k *kept) watch(ctx context.Context, w *world) error {
	if !w.clock.Now().Before(w.midnight) {
		return nil
	}
	rows, err := w.store.DB().QueryContext(ctx, `SELECT s.incarnation, s.node, s.period, s.granted - s.returned
		FROM slices s JOIN incarnations i ON i.id = s.incarnation
		WHERE s.period <> 0 AND i.state IN ('fenced', 'closed')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	now := map[deadSlice]money.Nanos{}
	for rows.Next() {
		var s deadSlice
		var had money.Nanos
		if err := rows.Scan(&s.incarnation, &s.Node, &s.Period, &had); err != nil {
			return err
		}
		now[s] = had
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if rows.Err() == nil {
		k.of = now
	}
	return rows.Err()
}

// unused returns what of that was not booked either, to the end.
func (k *kept) unused(ctx context.Context, w *world) (map[event.NodePeriod]money.Nanos, error) {
	rows, err := w.store.DB().QueryContext(ctx, `SELECT incarnation, node, period, booked FROM slices WHERE period <> 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	unused := map[event.NodePeriod]money.Nanos{}
	for rows.Next() {
		var s deadSlice
		var booked money.Nanos
		if err := rows.Scan(&s.incarnation, &s.Node, &s.Period, &booked); err != nil {
			return nil, err
		}
		if had, ok := k.of[s]; ok {
			unused[s.NodePeriod] += had - booked
		}
	}
	return unused, rows.Err()
}
