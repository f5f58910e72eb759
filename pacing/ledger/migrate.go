package ledger

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

// migrate brings the ledger's tables up to date. They have a version table of
// their own, because other packages keep tables in the same database.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("cannot read the ledger's migrations: %w", err)
	}
	dialect := goose.DialectPostgres
	var version string
	if db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version) == nil {
		dialect = goose.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, db, files,
		goose.WithTableName("ledger_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("cannot prepare the ledger's migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("cannot migrate the ledger: %w", err)
	}
	return nil
}
