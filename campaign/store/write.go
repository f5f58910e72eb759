package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tangent-dsp/tangent/campaign"
)

// writing is one write transaction.
type writing struct {
	*sql.Tx
	store    *Store
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
	err = InTx(ctx, s.db, func(tx *sql.Tx) (err error) {
		w := &writing{Tx: tx, store: s}
		const next = `UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value`
		if err := tx.QueryRowContext(ctx, next).Scan(&w.revision); err != nil {
			return fmt.Errorf("cannot take a revision: %w", err)
		}
		v, err = do(w)
		return err
	})
	return v, err
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
	full := len(rows) - len(rows)%rowsPerInsert
	if full > 0 {
		// A statement of this size takes longer to parse than to run.
		stmt, err := w.PrepareContext(ctx, insertSQL(into, rowsPerInsert, len(rows[0])))
		if err != nil {
			return err
		}
		defer stmt.Close()
		for some := range slices.Chunk(rows[:full], rowsPerInsert) {
			if _, err := stmt.ExecContext(ctx, slices.Concat(some...)...); err != nil {
				return err
			}
		}
	}
	if rest := rows[full:]; len(rest) > 0 {
		if _, err := w.ExecContext(ctx, insertSQL(into, len(rest), len(rest[0])), slices.Concat(rest...)...); err != nil {
			return err
		}
	}
	return nil
}

// insertSQL returns "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4)".
func insertSQL(into string, rows, columns int) string {
	b := append([]byte("INSERT INTO "), into...)
	b = append(b, " VALUES "...)
	for i := range rows * columns {
		switch {
		case i == 0:
			b = append(b, '(')
		case i%columns == 0:
			b = append(b, "),("...)
		default:
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '$'), int64(i+1), 10)
	}
	return string(append(b, ')'))
}
