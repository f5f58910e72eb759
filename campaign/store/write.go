package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
)

// writing is one write transaction.
type writing struct {
	*sql.Tx
	revision Revision // of everything that it writes
}

// write runs do in a transaction. Taking the revision first makes writers
// wait for each other, so do sees what it decides on: on SQLite the
// transaction began with the write lock, on PostgreSQL the row is locked and
// every later statement sees the latest commit.
func write[T any](ctx context.Context, s *Store, what string, do func(w *writing) (T, error)) (T, error) {
	v, err := inTx(ctx, s, do)
	if err == nil {
		return v, nil
	}
	var none T
	var p campaign.Problems
	if errors.As(err, &p) {
		return none, p // for the one who sent it: nothing to add
	}
	return none, fmt.Errorf("cannot %s: %w", what, conflict(err))
}

func inTx[T any](ctx context.Context, s *Store, do func(w *writing) (T, error)) (v T, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return v, err
	}
	defer tx.Rollback() // after a commit there is nothing to roll back
	w := &writing{Tx: tx}
	const next = `UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value`
	if err := tx.QueryRowContext(ctx, next).Scan(&w.revision); err != nil {
		return v, fmt.Errorf("cannot take a revision: %w", err)
	}
	if v, err = do(w); err != nil {
		return v, err
	}
	return v, tx.Commit()
}

// take returns the first of n new ids of a kind. Ids of a transaction that
// fails are handed out again: nobody has seen them.
func (w *writing) take(ctx context.Context, kind string, n int) (first int64, err error) {
	const next = `UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value`
	var last int64
	if err := w.QueryRowContext(ctx, next, n, kind).Scan(&last); err != nil {
		return 0, fmt.Errorf("cannot take an id: %w", err)
	}
	return last - int64(n) + 1, nil
}

// rowsPerInsert is what both databases take fastest.
const rowsPerInsert = 50

// insert writes rows of equal length, many to a statement.
func (w *writing) insert(ctx context.Context, into string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), rowsPerInsert)
		var q strings.Builder
		args := make([]any, 0, n*len(rows[0]))
		q.WriteString("INSERT INTO " + into + " VALUES ")
		for i, row := range rows[:n] {
			for j, v := range row {
				switch {
				case j > 0:
					q.WriteByte(',')
				case i > 0:
					q.WriteString(",(")
				default:
					q.WriteByte('(')
				}
				args = append(args, v)
				fmt.Fprintf(&q, "$%d", len(args))
			}
			q.WriteByte(')')
		}
		if _, err := w.ExecContext(ctx, q.String(), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
