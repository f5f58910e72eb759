package why

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Traffic is the id under which all requests are counted, whatever line items
// they met. No line item has it.
const Traffic event.LineItemID = 0

// Row is what one start of a bidder counted of a line item on a day.
type Row struct {
	LineItem event.LineItemID
	Day      event.Period // in UTC
	Counts   catalog.Counts
}

// Rows keeps counts in the ledger's database.
type Rows struct{ db *sql.DB }

// NewRows returns the rows in a database whose tables the ledger made.
func NewRows(db *sql.DB) *Rows { return &Rows{db} }

// rowsPerStatement keeps statements short: SQLite looks a parameter up among
// all others.
const rowsPerStatement = 25

// Write writes rows of one start of a bidder, in one transaction. A row that
// is there is replaced: counts are since the start of the day.
func (r *Rows) Write(ctx context.Context, incarnation uint64, rows []Row) error {
	err := store.InTx(ctx, r.db, func(tx *sql.Tx) error {
		for from := 0; from < len(rows); from += rowsPerStatement {
			var b strings.Builder
			var args []any
			b.WriteString(`INSERT INTO line_item_reasons (line_item, day, incarnation, counts) VALUES `)
			for i, row := range rows[from:min(from+rowsPerStatement, len(rows))] {
				text, err := json.Marshal(written(&row.Counts))
				if err != nil {
					return err
				}
				if i > 0 {
					b.WriteString(", ")
				}
				n := len(args)
				fmt.Fprintf(&b, "($%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4)
				args = append(args, int64(row.LineItem), int64(row.Day), int64(incarnation), string(text))
			}
			b.WriteString(` ON CONFLICT (line_item, day, incarnation) DO UPDATE SET counts = excluded.counts`)
			if _, err := tx.ExecContext(ctx, b.String(), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot write why line items do not bid: %w", err)
	}
	return nil
}

// Read sums what all bidders counted of a line item from a day on.
func (r *Rows) Read(ctx context.Context, id event.LineItemID, from event.Period) (sum catalog.Counts, err error) {
	rows, err := r.db.QueryContext(ctx, `SELECT counts FROM line_item_reasons WHERE line_item = $1 AND day >= $2`, int64(id), int64(from))
	if err != nil {
		return sum, fmt.Errorf("cannot read why a line item does not bid: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		var w writtenCounts
		if err := rows.Scan(&text); err != nil {
			return sum, fmt.Errorf("cannot read why a line item does not bid: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &w); err != nil {
			return sum, fmt.Errorf("cannot read why line item %d does not bid: %w", id, err)
		}
		c := w.counts()
		sum.Add(&c)
	}
	if err := rows.Err(); err != nil {
		return sum, fmt.Errorf("cannot read why a line item does not bid: %w", err)
	}
	return sum, nil
}

// prunedAtOnce bounds a transaction of Prune.
const prunedAtOnce = 500

// Prune deletes what is older than a day.
func (r *Rows) Prune(ctx context.Context, before event.Period) error {
	for {
		result, err := r.db.ExecContext(ctx, `DELETE FROM line_item_reasons WHERE (line_item, day, incarnation) IN
			(SELECT line_item, day, incarnation FROM line_item_reasons WHERE day < $1 LIMIT `+strconv.Itoa(prunedAtOnce)+`)`, int64(before))
		if err != nil {
			return fmt.Errorf("cannot delete old reasons: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n < prunedAtOnce {
			return err
		}
	}
}

// writtenCounts is how counts are written: reasons by name, since their
// numbers change from version to version.
type writtenCounts struct {
	Bids    int64            `json:"bids,omitempty"`
	Won     int64            `json:"won,omitempty"`
	Lost    int64            `json:"lost,omitempty"`
	Met     map[string]int64 `json:"met,omitempty"`
	Sampled map[string]int64 `json:"sampled,omitempty"`
}

func written(c *catalog.Counts) writtenCounts {
	return writtenCounts{
		Bids: c.Bids, Won: c.Won, Lost: c.Lost,
		Met: named(&c.Met), Sampled: named(&c.Sampled),
	}
}

func named(counts *[openrtb.ReasonCount]int64) map[string]int64 {
	m := map[string]int64{}
	for r, n := range counts {
		if n != 0 {
			m[openrtb.Reason(r).String()] = n
		}
	}
	return m
}

func (w *writtenCounts) counts() catalog.Counts {
	c := catalog.Counts{Bids: w.Bids, Won: w.Won, Lost: w.Lost}
	for r := range c.Met {
		name := openrtb.Reason(r).String()
		c.Met[r], c.Sampled[r] = w.Met[name], w.Sampled[name]
	}
	return c
}
