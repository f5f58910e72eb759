package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Risks is where one incarnation says what may still be billed late, so that
// whoever reads the ledger knows, and still knows when the incarnation is dead.
// It is used by one goroutine.
type Risks struct {
	ledger      *Ledger
	incarnation uint64
	said        map[event.NodePeriod]saidRisk
}

// saidRisk is a row of late_risks.
type saidRisk struct {
	late, owed money.Nanos
	at         time.Time
}

const (
	// saidAgain is when what did not change is said again.
	saidAgain = 24 * time.Hour
	// saidFor is how long what was said counts: bills are booked for 30 days,
	// and horizons are shorter than what is left.
	saidFor = 35 * 24 * time.Hour
)

// Risks returns where an incarnation says its risks.
func (l *Ledger) Risks(incarnation uint64) *Risks {
	return &Risks{ledger: l, incarnation: incarnation, said: make(map[event.NodePeriod]saidRisk)}
}

// Say replaces what the incarnation said before by all of its risks. It rounds
// them up, by at most a quarter, and writes what changed by more than that.
func (r *Risks) Say(ctx context.Context, all []pacing.Risk) error {
	now := r.ledger.clock.Now()
	next := make(map[event.NodePeriod]saidRisk, len(all))
	for _, x := range all {
		late := x.Late()
		if owed := max(late, x.Open+x.Silent); owed > 0 {
			next[x.NodePeriod] = saidRisk{late, owed, now}
		}
	}
	var rows [][]any
	for n, x := range next {
		before := r.said[n]
		if stillCovers(before.late, x.late) && stillCovers(before.owed, x.owed) && now.Sub(before.at) < saidAgain {
			next[n] = before
			continue
		}
		x.late += x.late / 8
		x.owed += x.owed / 8
		next[n] = x
		rows = append(rows, r.row(n, x))
	}
	for n := range r.said {
		if _, ok := next[n]; !ok {
			rows = append(rows, r.row(n, saidRisk{at: now}))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err := r.ledger.inTx(ctx, func(tx *sql.Tx) error {
		err := insert(ctx, tx, `INSERT INTO late_risks (incarnation, node, period, late, owed, said_at)`, rows,
			`ON CONFLICT (node, period, incarnation) DO UPDATE SET late = excluded.late, owed = excluded.owed, said_at = excluded.said_at`)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM late_risks WHERE owed = 0 AND incarnation = $1 OR said_at < $2`,
			int64(r.incarnation), now.Add(-saidFor).UnixNano())
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot say what may arrive late: %w", err)
	}
	r.said = next
	return nil
}

// stillCovers says whether what was said is at least what is so, and not much
// more.
func stillCovers(said, now money.Nanos) bool { return said >= now && said-now <= now/4 }

func (r *Risks) row(n event.NodePeriod, x saidRisk) []any {
	return []any{int64(r.incarnation), int64(n.Node), int64(n.Period), int64(x.late), int64(x.owed), x.at.UnixNano()}
}

// LateRisks returns of budgets how much may still arrive late, at most: as
// every incarnation last said, the dead ones included. Of an incarnation whose
// slice was given back nothing is set aside any more. A period that is not
// there has no risk.
//
// What a bidder bid after it last said so, and before it was killed, is not in
// it; the slice is that much larger until its horizon.
func (l *Ledger) LateRisks(ctx context.Context, nodes []event.NodeID) (map[event.NodePeriod]money.Nanos, error) {
	all := make(map[event.NodePeriod]money.Nanos)
	since := l.clock.Now().Add(-saidFor).UnixNano()
	for chunk := range slices.Chunk(nodes, valuesPerStatement) {
		args := []any{since}
		for _, n := range chunk {
			args = append(args, int64(n))
		}
		rows, err := l.db.QueryContext(ctx, `SELECT r.node, r.period, CAST(SUM(CASE i.state WHEN 'reclaimed' THEN r.owed ELSE r.late END) AS BIGINT)
			FROM late_risks r JOIN incarnations i ON i.id = r.incarnation
			WHERE r.said_at >= $1 AND r.node IN `+in(2, len(chunk))+` GROUP BY r.node, r.period`, args...)
		err = scanAll(rows, err, func(r *sql.Rows) error {
			var n event.NodePeriod
			var late money.Nanos
			err := r.Scan(&n.Node, &n.Period, &late)
			all[n] = late
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot read what may arrive late: %w", err)
		}
	}
	return all, nil
}
