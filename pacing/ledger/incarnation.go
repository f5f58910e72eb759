package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/pacing"
)

// Open starts a new incarnation and fences the older ones of the name.
// Numbers grow at least with the market clock's milliseconds: a database
// restored from a backup must not repeat one, because bid ids and the nonces
// of notice tokens are made from them.
func (l *Ledger) Open(ctx context.Context, name string) (uint64, error) {
	if !plainName(name) {
		return 0, errors.New("cannot open an incarnation: the name must be 1 to 200 bytes of UTF-8")
	}
	now := l.clock.Now()
	var id uint64
	err := l.inTx(ctx, func(tx *sql.Tx) (err error) {
		if id, err = nextNumber(ctx, tx, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE incarnations SET state = 'fenced' WHERE name = $1 AND state = 'open'`, name); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO incarnations (id, name, state, opened_at, last_seen) VALUES ($1, $2, 'open', $3, $3)`,
			int64(id), name, now.UnixNano())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cannot open an incarnation: %w", err)
	}
	return id, nil
}

// Epoch returns a number that is larger than all incarnations and epochs
// before it, and at least the market clock's milliseconds.
func (l *Ledger) Epoch(ctx context.Context) (epoch uint64, err error) {
	err = l.inTx(ctx, func(tx *sql.Tx) error {
		epoch, err = nextNumber(ctx, tx, l.clock.Now())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cannot begin an epoch: %w", err)
	}
	return epoch, nil
}

func nextNumber(ctx context.Context, tx *sql.Tx, now time.Time) (uint64, error) {
	var n int64
	err := tx.QueryRowContext(ctx, `UPDATE ledger_counters
		SET value = CASE WHEN value >= $1 THEN value + 1 ELSE $1 END
		WHERE name = 'incarnation' RETURNING value`, now.UnixMilli()).Scan(&n)
	return uint64(n), err
}

// Close says that the incarnation bids no more.
func (l *Ledger) Close(ctx context.Context, incarnation uint64) error {
	_, err := l.change(ctx, `UPDATE incarnations SET state = 'closed' WHERE id = $1 AND state = 'open'`, int64(incarnation))
	if err != nil {
		return fmt.Errorf("cannot close incarnation %d: %w", incarnation, err)
	}
	return nil
}

// touch renews the lease and locks the incarnation's row, or returns
// ErrFenced. A clock that went back does not shorten what was promised. It
// also says whether the guard is stopped.
func (l *Ledger) touch(ctx context.Context, tx *sql.Tx, incarnation uint64) (stopped bool, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE incarnations
		SET last_seen = CASE WHEN last_seen > $1 THEN last_seen ELSE $1 END
		WHERE id = $2 AND state = 'open'
		RETURNING (SELECT stopped FROM guard WHERE guard.id = 1)`, l.clock.Now().UnixNano(), int64(incarnation)).Scan(&stopped)
	if errors.Is(err, sql.ErrNoRows) {
		err = pacing.ErrFenced
	}
	return stopped, err
}

// plainName says that a text can be a name in the database.
func plainName(s string) bool {
	return s != "" && len(s) <= 200 && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// Opened says whether an incarnation is one that this ledger opened, ever.
func (l *Ledger) Opened(ctx context.Context, incarnation uint64) (bool, error) {
	if incarnation > math.MaxInt64 {
		return false, nil
	}
	var n int64
	if err := l.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM incarnations WHERE id = $1`, int64(incarnation)).Scan(&n); err != nil {
		return false, fmt.Errorf("cannot look incarnation %d up: %w", incarnation, err)
	}
	return n > 0, nil
}

// Alive returns how many bidders asked for money within the lease.
func (l *Ledger) Alive(ctx context.Context) (n int, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM incarnations WHERE state = 'open' AND last_seen >= $1`, l.clock.Now().Add(-l.lease).UnixNano()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("cannot count bidders: %w", err)
	}
	return n, nil
}
