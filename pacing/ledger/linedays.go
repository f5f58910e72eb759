package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Spending is what was booked for a line item in some time, corrections apart.
type Spending struct {
	Bookings int64
	Spent    money.Nanos // what the advertiser pays, in its currency
}

// SpendingSince returns what was booked for a line item of the notices of the
// day, in UTC, that a time is in, and of later ones.
func (l *Ledger) SpendingSince(ctx context.Context, id event.LineItemID, from time.Time) (Spending, error) {
	var s Spending
	r, err := l.db.QueryContext(ctx, `SELECT bookings, spent FROM line_item_days WHERE line_item = $1 AND day >= $2`, int64(id), dayOf(from))
	err = scanAll(r, err, func(r *sql.Rows) error {
		var bookings int64
		var spent money.Nanos
		err := r.Scan(&bookings, &spent)
		s.Bookings, s.Spent = s.Bookings+bookings, clipped(s.Spent, spent)
		return err
	})
	if err != nil {
		return Spending{}, fmt.Errorf("cannot read what line item %d spent: %w", id, err)
	}
	return s, nil
}

// dayOf is the day of a time: of Unix time, which both databases can tell
// from the time of a booking.
func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

type lineItemDay struct {
	item event.LineItemID
	day  int64
}

// addToDays adds what a transaction books to the days of its line items.
func addToDays(ctx context.Context, tx *sql.Tx, bills []booking) error {
	added := make(map[lineItemDay]Spending)
	for i := range bills {
		key := lineItemDay{bills[i].LineItem, dayOf(bills[i].OccurredAt)}
		s := added[key]
		added[key] = Spending{s.Bookings + 1, clipped(s.Spent, bills[i].cost)}
	}
	keys := slices.SortedFunc(maps.Keys(added), func(a, b lineItemDay) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.day, b.day))
	})
	rows := make([][]any, 0, len(keys))
	for _, k := range keys {
		rows = append(rows, []any{int64(k.item), k.day, added[k].Bookings, int64(min(added[k].Spent, mostSpent))})
	}
	err := insert(ctx, tx, `INSERT INTO line_item_days (line_item, day, bookings, spent)`, rows,
		`ON CONFLICT (line_item, day) DO UPDATE SET bookings = line_item_days.bookings + excluded.bookings, `+addSpentRows("line_item_days"))
	if err != nil {
		return fmt.Errorf("cannot add to what line items spent on a day: %w", err)
	}
	return nil
}

// addSpentRows adds what is inserted to a table's column spent.
func addSpentRows(table string) string {
	return strings.NewReplacer("TABLE", table, "MOST", fmt.Sprint(int64(mostSpent))).Replace(
		`spent = CASE WHEN TABLE.spent > MOST - excluded.spent THEN MOST ELSE TABLE.spent + excluded.spent END`)
}
