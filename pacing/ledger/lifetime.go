package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// StartLifetime makes the balance of a lifetime budget begin with all that its
// owner, a "campaign" or a "line_item", was ever booked and corrected by: it
// was spent while there was no such limit. It reads every booking there is, in
// the transaction that gives the budget. Bids that are out by then do not know
// the budget: their bills are not on it.
func StartLifetime(ctx context.Context, tx *sql.Tx, node event.NodeID, kind string, owner int64) error {
	column, ok := map[string]string{"campaign": "campaign", "line_item": "line_item"}[kind]
	if !ok {
		return fmt.Errorf("cannot start a budget: there is no kind %.40q", kind)
	}
	var booked, media money.Nanos
	var bookings int64
	err := tx.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(x.cost), 0) AS BIGINT), CAST(COALESCE(SUM(x.media), 0) AS BIGINT), CAST(COALESCE(SUM(x.n), 0) AS BIGINT) FROM (
		SELECT advertiser_cost AS cost, media, 1 AS n FROM bookings WHERE `+column+` = $1 UNION ALL
		SELECT advertiser_cost, CASE WHEN kind = 'reconciliation' THEN media ELSE 0 END, 0 FROM corrections WHERE `+column+` = $1 AND NOT redated) x`,
		owner).Scan(&booked, &media, &bookings)
	if err != nil {
		return fmt.Errorf("cannot read what %s %d has spent: %w", kind, owner, err)
	}
	// What is on the node from an earlier time that it had a limit is in the sum.
	_, err = tx.ExecContext(ctx, `INSERT INTO balances (node, period, booked, media, bookings) VALUES ($1, 0, $2, $3, $4)
		ON CONFLICT (node, period) DO UPDATE SET
		booked = CASE WHEN balances.booked > excluded.booked THEN balances.booked ELSE excluded.booked END,
		media = CASE WHEN balances.media > excluded.media THEN balances.media ELSE excluded.media END,
		bookings = CASE WHEN balances.bookings > excluded.bookings THEN balances.bookings ELSE excluded.bookings END`,
		int64(node), int64(max(0, booked)), int64(max(0, media)), bookings)
	if err != nil {
		return fmt.Errorf("cannot start the balance of budget %d: %w", node, err)
	}
	return nil
}
