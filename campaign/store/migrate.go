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

// versionTable is this package's own, so that others may keep their tables,
// and their migrations, in the same database.
const versionTable = "store_migrations"

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("cannot find the campaign store's migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("cannot read the campaign store's migrations: %w", err)
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
			return fmt.Errorf("cannot bring the campaign store's tables up to date: %w", err)
		}
		from = to
	}
}
