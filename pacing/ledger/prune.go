package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/tangent-dsp/tangent/event"
)

const (
	// prunedAtOnce bounds how many slices one call looks at.
	prunedAtOnce = 1000
	// pruneEvery is how many rounds of reclaiming there are to one of pruning.
	pruneEvery = 60
)

// pruneFrom is the last slice that was looked at: the next call goes on behind
// it. The zero one is before all.
type pruneFrom struct {
	incarnation int64
	event.NodePeriod
}

// Prune deletes slices of which nothing is left and which nobody spends from any
// more: of days that are over, and of incarnations that were reclaimed, both for
// longer than any bill of theirs is booked. Such a row is nothing to anybody: a
// late bill finds nothing to take in it, as it finds none where there is no row, and
// balances have no part of it. Each call looks at a thousand at most, in
// their order, and begins anew after the last. It returns how many it deleted.
func (l *Ledger) Prune(ctx context.Context) (int64, error) {
	l.pruning.Lock()
	defer l.pruning.Unlock()
	from := l.pruned
	var to pruneFrom
	err := l.db.QueryRowContext(ctx, `SELECT incarnation, node, period FROM slices WHERE (incarnation, node, period) > ($1, $2, $3)
		ORDER BY incarnation, node, period LIMIT 1 OFFSET $4`, from.incarnation, int64(from.Node), int64(from.Period), l.look-1).
		Scan(&to.incarnation, &to.Node, &to.Period)
	last := errors.Is(err, sql.ErrNoRows)
	if err != nil && !last {
		return 0, fmt.Errorf("cannot look for old slices: %w", err)
	}
	// A slice stays for as long as a bill of its bids is booked.
	before := l.clock.Now().UTC().Add(-event.MaxBillAge - l.horizon())
	day := event.PeriodOf(before.AddDate(0, 0, -1)) // a day ends later in the west
	until := to
	if last { // there are fewer than a thousand behind it
		until.incarnation = math.MaxInt64
	}
	n, err := l.change(ctx, `DELETE FROM slices WHERE (incarnation, node, period) > ($1, $2, $3)
		AND (incarnation, node, period) <= ($4, $5, $6) AND granted = booked + returned
		AND (period <> 0 AND period < $7 OR incarnation IN (SELECT id FROM incarnations WHERE state = 'reclaimed' AND last_seen < $8))`,
		from.incarnation, int64(from.Node), int64(from.Period), until.incarnation, int64(until.Node), int64(until.Period),
		int64(day), before.UnixNano())
	if err != nil {
		return 0, fmt.Errorf("cannot delete old slices: %w", err)
	}
	l.pruned = to
	return n, nil
}
