package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// keeping returns a database of one connection with the numbers 1 to 3.
func keeping(t *testing.T) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := openSQLite(t.Context(), "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE numbers (n BIGINT NOT NULL PRIMARY KEY); INSERT INTO numbers VALUES (1), (2), (3)`); err != nil {
		t.Fatal(err)
	}
	return db, path
}

// kept is how many statements the connection keeps.
func kept(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.Raw(func(conn any) error { n = len(conn.(*keepingConn).kept); return nil })
	return n
}

const above = `SELECT n FROM numbers WHERE n > $1 ORDER BY n`

func numbersAbove(t *testing.T, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, least int) (all []int) {
	t.Helper()
	r, err := q.QueryContext(t.Context(), above, least)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		var n int
		if err := r.Scan(&n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStatementsAreKept(t *testing.T) {
	db, _ := keeping(t)
	for least := range 3 {
		if got, want := numbersAbove(t, db, least), []int{1, 2, 3}[least:]; !slices.Equal(got, want) {
			t.Errorf("above %d: %v, want %v", least, got, want)
		}
	}
	if n := kept(t, db); n != 1 {
		t.Errorf("%d statements are kept, want the one that was run three times", n)
	}
}

func TestNoMoreStatementsAreKeptThanAllowed(t *testing.T) {
	db, _ := keeping(t)
	for i := range 3 * keptStatements {
		var n int
		if err := db.QueryRow(fmt.Sprintf(`SELECT n + %d FROM numbers WHERE n = $1`, i), 1).Scan(&n); err != nil || n != i+1 {
			t.Fatalf("statement %d: %d, %v", i, n, err)
		}
	}
	if n := kept(t, db); n != keptStatements {
		t.Errorf("%d statements are kept, want %d", n, keptStatements)
	}
}

func TestAStatementInUseIsNotRunAgain(t *testing.T) {
	// given rows that are being read
	db, _ := keeping(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	outer, err := tx.Query(above, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	// when the same statement is run on their connection
	var got []int
	for outer.Next() {
		var n int
		if err := outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
		if inner := numbersAbove(t, tx, n); len(inner) != 3-n {
			t.Errorf("above %d: %v", n, inner)
		}
	}
	// then neither disturbs the other
	if err := outer.Err(); err != nil || !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("outer rows are %v: %v", got, err)
	}
}

func TestAKeptStatementSurvivesWhatEndsIt(t *testing.T) {
	db, path := keeping(t)
	const add = `INSERT INTO numbers VALUES ($1)`
	// given one that failed, and one that was cancelled
	for range 2 {
		if _, err := db.Exec(add, 1); err == nil {
			t.Fatal("a number was added twice")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := db.ExecContext(ctx, add, 4); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := db.ExecContext(ctx, add, 5); err == nil {
		t.Fatal("a statement ran whose context was over")
	}
	// then both run again
	if _, err := db.Exec(add, 6); err != nil {
		t.Error(err)
	}
	if got := numbersAbove(t, db, 0); !slices.Equal(got, []int{1, 2, 3, 4, 6}) {
		t.Errorf("numbers are %v", got)
	}
	// and see what another connection made of the tables
	const row = `SELECT * FROM numbers WHERE n = $1`
	columns := func() []string {
		r, err := db.Query(row, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		names, err := r.Columns()
		if err != nil || !r.Next() {
			t.Fatalf("no row: %v", err)
		}
		return names
	}
	before := columns()
	other, err := openSQLite(t.Context(), "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec(`ALTER TABLE numbers ADD COLUMN name TEXT NOT NULL DEFAULT ''`); err != nil {
		t.Fatal(err)
	}
	if after := columns(); len(before) != 1 || len(after) != 2 {
		t.Errorf("columns were %v and are %v", before, after)
	}
}

func TestPlacesInsteadOfNumbers(t *testing.T) {
	for query, want := range map[string]string{
		`INSERT INTO t VALUES ($1, $2), ($3, $4)`: `INSERT INTO t VALUES (?, ?), (?, ?)`,
		`SELECT a FROM t WHERE b = $1 AND c = ''`: `SELECT a FROM t WHERE b = ? AND c = ''`,
		// these are left alone
		`SELECT a FROM t WHERE b = $1 OR c = $1`:  ``,
		`SELECT a FROM t WHERE b = $2 AND c = $1`: ``,
		`SELECT '$1' FROM t WHERE b = $1`:         ``,
		`SELECT a FROM t WHERE b = 'x' AND c=$1`:  ``,
		`SELECT a FROM t WHERE b = $name`:         ``,
		`SELECT a FROM t`:                         ``,
	} {
		if want == "" {
			want = query
		}
		if got := unnumbered(query); got != want {
			t.Errorf("%s became %s", query, got)
		}
	}
}
