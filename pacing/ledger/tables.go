package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// keptTables returns the tables of a backup: what others refer to comes before
// them. Leases are left out: nobody holds one in a restored database. So is why
// line items did not bid, and what they met, which a new day tells anew.
func keptTables() []string {
	return append(store.Tables(), "ledger_counters", "incarnations", "balances", "slices",
		"bookings", "booking_nodes", "reconciliation",
		"corrections", "correction_nodes", "payments", "ledger_totals", "guard", "late_risks", "booking_progress", "unlogged", "conversions", "pacing_memory", "clicks", "line_item_sums", "line_item_days", "shading_sums")
}

// seeded says of tables that have rows from the beginning which rows show that
// the database was used.
var seeded = map[string]string{"counters": "value <> 0", "ledger_counters": "value <> 0", "guard": "FALSE", "booking_progress": "FALSE"}

// columnKind is how a column's values are written in a backup.
type columnKind uint8

const (
	integer columnKind = iota + 1
	real
	text
	boolean
)

// columnKinds knows the types of both databases. A migration that brings a
// type of its own has to add it.
var columnKinds = map[string]columnKind{
	"BIGINT": integer, "INT8": integer,
	"DOUBLE PRECISION": real, "FLOAT8": real,
	"TEXT":    text,
	"BOOLEAN": boolean, "BOOL": boolean,
}

func kindsOf(table string, rows *sql.Rows) (names []string, kinds []columnKind, err error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, t := range types {
		k, ok := columnKinds[strings.ToUpper(t.DatabaseTypeName())]
		if !ok {
			return nil, nil, fmt.Errorf("cannot tell what is in column %s of %s: its type is %q", t.Name(), table, t.DatabaseTypeName())
		}
		names, kinds = append(names, t.Name()), append(kinds, k)
	}
	return names, kinds, nil
}

// tableKinds returns the columns of a table.
func tableKinds(ctx context.Context, tx *sql.Tx, table string) (names []string, kinds []columnKind, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	return kindsOf(table, rows)
}

// schemaVersions returns the last migration of each version table.
func schemaVersions(ctx context.Context, tx *sql.Tx) (map[string]int64, error) {
	all := make(map[string]int64)
	for _, table := range []string{store.VersionTable, versionTable} {
		var v int64
		if err := tx.QueryRowContext(ctx, "SELECT MAX(version_id) FROM "+table).Scan(&v); err != nil {
			return nil, fmt.Errorf("cannot read the version of the tables: %w", err)
		}
		all[table] = v
	}
	return all, nil
}

// patient lets a transaction wait for its reader or writer as long as that
// takes: PostgreSQL would end it.
func (l *Ledger) patient(ctx context.Context, tx *sql.Tx) error {
	if !store.IsPostgres(l.db) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`)
	return err
}

func isKept(table string) bool { return slices.Contains(keptTables(), table) }
