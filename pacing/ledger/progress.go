package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A hold is let go because time passed and no bill was booked. That says
// something only if bills are booked as they come: while the worker, the log
// or a bidder's connection to it is down, they wait where no bidder sees them.
// So holds age by how far booking has come, not by the clock.

// BookedThrough returns a market time: whatever bidders received before it is
// booked, as far as this ledger knows. It stands still while booking does. It
// is the zero time before the first booker ran.
func (l *Ledger) BookedThrough(ctx context.Context) (time.Time, error) {
	through, unlogged, err := l.progress(ctx)
	if err != nil || through == 0 {
		return time.Time{}, err
	}
	if unlogged.Valid {
		through = min(through, unlogged.Int64)
	}
	return time.Unix(0, through).UTC(), nil
}

// Booked is BookedThrough for what has reached the log.
func (l *Ledger) Booked(ctx context.Context) (time.Time, error) {
	through, _, err := l.progress(ctx)
	if err != nil || through == 0 {
		return time.Time{}, err
	}
	return time.Unix(0, through).UTC(), nil
}

// progress returns both in unix nanos. What a dead bidder kept counts for as
// long as its slices do.
func (l *Ledger) progress(ctx context.Context) (through int64, unlogged sql.NullInt64, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	err = l.db.QueryRowContext(ctx, `SELECT through, (SELECT MIN(u.since) FROM unlogged u WHERE EXISTS
			(SELECT 1 FROM incarnations i WHERE i.name = u.name AND i.state <> 'reclaimed'))
		FROM booking_progress WHERE id = 1`).Scan(&through, &unlogged)
	if err != nil {
		return 0, unlogged, fmt.Errorf("cannot read how far booking has come: %w", err)
	}
	return through, unlogged, nil
}

// SetBooked says that what was received before through, and reached the log,
// is booked. Older events may come to the log later: then it goes back.
func (l *Ledger) SetBooked(ctx context.Context, through time.Time) error {
	_, err := l.change(ctx, `UPDATE booking_progress SET through = $1 WHERE id = 1`, through.UnixNano())
	if err != nil {
		return fmt.Errorf("cannot write how far booking has come: %w", err)
	}
	return nil
}

// SetUnlogged says that a bidder, by name, keeps events that the log does not
// have, none of them received before since. An earlier word that was not taken
// back stands.
func (l *Ledger) SetUnlogged(ctx context.Context, name string, since time.Time) error {
	_, err := l.change(ctx, `INSERT INTO unlogged (name, since) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE
		SET since = CASE WHEN unlogged.since < excluded.since THEN unlogged.since ELSE excluded.since END`, name, since.UnixNano())
	if err != nil {
		return fmt.Errorf("cannot write that events are not logged: %w", err)
	}
	return nil
}

// SetLogged takes SetUnlogged back: the log has everything, and it is booked.
func (l *Ledger) SetLogged(ctx context.Context, name string) error {
	if _, err := l.change(ctx, `DELETE FROM unlogged WHERE name = $1`, name); err != nil {
		return fmt.Errorf("cannot write that events are logged: %w", err)
	}
	return nil
}
