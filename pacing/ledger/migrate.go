package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/tangent-dsp/tangent/campaign/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable is the ledger's own, because other packages keep tables in the
// same database.
const versionTable = "ledger_migrations"

// migrate brings the ledger's tables up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("cannot read the ledger's migrations: %w", err)
	}
	if err := store.Migrate(ctx, db, files, versionTable); err != nil {
		return fmt.Errorf("cannot migrate the ledger: %w", err)
	}
	return nil
}
