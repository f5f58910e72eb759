package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign/store"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what the scripts in testdata expect to what is")

func TestSQLite(t *testing.T) {
	playAll(t, openDSN(t, "file:"+filepath.Join(t.TempDir(), "tangent.db")))
}

func TestPostgreSQL(t *testing.T) { playAll(t, openStore(t)) }

func playAll(t *testing.T, s *store.Store) {
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
			is, err := Play(t.Context(), Config{Store: s}, script, *rewrite)
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
