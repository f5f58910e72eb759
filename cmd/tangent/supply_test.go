package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/supply"
)

func TestSupplyRefreshWritesASnapshot(t *testing.T) {
	// Given a file of an app whose developer nobody can reach.
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("apps"), []byte("# bundle,developer\ncom.example.game,www.developer.invalid\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	// When it is refreshed.
	var out, errs bytes.Buffer
	args := []string{"supply", "refresh", "--apps", at("apps"), "--cache", at("cache"), "--out", at("snapshot"), "--contact", "admin@example.com", "--timeout", "2s", "--json"}
	if status := run(t.Context(), args, streams{nil, &out, &errs}); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}

	// Then it says so, and there is a snapshot that knows whose the app is.
	var said struct{ Done, Total, Failed int }
	if err := json.Unmarshal(out.Bytes(), &said); err != nil || said.Done != 1 || said.Total != 1 || said.Failed != 1 {
		t.Errorf("%s, %v", out.String(), err)
	}
	f, err := os.Open(at("snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := supply.ReadSnapshot(f)
	if err != nil || s.Count() != (supply.Counts{Bundles: 1}) {
		t.Errorf("%v", err)
	}
}

func TestSupplyRefreshSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("example.com\nhttp://example.com/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"nothing is to be fetched": {"--contact", "a@example.com"},
		"line 2":                   {"--contact", "a@example.com", "--domains", bad},
		"apps: line 1":             {"--contact", "a@example.com", "--apps", bad},
		"no domain":                {"--contact", "a@example.com", "--exchanges", "exchange"},
		"contact":                  {"--contact", "a@example.com)", "--exchanges", "exchange.example"},
	} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), append([]string{"supply", "refresh", "--cache", filepath.Join(dir, "cache")}, args...), streams{nil, &out, &errs}); status != 1 || !strings.Contains(errs.String(), want) {
			t.Errorf("%v: status %d, %s", args, status, errs.String())
		}
	}
}
