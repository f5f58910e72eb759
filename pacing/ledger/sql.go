package ledger

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// rowsPerStatement is how many rows a statement carries: beyond fifty, neither
// SQLite nor PostgreSQL gets faster.
const rowsPerStatement = 50

// valuesPerStatement bounds the values of an insert: to SQLite $1 is a name,
// which it looks up among all others of the statement, one after the other.
const valuesPerStatement = 120

// inTx runs f in one transaction, see [store.InTx]: f may run several times.
// It ends after the ledger's timeout, so that nobody waits for ever for a
// database whose machine went away without a word.
func (l *Ledger) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	return store.InTx(ctx, l.db, f)
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

// update changes many rows by one statement: head names a table and what to
// set from v.column1 and so on, where says which row of v is whose. Values are
// integers.
func update(ctx context.Context, tx *sql.Tx, head string, rows [][]any, where string) error {
	for ; len(rows) > 0; rows = rows[min(valuesPerStatement/len(rows[0]), len(rows)):] {
		some := rows[:min(valuesPerStatement/len(rows[0]), len(rows))]
		var b strings.Builder
		b.WriteString(head)
		b.WriteString(" FROM (VALUES ")
		args := rowsOf(&b, some, true)
		b.WriteString(") AS v WHERE ")
		b.WriteString(where)
		if _, err := tx.ExecContext(ctx, b.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

func values(head string, rows [][]any, tail string) (string, []any) {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString(" VALUES ")
	args := rowsOf(&b, rows, false)
	b.WriteByte(' ')
	b.WriteString(tail)
	return b.String(), args
}

// rowsOf writes "($1, $2), ($3, $4)" and returns the values. Where no table
// says of what type they are, PostgreSQL wants to hear it once.
func rowsOf(b *strings.Builder, rows [][]any, typed bool) (args []any) {
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
			if typed && i == 0 {
				b.WriteString("CAST(")
				placeholder(b, len(args))
				b.WriteString(" AS BIGINT)")
				continue
			}
			placeholder(b, len(args))
		}
		b.WriteByte(')')
	}
	return args
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
