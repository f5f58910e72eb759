package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// settledRows bounds what Settled reads at once: one row per booking and node.
// It must exceed the nodes of a booking.
const settledRows = 20_000

// Settled returns bookings of the incarnation's bids with a cursor above
// after, in order; none when the caller has seen them all.
func (l *Ledger) Settled(ctx context.Context, incarnation uint64, after int64) ([]pacing.Booked, error) {
	var all []pacing.Booked
	rows := 0
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	r, err := l.db.QueryContext(ctx, `SELECT b.cursor, b.bid_id, b.kind, b.advertiser_cost, b.disputed, b.overrun, b.exchange, b.received_at - b.issued_at, n.node, n.period, n.from_slice
		FROM bookings b LEFT JOIN booking_nodes n ON n.cursor = b.cursor
		WHERE b.incarnation = $1 AND b.cursor > $2 ORDER BY b.cursor, n.position LIMIT $3`, int64(incarnation), after, l.page)
	err = scanAll(r, err, func(r *sql.Rows) error {
		rows++
		var b pacing.Booked
		var bid, kind string
		var node, period, fromSlice sql.NullInt64
		if err := r.Scan(&b.Cursor, &bid, &kind, &b.Amount, &b.Disputed, &b.Overrun, &b.Exchange, &b.Age, &node, &period, &fromSlice); err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].Cursor != b.Cursor {
			var err error
			if b.Bid, err = event.ParseBidID(bid); err != nil {
				return err
			}
			b.Kind, _ = event.ParseKind(kind)
			all = append(all, b)
		}
		if last := &all[len(all)-1]; node.Valid {
			last.Nodes = append(last.Nodes, event.NodePeriod{Node: event.NodeID(node.Int64), Period: event.Period(period.Int64)})
			last.FromSlice = append(last.FromSlice, money.Nanos(fromSlice.Int64))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read what was settled of incarnation %d: %w", incarnation, err)
	}
	if rows == l.page {
		all = all[:len(all)-1] // its last nodes may be on the next page
	}
	return all, nil
}
