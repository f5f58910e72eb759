package chaos

import (
	"context"
	"fmt"

	"github.com/tangent-dsp/tangent/money"
)

// audit is Tangent's book, bid by bid, beside the exchange's.
type audit struct {
	bookings map[string]money.Nanos // by bid id
	amount   money.Nanos
	disputed money.Nanos
	// unbalanced are budgets whose balance is not the sum of their bookings.
	unbalanced []string
}

func (w *world) audit(ctx context.Context) (*audit, error) {
	a := &audit{bookings: map[string]money.Nanos{}}
	rows, err := w.store.DB().QueryContext(ctx, `SELECT bid_id, amount, disputed FROM bookings`)
	if err != nil {
		return nil, fmt.Errorf("cannot read the bookings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var bid string
		var amount, disputed money.Nanos
		if err := rows.Scan(&bid, &amount, &disputed); err != nil {
			return nil, fmt.Errorf("cannot read the bookings: %w", err)
		}
		a.bookings[bid] = amount
		a.amount += amount
		a.disputed += disputed
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the bookings: %w", err)
	}
	return a, w.auditBalances(ctx, a)
}

// auditBalances compares each budget's balance with what its bookings say: a
// bid that moved a budget twice shows here.
func (w *world) auditBalances(ctx context.Context, a *audit) error {
	rows, err := w.store.DB().QueryContext(ctx, `SELECT b.node, b.period, b.booked, COALESCE(SUM(n.from_slice + n.from_free + n.overrun), 0)
		FROM balances b LEFT JOIN booking_nodes n ON n.node = b.node AND n.period = b.period
		GROUP BY b.node, b.period, b.booked`)
	if err != nil {
		return fmt.Errorf("cannot read the balances: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var node, period int64
		var booked, sum money.Nanos
		if err := rows.Scan(&node, &period, &booked, &sum); err != nil {
			return fmt.Errorf("cannot read the balances: %w", err)
		}
		if booked != sum {
			a.unbalanced = append(a.unbalanced, fmt.Sprintf("budget %d, period %d: booked %s, its bookings sum up to %s", node, period, booked, sum))
		}
	}
	return rows.Err()
}
