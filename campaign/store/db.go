package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
)

// connections bounds the pool of one process. On SQLite one writes at a time
// and the rest read.
const connections = 8

// OpenDB opens the database that dsn names:
//
//	file:PATH                                    a SQLite file, made if need be
//	postgres://USER@HOST[:PORT]/DATABASE?...     PostgreSQL
//
// On both, what is committed is on disk. SQLite takes no parameters, see
// [openSQLite]; PostgreSQL takes libpq's, sslmode=verify-full above all, and
// reads its environment variables: PGPASSWORD keeps the password out of the
// DSN. No error shows a password, whichever way it came.
func OpenDB(ctx context.Context, dsn string) (*sql.DB, error) {
	switch {
	case strings.HasPrefix(dsn, "file:"):
		return openSQLite(ctx, dsn)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn)
	}
	return nil, errors.New("cannot open the database: want file:PATH or postgres://USER@HOST/DATABASE")
}

// IsPostgres says which dialect a database of OpenDB speaks: PostgreSQL's, or
// SQLite's.
func IsPostgres(db *sql.DB) bool {
	_, is := db.Driver().(*stdlib.Driver)
	return is
}
