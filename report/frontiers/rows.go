package frontiers

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

// Rows keeps samples in the ledger's database.
type Rows struct {
	db *sql.DB

	writing sync.Mutex
	packer  frontier.Packer
}

// NewRows returns the rows in a database whose tables the ledger made.
func NewRows(db *sql.DB) *Rows { return &Rows{db: db} }

// rowsPerStatement keeps statements short: a row has some 10 KB.
const rowsPerStatement = 10

// Write writes what one start of a bidder knows, in one transaction. A row that
// is there is replaced: a record has all that its bidder knows.
func (r *Rows) Write(ctx context.Context, incarnation uint64, records []frontier.Record) error {
	packed, err := r.pack(records)
	if err != nil {
		return err
	}
	err = store.InTx(ctx, r.db, func(tx *sql.Tx) error {
		for from := 0; from < len(records); from += rowsPerStatement {
			var b strings.Builder
			var args []any
			b.WriteString(`INSERT INTO line_item_opportunities (line_item, incarnation, written_at, sample) VALUES `)
			for i := from; i < min(from+rowsPerStatement, len(records)); i++ {
				if i > from {
					b.WriteString(", ")
				}
				n := len(args)
				fmt.Fprintf(&b, "($%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4)
				args = append(args, int64(records[i].LineItem), int64(incarnation), records[i].At.Unix(), packed[i])
			}
			b.WriteString(` ON CONFLICT (line_item, incarnation) DO UPDATE SET written_at = excluded.written_at, sample = excluded.sample`)
			if _, err := tx.ExecContext(ctx, b.String(), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot write samples of opportunities: %w", err)
	}
	return nil
}

func (r *Rows) pack(records []frontier.Record) ([]string, error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	packed := make([]string, len(records))
	for i := range records {
		var err error
		if packed[i], err = r.packer.Pack(&records[i]); err != nil {
			return nil, err
		}
	}
	return packed, nil
}

// idsPerQuery bounds a query of Read.
const idsPerQuery = 50

// Read returns the records of line items that were written since a time, by
// line item.
func (r *Rows) Read(ctx context.Context, ids []event.LineItemID, since time.Time) (map[event.LineItemID][]frontier.Record, error) {
	all := map[event.LineItemID][]frontier.Record{}
	for from := 0; from < len(ids); from += idsPerQuery {
		if err := r.read(ctx, all, ids[from:min(from+idsPerQuery, len(ids))], since); err != nil {
			return nil, fmt.Errorf("cannot read samples of opportunities: %w", err)
		}
	}
	return all, nil
}

func (r *Rows) read(ctx context.Context, all map[event.LineItemID][]frontier.Record, ids []event.LineItemID, since time.Time) error {
	args := []any{since.Unix()}
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		args = append(args, int64(id))
		fmt.Fprintf(&b, "$%d", len(args))
	}
	rows, err := r.db.QueryContext(ctx, `SELECT line_item, sample FROM line_item_opportunities
		WHERE written_at >= $1 AND line_item IN (`+b.String()+`) ORDER BY line_item, incarnation`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id event.LineItemID
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		rec, err := frontier.Unpack(id, text)
		if err != nil {
			return fmt.Errorf("line item %d: %w", id, err)
		}
		all[id] = append(all[id], *rec)
	}
	return rows.Err()
}

// Prune deletes what was written before a time.
func (r *Rows) Prune(ctx context.Context, before time.Time) error {
	if _, err := r.db.ExecContext(ctx, `DELETE FROM line_item_opportunities WHERE written_at < $1`, before.Unix()); err != nil {
		return fmt.Errorf("cannot delete old samples of opportunities: %w", err)
	}
	return nil
}
