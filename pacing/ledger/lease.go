package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Lease says who does what only one process should do at a time.
//
// It is for efficiency only. Two holders for a moment, because a clock is
// wrong or a process was frozen, lose and double nothing: a bid is booked once
// whoever books it. What needs more than that must not rely on a lease.
type Lease struct {
	Holder string
	Until  time.Time // market time
}

// Acquire takes the lease of that name for a while of market time, or renews
// it, unless another holder has it still. A holder's name must be its own: of
// this process, and not of the one before it. Clocks of holders should agree
// to within a small part of ttl.
func (l *Ledger) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	if err := checkLease(name, holder); err != nil {
		return false, err
	}
	now := l.clock.Now()
	n, err := l.change(ctx, `INSERT INTO leases (name, holder, until_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
		WHERE leases.holder = excluded.holder OR leases.until_at <= $4`, name, holder, now.Add(ttl).UnixNano(), now.UnixNano())
	if err != nil {
		return false, fmt.Errorf("cannot acquire the lease %s: %w", name, err)
	}
	return n == 1, nil
}

// Renew prolongs the lease, and says false if another holder took it. One that
// ran out and that nobody took goes on.
func (l *Ledger) Renew(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	n, err := l.change(ctx, `UPDATE leases SET until_at = $1 WHERE name = $2 AND holder = $3`,
		l.clock.Now().Add(ttl).UnixNano(), name, holder)
	if err != nil {
		return false, fmt.Errorf("cannot renew the lease %s: %w", name, err)
	}
	return n == 1, nil
}

// Release gives the lease up, if the holder has it: the next one need not wait.
func (l *Ledger) Release(ctx context.Context, name, holder string) error {
	if _, err := l.change(ctx, `DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder); err != nil {
		return fmt.Errorf("cannot release the lease %s: %w", name, err)
	}
	return nil
}

// Holder returns who had the lease last, or a zero one. It may have run out.
func (l *Ledger) Holder(ctx context.Context, name string) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	var lease Lease
	var until int64
	err := l.db.QueryRowContext(ctx, `SELECT holder, until_at FROM leases WHERE name = $1`, name).Scan(&lease.Holder, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return Lease{}, nil
	}
	if err != nil {
		return Lease{}, fmt.Errorf("cannot read the lease %s: %w", name, err)
	}
	lease.Until = time.Unix(0, until).UTC()
	return lease, nil
}

// change runs one statement and returns how many rows it touched.
func (l *Ledger) change(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = l.inTx(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, err
}

func checkLease(name, holder string) error {
	if !plainName(name) || !plainName(holder) {
		return errors.New("cannot acquire a lease: its name and its holder must be 1 to 200 bytes of UTF-8")
	}
	return nil
}
