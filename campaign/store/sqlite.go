package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // driver "sqlite"
)

// pragmas of every connection. Writers take their lock when they begin: one
// that reads first and writes later would otherwise be refused at once when
// another writer came in between. Commits are synced, as money needs.
const pragmas = "_txlock=immediate" +
	"&_pragma=busy_timeout(10000)" + // milliseconds that a writer waits for its turn
	"&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)"

// connections bounds the pool. One writes at a time; the rest read.
const connections = 8

// OpenDB opens a SQLite database, "file:PATH", and creates the file if need
// be. PATH may be followed by parameters that package modernc.org/sqlite
// knows ("?..."), '?', '#' and '%' in it are percent-encoded. A database in
// memory is refused: every connection would see one of its own.
func OpenDB(ctx context.Context, dsn string) (*sql.DB, error) {
	path, ok := strings.CutPrefix(dsn, "file:")
	if !ok || path == "" || strings.HasPrefix(path, "?") || strings.Contains(path, ":memory:") || strings.Contains(path, "mode=memory") {
		return nil, errors.New("cannot open the database: want file:PATH, a SQLite file")
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	db, err := sql.Open("sqlite", dsn+sep+pragmas)
	if err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections) // opening one costs more than a query
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the database %s: %w", path, err), db.Close())
	}
	return db, nil
}
