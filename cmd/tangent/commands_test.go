package main

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/reasons.md anew")

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, command := range []string{"", "serve", "demo", "exchange", "check", "audience", "audience import", "audience delete",
		"key", "key create", "key list", "key revoke", "guard", "guard status", "guard stop", "guard resume", "backup", "restore", "replay", "loadtest run", "loadtest populate", "loadtest bench", "healthcheck", "reasons"} {
		status, out, errs := tangent(t, "", append(strings.Fields(command), "--help")...)
		if status != 0 || errs != "" || !strings.Contains(out, "Usage: tangent "+command) {
			t.Errorf("%s --help: exit status %d\n%s%s", command, status, out, errs)
		}
		for _, hidden := range []string{"market-anchor", "market-origin", "--anchor", "--origin"} {
			if strings.Contains(out, hidden) {
				t.Errorf("%s --help shows %s, which is for processes of ours", command, hidden)
			}
		}
	}
	if status, out, _ := tangent(t, "", "--version"); status != 0 || strings.TrimSpace(out) != version {
		t.Errorf("--version: exit status %d, %q", status, out)
	}
	for _, args := range [][]string{{}, {"nonsense"}, {"check", "--nonsense"}, {"key"}} {
		if status, _, errs := tangent(t, "", args...); status != 2 || errs == "" {
			t.Errorf("tangent %v: exit status %d, want 2 and a word why: %s", args, status, errs)
		}
	}
}

// docs/reasons.md is what the program says; run with -update after a change.
func TestReasonsAreDocumented(t *testing.T) {
	status, out, errs := tangent(t, "", "reasons")
	if status != 0 || errs != "" {
		t.Fatalf("exit status %d: %s", status, errs)
	}
	const doc = "../../docs/reasons.md"
	if *update {
		if err := os.WriteFile(doc, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if out != string(want) {
		t.Errorf("docs/reasons.md is not what tangent reasons prints; run: go test ./cmd/tangent -run Reasons -update")
	}
}

func TestHealthcheck(t *testing.T) {
	answers := http.StatusOK
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		if answers != http.StatusOK {
			http.Error(w, "the ledger has not granted money", answers)
		}
	}))
	if status, out, errs := tangent(t, "", "healthcheck", "--timeout", "1m", "--url", admin.URL+"/"); status != 0 || out != "ready\n" {
		t.Errorf("ready: exit status %d, %q %q", status, out, errs)
	}
	answers = http.StatusServiceUnavailable
	if status, _, errs := tangent(t, "", "healthcheck", "--timeout", "1m", "--url", admin.URL); status != 1 || !strings.Contains(errs, "not ready: the ledger") {
		t.Errorf("not ready: exit status %d, %q", status, errs)
	}
	admin.Close()
	if status, _, errs := tangent(t, "", "healthcheck", "--url", admin.URL); status != 1 || !strings.Contains(errs, "not ready") {
		t.Errorf("nothing there: exit status %d, %q", status, errs)
	}

	// Something there that does not answer must not hang.
	hang := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer silent.Close()
	defer close(hang)
	if status, _, _ := tangent(t, "", "healthcheck", "--url", silent.URL, "--timeout", "50ms"); status != 1 {
		t.Errorf("no answer: exit status %d", status)
	}
}

// Keys are shown once, listed without themselves, and end.
func TestKeys(t *testing.T) {
	data := t.TempDir()
	s := serve(t, nil, nil, "--data-dir", data, "--audience", "embedded", "--drain-time", "0s")
	as := func(key string) int {
		req, err := http.NewRequest(http.MethodGet, s.api+"/v1/campaigns", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode
	}
	key := func(args ...string) string {
		t.Helper()
		status, out, errs := tangent(t, "", append([]string{"key", "--data-dir", data}, args...)...)
		if status != 0 {
			t.Fatalf("key %v: exit status %d, %s", args, status, errs)
		}
		return strings.TrimSpace(out)
	}

	// Beside a running server.
	plain := key("create", "reporting", "--role", "read")
	if got := as(plain); got != http.StatusOK {
		t.Errorf("with the key: %d", got)
	}
	if got := as(plain[:len(plain)-1] + "x"); got != http.StatusUnauthorized {
		t.Errorf("with another key: %d", got)
	}
	list := key("list")
	if !strings.Contains(list, "reporting") || !strings.Contains(list, "read") || strings.Contains(list, plain) {
		t.Errorf("the list is:\n%s", list)
	}
	key("revoke", "1")
	if got := as(plain); got != http.StatusUnauthorized {
		t.Errorf("with a revoked key: %d", got)
	}
	if status, _, _ := tangent(t, "", "key", "--data-dir", data, "revoke", "99"); status != 1 {
		t.Errorf("revoking no key: exit status %d", status)
	}
	if status, _, errs := tangent(t, "", "key", "--data-dir", data, "create", "x", "--role", "owner"); status != 2 || !strings.Contains(errs, "admin") {
		t.Errorf("an unknown role: exit status %d, %s", status, errs)
	}
	if strings.Contains(s.errors.String(), plain) {
		t.Error("the key is in the log")
	}
	files, err := filepath.Glob(filepath.Join(data, "tangent.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database: %v", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), plain) {
			t.Errorf("the key is in %s", filepath.Base(f))
		}
	}
}
