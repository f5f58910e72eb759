package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// VersionTable is this package's own, so that others may keep their tables,
// and their migrations, in the same database.
const VersionTable = "store_migrations"

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("cannot find the campaign store's migrations: %w", err)
	}
	if err := Migrate(ctx, db, dir, VersionTable); err != nil {
		return fmt.Errorf("cannot bring the campaign store's tables up to date: %w", err)
	}
	return nil
}

// Migrate applies goose's migrations in dir that a database has not seen. It
// notes them in a table of that name. Any number of processes may do it at the
// same time.
func Migrate(ctx context.Context, db *sql.DB, dir fs.FS, table string) error {
	dialect := goose.DialectSQLite3
	if IsPostgres(db) {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db, dir, goose.WithTableName(table), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if IsPostgres(db) {
		return oneAtATime(ctx, db, func() error {
			_, err := p.Up(ctx)
			return err
		})
	}
	for from := int64(-1); ; {
		_, err := p.Up(ctx)
		if err == nil {
			return nil
		}
		// Another process that starts at the same time may have been first
		// with a migration. Ours was rolled back then, and the version is
		// above where we last looked: go on from there.
		to, versionErr := p.GetDBVersion(ctx)
		if versionErr != nil || to <= max(from, 0) {
			return err
		}
		from = to
	}
}

// migrationLock is the key of the advisory lock that whoever migrates holds.
const migrationLock = 7236840011

// oneAtATime runs do while a transaction on another connection holds the lock:
// it goes away with the connection, whatever happens.
func oneAtATime(ctx context.Context, db *sql.DB, do func() error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // it wrote nothing
	const lock = `SELECT set_config('idle_in_transaction_session_timeout', '0', true), pg_advisory_xact_lock($1)`
	if _, err := tx.ExecContext(ctx, lock, int64(migrationLock)); err != nil {
		return err
	}
	return do()
}
