package scenario

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what the scripts in testdata expect to what is")

func TestSQLite(t *testing.T) {
	playAll(t, func(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "tangent.db") })
}

func TestPostgreSQL(t *testing.T) {
	playAll(t, func(t *testing.T) string {
		dsn, err := postgres.Schema(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return dsn
	})
}

func playAll(t *testing.T, empty func(*testing.T) string) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d scripts (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			is, err := Play(t.Context(), Config{DSN: empty(t)}, script, *rewrite)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			if *rewrite && string(is) != string(script) {
				if err := os.WriteFile(file, is, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
