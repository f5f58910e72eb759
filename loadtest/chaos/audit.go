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
	byTable  map[uint32]int // bookings, by the table of rates that converted them; 0: none
	// misconverted are bookings whose advertiser pays anything but the bill, by
	// the rate of a table.
	misconverted []string
	// unbalanced are budgets whose balance is not the sum of their bookings.
	unbalanced []string
}

func (w *world) audit(ctx context.Context) (*audit, error) {
	a := &audit{bookings: map[string]money.Nanos{}, byTable: map[uint32]int{}}
	rows, err := w.store.DB().QueryContext(ctx, `SELECT bid_id, amount, disputed, advertiser_currency, media, advertiser_cost, rate_table FROM bookings`)
	if err != nil {
		return nil, fmt.Errorf("cannot read the bookings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var bid string
		var currency string
		var amount, disputed, media, cost money.Nanos
		var table uint32
		if err := rows.Scan(&bid, &amount, &disputed, &currency, &media, &cost, &table); err != nil {
			return nil, fmt.Errorf("cannot read the bookings: %w", err)
		}
		if !w.payers.converted(amount, media, currency, table) || cost != media {
			a.misconverted = append(a.misconverted, fmt.Sprintf("%s: billed %s, converted by table %d to %s %s", bid, amount, table, cost, currency))
		}
		a.byTable[table]++
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
