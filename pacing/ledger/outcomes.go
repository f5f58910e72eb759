package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Outcomes is what came of a line item's bids since it began, in its
// advertiser's currency.
type Outcomes struct {
	LineItem   event.LineItemID
	Spent      money.Nanos // booked for it, corrections apart
	Clicks     int64
	Orders     int64 // those that a server of the advertiser told, or all if none did
	OrderValue money.Nanos
}

// Outcomes returns what came of line items, those of which something did.
func (l *Ledger) Outcomes(ctx context.Context, ids []event.LineItemID) ([]Outcomes, error) {
	all := make(map[event.LineItemID]*Outcomes, len(ids))
	of := func(id event.LineItemID) *Outcomes {
		if all[id] == nil {
			all[id] = &Outcomes{LineItem: id}
		}
		return all[id]
	}
	for chunk := range slices.Chunk(anyOf(ids), 4*rowsPerStatement) {
		r, err := l.db.QueryContext(ctx, `SELECT line_item, spent, clicks FROM line_item_sums WHERE line_item IN `+in(1, len(chunk)), chunk...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var id event.LineItemID
			var spent money.Nanos
			var clicks int64
			if err := r.Scan(&id, &spent, &clicks); err != nil {
				return err
			}
			o := of(id)
			o.Spent, o.Clicks = spent, clicks
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("cannot read what line items spent: %w", err)
		}
		r, err = l.db.QueryContext(ctx, sumConversions+` line_item IN `+in(1, len(chunk))+` GROUP BY line_item, verified ORDER BY verified`, chunk...)
		err = scanAll(r, err, func(r *sql.Rows) error { // verified ones last
			id, _, n, value, err := scanConversions(r)
			o := of(event.LineItemID(id))
			o.Orders, o.OrderValue = n, value
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot sum conversions: %w", err)
		}
	}
	out := make([]Outcomes, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[id])
	}
	return out, nil
}

// counts says whether an event is a click that counts.
func counts(e *event.Event) bool {
	return e.Kind == event.KindClick && !e.Test && !e.Expired && e.PriceState != event.PriceAudit && e.LineItem != 0
}

// countClicks keeps clicks, each bid's once, and returns those that are new.
// The caller holds the lock of bookings.
func countClicks(ctx context.Context, tx *sql.Tx, clicks []*event.Event) (map[event.LineItemID]sum, error) {
	added := make(map[event.LineItemID]sum)
	for some := range slices.Chunk(clicks, rowsPerStatement) {
		rows := make(map[string][]any, len(some)) // no statement may name a row twice
		for _, e := range some {
			rows[e.Bid.String()] = []any{e.Bid.String(), int64(e.LineItem)}
		}
		query, args := values(`INSERT INTO clicks (bid_id, line_item)`, slices.Collect(maps.Values(rows)), `ON CONFLICT (bid_id) DO NOTHING RETURNING line_item`)
		r, err := tx.QueryContext(ctx, query, args...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var id event.LineItemID
			err := r.Scan(&id)
			s := added[id]
			s.clicks++
			added[id] = s
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot write clicks: %w", err)
		}
	}
	return added, nil
}

// sum is what a transaction adds to a line item.
type sum struct {
	spent  money.Nanos
	clicks int64
}

func addSpent(added map[event.LineItemID]sum, bills []booking) {
	for i := range bills {
		s := added[bills[i].LineItem]
		s.spent = clipped(s.spent, bills[i].cost)
		added[bills[i].LineItem] = s
	}
}

// mostSpent is where a line item's sum stops: it is a guide, not money that is
// owed, and must not end booking.
const mostSpent = 8 * money.Cap

func addToLineItems(ctx context.Context, tx *sql.Tx, added map[event.LineItemID]sum) error {
	rows := make([][]any, 0, len(added))
	for _, id := range slices.Sorted(maps.Keys(added)) {
		rows = append(rows, []any{int64(id), int64(min(added[id].spent, mostSpent)), added[id].clicks})
	}
	most := fmt.Sprint(int64(mostSpent))
	err := insert(ctx, tx, `INSERT INTO line_item_sums (line_item, spent, clicks)`, rows, strings.ReplaceAll(`ON CONFLICT (line_item) DO UPDATE SET
		spent = CASE WHEN line_item_sums.spent > MOST - excluded.spent THEN MOST ELSE line_item_sums.spent + excluded.spent END,
		clicks = line_item_sums.clicks + excluded.clicks`, "MOST", most))
	if err != nil {
		return fmt.Errorf("cannot add to what line items spent: %w", err)
	}
	return nil
}
