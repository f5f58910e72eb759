package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Outcomes is what came of a line item's bids since it began, in its
// advertiser's currency.
type Outcomes struct {
	LineItem   event.LineItemID
	Spent      money.Nanos // booked for it, corrections apart
	Clicks     int64
	Orders     int64 // those that a server of the advertiser told, or all if none did
	OrderValue money.Nanos
	Arrivals   pacing.Arrivals // of the orders, verified or not
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
		r, err = l.db.QueryContext(ctx, arrivals(l.clock.Now())+` line_item IN `+in(1, len(chunk))+` GROUP BY 1, 2, 3`, chunk...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var id event.LineItemID
			var delay, age int
			var n int64
			err := r.Scan(&id, &delay, &age, &n)
			if delay < len(pacing.OrderAges) {
				of(id).Arrivals[delay][max(delay, min(age, len(pacing.OrderAges)-1))] += n
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot count when conversions came: %w", err)
		}
	}
	out := make([]Outcomes, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[id])
	}
	return out, nil
}

// arrivals counts orders by how long after their click they came, and how long
// ago the click is.
func arrivals(now time.Time) string {
	ages := func(what string) string {
		var b strings.Builder
		b.WriteString("CASE")
		for i, age := range pacing.OrderAges {
			fmt.Fprintf(&b, " WHEN %s <= %d THEN %d", what, int64(age), i)
		}
		fmt.Fprintf(&b, " ELSE %d END", len(pacing.OrderAges))
		return b.String()
	}
	return `SELECT line_item, ` + ages("received_at - clicked_at") + `, ` + ages(fmt.Sprintf("%d - clicked_at", now.UnixNano())) + `, COUNT(*) FROM conversions WHERE`
}

// counts says whether an event is a click that counts.
func counts(e *event.Event) bool {
	return e.Kind == event.KindClick && !e.Test && !e.Expired && e.PriceState != event.PriceAudit && e.LineItem != 0
}

// countClicks keeps clicks, each bid's once, and returns those that are new.
// The caller holds the lock of bookings.
func countClicks(ctx context.Context, tx *sql.Tx, clicks []*event.Event) (map[event.LineItemID]sum, error) {
	added := make(map[event.LineItemID]sum)
	bids := make(map[event.BidID]event.LineItemID, len(clicks)) // no statement may name a row twice
	for _, e := range clicks {
		bids[e.Bid] = e.LineItem
	}
	rows := make([][]any, 0, len(bids))
	for bid, item := range bids {
		rows = append(rows, []any{bid.String(), int64(item)})
	}
	err := inParts(rows, func(s shape, args []any) error {
		r, err := tx.QueryContext(ctx, s.values(`INSERT INTO clicks (bid_id, line_item)`, `ON CONFLICT (bid_id) DO NOTHING RETURNING line_item`, false), args...)
		return scanAll(r, err, func(r *sql.Rows) error {
			var id event.LineItemID
			err := r.Scan(&id)
			sum := added[id]
			sum.clicks++
			added[id] = sum
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cannot write clicks: %w", err)
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
	err := insert(ctx, tx, `INSERT INTO line_item_sums (line_item, spent, clicks)`, rows,
		`ON CONFLICT (line_item) DO UPDATE SET `+addSpentRows("line_item_sums")+`, clicks = line_item_sums.clicks + excluded.clicks`)
	if err != nil {
		return fmt.Errorf("cannot add to what line items spent: %w", err)
	}
	return nil
}
