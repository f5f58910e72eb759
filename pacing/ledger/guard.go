package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Guard is the switch that stops all bidding. While it is stopped, Grant gives
// nothing, whatever a bidder does; and every bidder that watches it stops to
// spend what it has.
type Guard struct {
	Stopped bool
	Reason  string
	By      string    // who set it
	At      time.Time // market time; zero if it was never set
}

// GuardInterval is how often to look at the guard, in real time, so that all
// bidding stops within a second: a look is one row by its key, which waits for
// no lock, so it is not late when bookings are.
const GuardInterval = 250 * time.Millisecond

// maxGuardText bounds a reason and a name, in bytes.
const maxGuardText = 1000

// Guard returns how the switch stands.
func (l *Ledger) Guard(ctx context.Context) (Guard, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	g, err := scanGuard(l.db.QueryRowContext(ctx, `SELECT stopped, reason, set_by, set_at FROM guard WHERE id = 1`))
	if err != nil {
		return Guard{}, fmt.Errorf("cannot read the guard: %w", err)
	}
	return g, nil
}

// SetGuard stops all bidding, or lets it go on, and says why and by whom.
func (l *Ledger) SetGuard(ctx context.Context, stopped bool, reason, by string) (Guard, error) {
	for _, text := range []string{reason, by} {
		if text == "" || len(text) > maxGuardText || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return Guard{}, fmt.Errorf("cannot set the guard: a reason and a name of 1 to %d bytes in UTF-8 are needed", maxGuardText)
		}
	}
	var g Guard
	err := l.inTx(ctx, func(tx *sql.Tx) (err error) {
		g, err = scanGuard(tx.QueryRowContext(ctx, `UPDATE guard SET stopped = $1, reason = $2, set_by = $3, set_at = $4 WHERE id = 1
			RETURNING stopped, reason, set_by, set_at`, stopped, reason, by, l.clock.Now().UnixNano()))
		return err
	})
	if err != nil {
		return Guard{}, fmt.Errorf("cannot set the guard: %w", err)
	}
	return g, nil
}

func scanGuard(row *sql.Row) (g Guard, err error) {
	var at int64
	err = row.Scan(&g.Stopped, &g.Reason, &g.By, &at)
	if at != 0 {
		g.At = time.Unix(0, at).UTC()
	}
	return g, err
}

// WatchGuard looks at the guard every interval of real time until ctx ends,
// and tells changed how it stands: at first, and whenever that is different.
// Failures go to failed, if it is not nil, and end nothing: a bidder that
// cannot reach the ledger goes on until its lease ends, and gets no money.
func (l *Ledger) WatchGuard(ctx context.Context, interval time.Duration, changed func(Guard), failed func(error)) {
	t := time.NewTicker(interval)
	defer t.Stop()
	var last *Guard
	for {
		g, err := l.guardSoon(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if failed != nil {
				failed(err)
			}
		case last == nil || *last != g:
			last = &g
			changed(g)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// guardSoon does not wait for an answer longer than a stop may take: the next
// look goes over another connection.
func (l *Ledger) guardSoon(ctx context.Context) (Guard, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Second/2, errors.New("the ledger is slow"))
	defer cancel()
	return l.Guard(ctx)
}
