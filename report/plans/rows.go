package plans

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// Central is the name of the controller that steps for all bidders. A bidder's
// own has the bidder's name.
const Central = ""

// row is how a controller sees a line item, packed.
type row struct {
	lineItem event.LineItemID
	at       time.Time // of its step, in market time
	view     string
}

// everyStep is the line item of a row that says when its controller stepped
// last. No line item has it.
const everyStep event.LineItemID = 0

// Rows keeps views in the ledger's database.
type Rows struct{ db *sql.DB }

// NewRows returns the rows in a database whose tables the ledger made.
func NewRows(db *sql.DB) *Rows { return &Rows{db} }

// rowsPerStatement keeps statements short: a row has some 5 KB.
const rowsPerStatement = 20

// write replaces rows of a controller, in one transaction.
func (r *Rows) write(ctx context.Context, controller string, rows []row) error {
	err := store.InTx(ctx, r.db, func(tx *sql.Tx) error {
		for some := range slices.Chunk(rows, rowsPerStatement) {
			var b strings.Builder
			var args []any
			b.WriteString(`INSERT INTO line_item_pacing (line_item, controller, stepped_at, view) VALUES `)
			for i, x := range some {
				if i > 0 {
					b.WriteString(", ")
				}
				n := len(args)
				fmt.Fprintf(&b, "($%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4)
				args = append(args, int64(x.lineItem), controller, x.at.UnixNano(), x.view)
			}
			b.WriteString(` ON CONFLICT (line_item, controller) DO UPDATE SET stepped_at = excluded.stepped_at, view = excluded.view`)
			if _, err := tx.ExecContext(ctx, b.String(), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot write how line items are paced: %w", err)
	}
	return nil
}

// Stepped is how one controller sees a line item.
type Stepped struct {
	Controller string    // Central, or a bidder's name
	At         time.Time // when it stepped last
	View       pacing.View
}

// Read returns how each controller sees a line item, the one that stepped last
// first.
func (r *Rows) Read(ctx context.Context, id event.LineItemID) ([]Stepped, error) {
	var all []Stepped
	last := map[string]time.Time{}
	rows, err := r.db.QueryContext(ctx, `SELECT line_item, controller, stepped_at, view FROM line_item_pacing WHERE line_item IN ($1, $2)`, int64(everyStep), int64(id))
	if err != nil {
		return nil, fmt.Errorf("cannot read how a line item is paced: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var of event.LineItemID
		var nanos int64
		var s Stepped
		var view string
		if err := rows.Scan(&of, &s.Controller, &nanos, &view); err != nil {
			return nil, fmt.Errorf("cannot read how a line item is paced: %w", err)
		}
		s.At = time.Unix(0, nanos).UTC()
		if of == everyStep {
			last[s.Controller] = s.At
			continue
		}
		if err := json.Unmarshal([]byte(view), &s.View); err != nil {
			return nil, fmt.Errorf("cannot read how line item %d is paced: %w", id, err)
		}
		s.View.At = s.At
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("cannot read how a line item is paced: %w", err)
	}
	for i := range all {
		if at := last[all[i].Controller]; at.After(all[i].At) {
			all[i].At = at // nothing about the line item changed since
		}
	}
	slices.SortFunc(all, func(a, b Stepped) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Controller, b.Controller))
	})
	return all, nil
}

// Prune deletes what was written before a time.
func (r *Rows) Prune(ctx context.Context, before time.Time) error {
	if _, err := r.db.ExecContext(ctx, `DELETE FROM line_item_pacing WHERE stepped_at < $1`, before.UnixNano()); err != nil {
		return fmt.Errorf("cannot delete how line items were paced: %w", err)
	}
	return nil
}
