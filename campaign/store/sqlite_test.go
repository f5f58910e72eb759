package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/clock"
)

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	for _, dsn := range []string{"", "campaigns.db", ":memory:", "file::memory:", "file:x?mode=memory", "file:x?_txlock=deferred", "file:" + filepath.Join(t.TempDir(), "none", "campaigns.db")} {
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
