package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Reclaim gives back the slices of dead incarnations whose bids can no longer
// be billed in time: fenced, closed, or silent, with their last sign of life
// longer ago than a lease and the longest horizon. An incarnation that was
// silent that long is fenced by it. It returns how many it reclaimed.
func (l *Ledger) Reclaim(ctx context.Context) (int, error) {
	now := l.clock.Now()
	// While booking stands still, their bills may be waiting for it.
	if through, err := l.BookedThrough(ctx); err != nil {
		return 0, err
	} else if !through.IsZero() && through.Before(now) {
		now = through
	}
	before := now.Add(-l.lease - l.horizon()).UnixNano()
	var dead []int64
	r, err := l.db.QueryContext(ctx, `SELECT id FROM incarnations WHERE state <> 'reclaimed' AND last_seen < $1 ORDER BY id`, before)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var id int64
		if err := r.Scan(&id); err != nil {
			return err
		}
		dead = append(dead, id)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("cannot find dead incarnations: %w", err)
	}
	for i, id := range dead {
		if err := l.inTx(ctx, func(tx *sql.Tx) error { return reclaim(ctx, tx, id, before) }); err != nil {
			return i, fmt.Errorf("cannot reclaim incarnation %d: %w", id, err)
		}
	}
	return len(dead), nil
}

func reclaim(ctx context.Context, tx *sql.Tx, id, before int64) error {
	r, err := tx.ExecContext(ctx, `UPDATE incarnations SET state = 'reclaimed' WHERE id = $1 AND state <> 'reclaimed' AND last_seen < $2`, id, before)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err // it came back in between, or another process was first
	}
	var nodes []event.NodePeriod
	rows, err := tx.QueryContext(ctx, `SELECT node, period FROM slices WHERE incarnation = $1 AND granted > booked + returned`, id)
	err = scanAll(rows, err, func(r *sql.Rows) error {
		var n event.NodePeriod
		if err := r.Scan(&n.Node, &n.Period); err != nil {
			return err
		}
		nodes = append(nodes, n)
		return nil
	})
	if err != nil {
		return err
	}
	nodes = order(nodes)
	if _, err := lockBalances(ctx, tx, nodes); err != nil {
		return err
	}
	var keys []sliceKey
	for _, n := range nodes {
		keys = append(keys, sliceKey{id, n})
	}
	left, err := readSlices(ctx, tx, keys)
	if err != nil {
		return err
	}
	changes := make(map[sliceKey]change, len(left))
	for k, amount := range left {
		changes[k] = change{returned: max(amount, money.Nanos(0))}
	}
	return applyChanges(ctx, tx, changes)
}

// RunReclaim calls Reclaim every interval of real time, and Prune now and then,
// until ctx ends.
// Failures go to failed, if it is not nil, and are tried again.
func (l *Ledger) RunReclaim(ctx context.Context, interval time.Duration, failed func(error)) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		_, err := l.Reclaim(ctx)
		if err == nil && i%pruneEvery == 0 {
			_, err = l.Prune(ctx)
		}
		if err != nil && failed != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}
