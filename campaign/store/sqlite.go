package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"modernc.org/sqlite"
)

// settings of every connection. Writers take their lock when they begin: one
// that reads first and writes later would otherwise be refused at once when
// another writer came in between. Commits are synced, as money needs.
const settings = "_txlock=immediate" +
	"&_pragma=busy_timeout(10000)" + // milliseconds that a writer waits for its turn
	"&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)"

// openSQLite opens a SQLite database, "file:PATH", and creates the file if
// need be, for its owner alone. Parameters are
// refused, since a weaker setting than ours could lose money, and so is a
// database in memory: every connection would see one of its own.
func openSQLite(ctx context.Context, dsn string) (*sql.DB, error) {
	path, ok := strings.CutPrefix(dsn, "file:")
	if !ok || path == "" || strings.ContainsAny(path, "?#%") || path == ":memory:" {
		return nil, errors.New("cannot open the database: want file:PATH, a SQLite file, without parameters")
	}
	// What advertisers pay is nobody else's business; SQLite gives the files
	// beside it the same mode.
	if f, err := os.OpenFile(path, os.O_CREATE, 0o600); err == nil {
		f.Close()
	}
	connector, err := sqlite.NewConnector(dsn + "?" + settings)
	if err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	db := sql.OpenDB(keepStatements(connector))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections) // opening one costs more than a query
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the database %s: %w", path, err), db.Close())
	}
	return db, nil
}
