package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/clock"
)

func TestOpenAgainKeepsEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "campaigns.db")
	w := newWorld(t, openFile(t, file))
	before := must(w.Changes(context.Background(), 0))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Store = openFile(t, file)
	wantStored(t, w)
	// Ids and revisions go on where they were.
	next := must(w.CreateLineItem(context.Background(), w.newLineItem("Next")))(t)
	after := must(w.Changes(context.Background(), before.Revision))(t)
	if next.ID != w.lineItem.ID+1 || after.Revision != before.Revision+1 || len(after.LineItems) != 1 {
		t.Errorf("line item %d, revision %d", next.ID, after.Revision)
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	for _, dsn := range []string{"", "campaigns.db", ":memory:", "file::memory:", "file:x?mode=memory", "file:x?_txlock=deferred", "postgres://localhost/tangent",
		"file:" + filepath.Join(t.TempDir(), "none", "campaigns.db")} {
		if s, err := Open(ctx, Config{DSN: dsn, Clock: clock.Real()}); err == nil {
			s.Close()
			t.Errorf("%q opens", dsn)
		}
	}
	if _, err := Open(ctx, Config{DSN: "file:" + filepath.Join(t.TempDir(), "a.db")}); err == nil {
		t.Error("a store without a clock opens")
	}
}

// Every connection has the settings that money needs.
func TestSettings(t *testing.T) {
	ctx := context.Background()
	db := must(OpenDB(ctx, "file:"+filepath.Join(t.TempDir(), "a.db")))(t)
	defer db.Close()
	for range 3 {
		conn := must(db.Conn(ctx))(t) // all held at once: three connections
		defer conn.Close()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
			var got string
			if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, %v; want %s", pragma, got, err, want)
			}
		}
	}
}

// The database itself holds what the code relies on, should the code fail to.
func TestConstraints(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	for _, stmt := range []string{
		`INSERT INTO campaigns (id, advertiser_id, name, status, flight_start, flight_end, revision) VALUES (99, 99, 'a', 'active', '', '', 1)`,
		`DELETE FROM advertisers`,
		`UPDATE line_items SET status = 'deleted'`,
		`UPDATE budget_nodes SET amount_nanos = -1`,
		`INSERT INTO budget_nodes SELECT id + 100, owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at FROM budget_nodes`,
	} {
		if _, err := w.DB().Exec(stmt); err == nil {
			t.Errorf("%s succeeds", stmt)
		}
	}
	wantStored(t, w)
}

// Statements stay within what PostgreSQL takes too.
func TestSQLIsPortable(t *testing.T) {
	sql := string(must(migrations.ReadFile("migrations/0001_campaigns.sql"))(t))
	for _, text := range []string{sql, advertisers.selectFrom, campaigns.selectFrom, lineItems.selectFrom, creatives.selectFrom, exchanges.selectFrom} {
		for _, only := range []string{"AUTOINCREMENT", "INTEGER PRIMARY", " ROWID", "BLOB", "DATETIME", "STRICT", "INSERT OR", "IFNULL", "`", "->>", " LIKE "} {
			if strings.Contains(strings.ToUpper(text), only) {
				t.Errorf("%q is not in both dialects", only)
			}
		}
	}
}
