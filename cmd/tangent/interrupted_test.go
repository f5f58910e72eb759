package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A command that a signal ended says what became of its work, and not what
// that broke; what fails otherwise fails as before.
func TestInterruptedIsTold(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx    context.Context
		err    error
		status int
		want   string
	}{
		{over, nil, 0, ""},
		{over, fmt.Errorf("cannot count: %w", context.Canceled), 130, "tangent: interrupted: it was not over\n"},
		{over, errors.Join(errors.New("2 bids are wrong"), interrupted{"7 are made"}), 1, "tangent: 2 bids are wrong\ninterrupted: 7 are made\n"},
		{over, errors.Join(nil, errors.Join(interrupted{"7 are made"})), 130, "tangent: interrupted: 7 are made\n"},
		{over, errors.New("cannot count"), 1, "tangent: cannot count\n"},
		{t.Context(), fmt.Errorf("cannot count: %w", context.Canceled), 1, "tangent: cannot count: context canceled\n"},
	} {
		var told strings.Builder
		if status := tell(c.ctx, &told, c.err); status != c.status || told.String() != c.want {
			t.Errorf("%v: status %d, %q", c.err, status, told.String())
		}
	}
}

// Long work ends soon when it is interrupted, with one exit status.
func TestCtrlC(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	file := filepath.Join(t.TempDir(), "report.json")
	for name, c := range map[string]struct {
		args      []string
		begun     string // a line that says so
		want, not string
	}{
		"run":      {[]string{"loadtest", "run", "--hold", "--warm-up", "1ms", "--url", "http://127.0.0.1:1", "--duration", "1h", "--json", file}, "warm", "interrupted: the report is of", "canceled"},
		"bench":    {[]string{"loadtest", "bench", "--line-items", "100000"}, "filling", "interrupted: nothing was measured yet; the servers", "canceled"},
		"populate": {[]string{"loadtest", "populate", "--line-items", "1000000", "--yes"}, "", "line items were made, which stay", "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, nil, c.args...)
			p.await("it is at work", func() bool {
				if name == "populate" { // says nothing for a while
					_, err := os.Stat(filepath.Join(p.cmd.Dir, "data", "tangent.db-wal"))
					return err == nil
				}
				return strings.Contains(p.out.String()+p.errors.String(), c.begun)
			})
			status := p.signal(os.Interrupt)
			if text := p.errors.String(); status != 130 || !strings.Contains(text, c.want) || strings.Contains(text, c.not) {
				t.Errorf("status %d, want %q: %s", status, c.want, text)
			}
		})
	}
	t.Run("replay", func(t *testing.T) {
		over, cancel := context.WithCancel(t.Context())
		cancel()
		var out, errs strings.Builder
		status := run(over, []string{"replay", "--synthetic", "--rows", "1000"}, streams{nil, &out, &errs})
		if text := errs.String(); status != 130 || !strings.Contains(text, "interrupted: nothing is told") || strings.Contains(text, "canceled") {
			t.Errorf("status %d: %s", status, text)
		}
	})
}

// What a command leaves that ended half-way is told, whyever it ended.
func TestWhatStaysIsTold(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		n    int64
		want string
	}{
		{t.Context(), nil, 5, "<nil>"},
		{t.Context(), errors.New("disk full"), 5, "disk full (5 users were made, which stay)"},
		{t.Context(), errors.New("disk full"), 0, "disk full"},
		{over, fmt.Errorf("cannot: %w", context.Canceled), 5, "interrupted: 5 users were made, which stay"},
	} {
		if got := fmt.Sprint(whatStays(c.ctx, c.err, c.n, "users were made")); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
