package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tangent-dsp/tangent/event"
)

// writeBookings writes the rows of bookings, with cursors from after on.
func writeBookings(ctx context.Context, tx *sql.Tx, after int64, bills []booking) error {
	rows := make([][]any, 0, len(bills))
	var nodes [][]any
	for i := range bills {
		b, cursor := &bills[i], after+int64(i)+1
		rows = append(rows, []any{
			b.Bid.String(), cursor, int64(b.Bid.Incarnation()), b.Kind.String(),
			int64(b.Exchange), int64(b.Advertiser), int64(b.Campaign), int64(b.LineItem), int64(b.Creative),
			b.Currency, int64(b.BidPrice), int64(b.amount),
			int64(b.cost), int64(b.bill.disputed), int64(b.overrun), b.PriceState.String(), b.Late,
			b.IssuedAt.UnixNano(), b.OccurredAt.UnixNano(), b.ReceivedAt.UnixNano(),
			b.currency, int64(b.media), int64(b.table), int64(b.Sold()),
		})
		for j, n := range b.Nodes {
			c := b.cover[j]
			nodes = append(nodes, []any{cursor, j, int64(n.Node), int64(n.Period), int64(c.fromSlice), int64(c.fromFree), int64(c.overrun)})
		}
	}
	err := insert(ctx, tx, `INSERT INTO bookings (bid_id, cursor, incarnation, kind, exchange, advertiser, campaign, line_item, creative,
		currency, bid_price, amount, advertiser_cost, disputed, overrun, price_state, late, issued_at, occurred_at, received_at,
		advertiser_currency, media, rate_table, impressions)`, rows, "")
	if err != nil {
		return fmt.Errorf("cannot write bookings: %w", err)
	}
	err = insert(ctx, tx, `INSERT INTO booking_nodes (cursor, position, node, period, from_slice, from_free, overrun)`, nodes, "")
	if err != nil {
		return fmt.Errorf("cannot write the nodes of bookings: %w", err)
	}
	return nil
}

// addToBalances adds bookings to balances that are locked, so their rows exist.
func addToBalances(ctx context.Context, tx *sql.Tx, moved map[event.NodePeriod]movement) error {
	rows := make([][]any, 0, len(moved))
	for n, m := range moved {
		rows = append(rows, []any{int64(n.Node), int64(n.Period), int64(m.booked), int64(m.media), int64(m.overrun), int64(m.disputed), m.bookings})
	}
	err := insert(ctx, tx, `INSERT INTO balances (node, period, booked, media, overrun, disputed, bookings)`, rows,
		`ON CONFLICT (node, period) DO UPDATE SET booked = balances.booked + excluded.booked,
		media = balances.media + excluded.media, overrun = balances.overrun + excluded.overrun,
		disputed = `+addDisputedRows("balances")+`, bookings = balances.bookings + excluded.bookings`)
	if err != nil {
		return fmt.Errorf("cannot change balances: %w", err)
	}
	return nil
}
