package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// rowsPerStatement is how many rows a statement carries: beyond fifty, neither
// SQLite nor PostgreSQL gets faster.
const rowsPerStatement = 50

// rowsPerInsert is the same of inserts, a power of two: see inParts.
const rowsPerInsert = 32

// valuesPerStatement is how many values a list may have.
const valuesPerStatement = 128

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
	return write(ctx, tx, rows, func(s shape) string { return s.values(head, tail, false) })
}

// update changes many rows by one statement: head names a table and what to
// set from v.column1 and so on, where says which row of v is whose. Values are
// integers.
func update(ctx context.Context, tx *sql.Tx, head string, rows [][]any, where string) error {
	return write(ctx, tx, rows, func(s shape) string { return s.values(head+" FROM (", ") AS v WHERE "+where, true) })
}

func write(ctx context.Context, tx *sql.Tx, rows [][]any, text func(shape) string) error {
	var last shape
	var query string
	return inParts(rows, func(s shape, args []any) error {
		if s != last {
			query, last = text(s), s
		}
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

// shape is how many rows, of how many values each, a statement takes.
type shape struct{ rows, width int }

// inParts calls do for some rows at a time, with their values one after the
// other. The numbers of rows are powers of two: there are few texts of a
// statement then, and connections keep what they have parsed.
func inParts(rows [][]any, do func(s shape, args []any) error) error {
	var args []any
	for len(rows) > 0 {
		n := rowsPerInsert
		for n > len(rows) {
			n /= 2
		}
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if err := do(shape{n, len(rows[0])}, args); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// values returns "head VALUES ($1, $2), ($3, $4) tail". Where no table says of
// what type they are, PostgreSQL wants to hear it once.
func (s shape) values(head, tail string, typed bool) string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString(" VALUES ")
	for i := range s.rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j := range s.width {
			if j > 0 {
				b.WriteString(", ")
			}
			if typed && i == 0 {
				b.WriteString("CAST(")
				placeholder(&b, j+1)
				b.WriteString(" AS BIGINT)")
				continue
			}
			placeholder(&b, i*s.width+j+1)
		}
		b.WriteByte(')')
	}
	b.WriteByte(' ')
	b.WriteString(tail)
	return b.String()
}

// padded repeats the last of some values until their number is a power of two,
// for the same end as inParts: to be in a list twice is to be in it.
func padded[T any](values []T) []T {
	values = slices.Clip(values)
	for n := len(values); n&(n-1) != 0; n++ {
		values = append(values, values[n-1])
	}
	return values
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
