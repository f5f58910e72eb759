package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// rowsPerStatement is how many rows a statement carries: beyond fifty, neither
// SQLite nor PostgreSQL gets faster.
const rowsPerStatement = 50

// valuesPerStatement bounds the values of an insert: to SQLite $1 is a name,
// which it looks up among all others of the statement, one after the other.
const valuesPerStatement = 120

// inTx runs f in one transaction. On SQLite the connection string makes every
// transaction take the write lock at its start.
func (l *Ledger) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("cannot begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("cannot commit: %w", err)
	}
	return nil
}

// insert writes rows of equal length, some at a time:
// head VALUES ($1, $2), ($3, $4) ... tail.
func insert(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) error {
	if len(rows) == 0 {
		return nil
	}
	n := max(1, valuesPerStatement/len(rows[0]))
	if len(rows) >= 2*n {
		query, _ := values(head, rows[:n], tail)
		stmt, err := tx.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		defer stmt.Close()
		args := make([]any, 0, n*len(rows[0]))
		for ; len(rows) >= n; rows = rows[n:] {
			args = args[:0]
			for _, row := range rows[:n] {
				args = append(args, row...)
			}
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	for ; len(rows) > 0; rows = rows[min(n, len(rows)):] {
		query, args := values(head, rows[:min(n, len(rows))], tail)
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

func values(head string, rows [][]any, tail string) (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString(head)
	b.WriteString(" VALUES ")
	for i, row := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j, v := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			args = append(args, v)
			placeholder(&b, len(args))
		}
		b.WriteByte(')')
	}
	b.WriteByte(' ')
	b.WriteString(tail)
	return b.String(), args
}

// in returns "($1, $2, ...)" for n values, counted from first.
func in(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		placeholder(&b, first+i)
	}
	b.WriteByte(')')
	return b.String()
}

func placeholder(b *strings.Builder, n int) {
	b.WriteByte('$')
	b.WriteString(strconv.Itoa(n))
}

// scanAll calls scan for every row of a query and closes it.
func scanAll(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
