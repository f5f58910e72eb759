package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// ErrNotEmpty says that a database has something in it already.
var ErrNotEmpty = errors.New("the database is not empty")

// Restore fills an empty database with what Backup wrote, in one transaction:
// all of it, or on an error nothing. Nothing else may run on the database.
//
// What happened after the backup is not in it, so the restored database fails
// to no spend:
//
//   - The guard is stopped. What the event log still holds is booked first,
//     from the log's beginning, as [Ledger.Consumer] is another: a bid is
//     booked once.
//   - Every incarnation is fenced: bidders that still run, or began after the
//     backup, stop at their next Grant and have to start again. The slices of
//     all stay their own for a lease and a horizon from now, as they may have
//     bid until now.
//   - Incarnations go on at a number that none of the time after the backup
//     can have had, whatever the clock says: bid ids and the nonces of notice
//     tokens are made from them.
//
// Money that was granted after the backup is known to nobody: its bills are
// booked from what is free, and may overrun by as much as is bid with before
// they came. At the time that it returns, and the guard's reason says, every
// bid from before the restore is beyond its horizon: who resumes bidding then,
// with all that the log holds booked, bids with what is really left.
func (l *Ledger) Restore(ctx context.Context, r io.Reader) (_ Summary, safe time.Time, _ error) {
	s, safe, err := l.restore(ctx, r)
	if err != nil {
		return Summary{}, time.Time{}, fmt.Errorf("cannot restore: %w", err)
	}
	return s, safe, nil
}

func (l *Ledger) restore(ctx context.Context, r io.Reader) (s Summary, safe time.Time, err error) {
	tx, err := l.db.BeginTx(ctx, nil) // once: r cannot be read again
	if err != nil {
		return s, safe, err
	}
	defer tx.Rollback() // after a commit it does nothing
	if err := l.patient(ctx, tx); err != nil {
		return s, safe, err
	}
	if store.IsPostgres(l.db) { // SQLite has no other writer by now
		if _, err := tx.ExecContext(ctx, "LOCK TABLE "+strings.Join(keptTables(), ", ")+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			return s, safe, err
		}
	}
	sink := &restorer{ctx: ctx, tx: tx}
	if err := sink.wantEmpty(); err != nil {
		return s, safe, err
	}
	if s, err = readBackup(r, sink); err != nil {
		return s, safe, err
	}
	if err := sink.flush(); err != nil {
		return s, safe, err
	}
	if len(sink.done) != len(keptTables()) {
		return s, safe, errNoBackup
	}
	if safe, err = l.afterRestore(ctx, tx, s.TakenAt); err != nil {
		return s, safe, err
	}
	return s, safe, tx.Commit()
}

// The numbers of incarnations leap over at least so many, and on by a random
// part of spread: neither a second restore of the same backup, nor a clock that
// was hours ahead when the backup was taken, finds the same ones again.
const (
	leap   = 1 << 24
	spread = 1 << 40
)

func (l *Ledger) afterRestore(ctx context.Context, tx *sql.Tx, takenAt time.Time) (safe time.Time, err error) {
	now := l.clock.Now()
	_, err = tx.ExecContext(ctx, `UPDATE ledger_counters SET value = CASE WHEN value > $1 THEN value + $2 ELSE $1 + $2 END WHERE name = 'incarnation'`,
		now.UnixMilli(), leap+rand.Int64N(spread))
	if err != nil {
		return safe, err
	}
	// A table of rates that was added after the backup may have made bids: their
	// bills must not meet another table of its number.
	const rates = `UPDATE counters SET value = value + $1 WHERE name = 'rate_table'`
	if _, err := tx.ExecContext(ctx, rates, 1<<16+rand.Int64N(1<<22)); err != nil {
		return safe, err
	}
	if err := newConsumer(ctx, tx); err != nil {
		return safe, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE incarnations SET state = CASE WHEN state = 'open' THEN 'fenced' ELSE state END,
		last_seen = CASE WHEN last_seen > $1 THEN last_seen ELSE $1 END WHERE state <> 'reclaimed'`, now.UnixNano())
	if err != nil {
		return safe, err
	}
	horizon := l.horizon()
	var longest sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT MAX(horizon_ms) FROM exchanges`).Scan(&longest); err != nil {
		return safe, err
	}
	if longest.Valid {
		horizon = time.Duration(longest.Int64) * time.Millisecond
	}
	safe = now.Add(l.lease + horizon).UTC()
	reason := fmt.Sprintf("restored from the backup of %s: book what the event log holds; bids from before the restore may be billed until %s",
		takenAt.UTC().Format(time.RFC3339), safe.Format(time.RFC3339))
	_, err = tx.ExecContext(ctx, `UPDATE guard SET stopped = TRUE, reason = $1, set_by = 'restore', set_at = $2 WHERE id = 1`, reason, now.UnixNano())
	return safe, err
}

// restorer writes what is read from a backup.
type restorer struct {
	ctx   context.Context
	tx    *sql.Tx
	done  []string // tables that were begun
	head  string   // of the table at hand
	kinds []columnKind
	rows  [][]any
}

func (r *restorer) wantEmpty() error {
	for _, table := range keptTables() {
		query := "SELECT COUNT(*) FROM " + table
		if used, ok := seeded[table]; ok {
			query += " WHERE " + used
		}
		var n int64
		if err := r.tx.QueryRowContext(r.ctx, query).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: there is something in %s", ErrNotEmpty, table)
		}
	}
	return nil
}

func (r *restorer) header(h backupHeader) error {
	have, err := schemaVersions(r.ctx, r.tx)
	if err != nil {
		return err
	}
	for name, v := range have {
		if h.Schemas[name] != v {
			return fmt.Errorf("the backup's tables are of %s %d, and this program's of %d: restore with the version that made the backup, then change versions",
				name, h.Schemas[name], v)
		}
	}
	return nil
}

func (r *restorer) table(t backupTable) error {
	if err := r.flush(); err != nil {
		return err
	}
	if !isKept(t.Table) || slices.Contains(r.done, t.Table) {
		return errNoBackup
	}
	r.done = append(r.done, t.Table)
	names, kinds, err := tableKinds(r.ctx, r.tx, t.Table)
	if err != nil {
		return err
	}
	r.kinds = r.kinds[:0]
	for _, c := range t.Columns {
		i := slices.Index(names, c)
		if i < 0 {
			return errNoBackup
		}
		r.kinds = append(r.kinds, kinds[i])
	}
	if len(t.Columns) != len(names) {
		return errNoBackup
	}
	r.head = "INSERT INTO " + t.Table + ` ("` + strings.Join(t.Columns, `", "`) + `")`
	if _, ok := seeded[t.Table]; ok {
		_, err = r.tx.ExecContext(r.ctx, "DELETE FROM "+t.Table)
	}
	return err
}

// rowsAtOnce bounds what a restore keeps in memory.
const rowsAtOnce = 600

func (r *restorer) row(values []any) error {
	if r.head == "" {
		return errNoBackup
	}
	for i := range values {
		v, err := columnValue(r.kinds[i], values[i])
		if err != nil {
			return errNoBackup
		}
		values[i] = v
	}
	if r.rows = append(r.rows, values); len(r.rows) < rowsAtOnce {
		return nil
	}
	return r.flush()
}

func (r *restorer) flush() error {
	if err := insert(r.ctx, r.tx, r.head, r.rows, ""); err != nil {
		return fmt.Errorf("cannot write rows: %w", err)
	}
	r.rows = r.rows[:0]
	return nil
}
