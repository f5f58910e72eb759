package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
)

// Given a file of rates, when it is imported twice, then its tables are there
// once, and listed.
func TestRatesImport(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(context.Background(), store.Config{DSN: "file:" + filepath.Join(dir, "tangent.db"), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "rates.csv")
	text := "effective_from,base,currency,rate\n2026-03-01,EUR,USD,1.0850\n2026-03-01,EUR,GBP,0.87\n2026-03-02,EUR,USD,1.09\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tangent := func(args ...string) string {
		t.Helper()
		var out strings.Builder
		if status := run(context.Background(), append([]string{"rates", "--data-dir", dir}, args...), streams{strings.NewReader(""), &out, &out}); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, out.String())
		}
		return out.String()
	}
	if out := tangent("import", "--source", "Example Bank", file); !strings.Contains(out, "2 currencies against EUR by Example Bank") || !strings.Contains(out, "2 of 2 tables were new") {
		t.Error(out)
	}
	if out := tangent("import", "--source", "Example Bank", file); !strings.Contains(out, "0 of 2 tables were new") {
		t.Error(out)
	}
	for name, c := range map[string]struct{ rows, source, want string }{
		"other rates":  {"2026-03-02,EUR,USD,1.10\n", "--source=Example Bank", "has other rates"},
		"a wrong year": {"2126-03-02,EUR,USD,1.10\n", "--source=Example Bank", "more than 7 days ahead"},
		"no source":    {"2026-03-02,EUR,USD,1.10\n", "--source=", "want --source"},
	} {
		if err := os.WriteFile(file, []byte("effective_from,base,currency,rate\n"+c.rows), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		status := run(context.Background(), []string{"rates", "--data-dir", dir, "import", c.source, file}, streams{strings.NewReader(""), &out, &out})
		if status != 1 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: status %d: %s", name, status, out.String())
		}
	}
	if out := tangent("list"); strings.Count(out, "Example Bank") != 3 || !strings.Contains(out, "1.085\n") {
		t.Error(out)
	}
}
