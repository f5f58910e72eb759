package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// Consumer is the name under which the event log remembers how far booking
// is, for a database that was never restored: see [Ledger.Consumer].
const Consumer = "booking"

// Consumer returns the name under which the event log remembers how far this
// database's booking is. A restored database has a name of its own. So the log
// delivers everything that it holds once more, as what was booked after the
// backup is in no other place; what is booked already books nothing.
func (l *Ledger) Consumer(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	var restored int64
	err := l.db.QueryRowContext(ctx, `SELECT value FROM ledger_counters WHERE name = 'restored'`).Scan(&restored)
	if errors.Is(err, sql.ErrNoRows) {
		return Consumer, nil
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the name of the log's consumer: %w", err)
	}
	return Consumer + "-" + strconv.FormatInt(restored, 36), nil
}

// newConsumer gives a restored database its name. The number of the next
// incarnation is unlike that of any other restore, of the same backup too.
func newConsumer(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO ledger_counters (name, value)
		SELECT 'restored', value FROM ledger_counters WHERE name = 'incarnation'
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
	if err != nil {
		return fmt.Errorf("cannot name the log's consumer: %w", err)
	}
	return nil
}
