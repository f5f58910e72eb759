package bench

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A command that is ended, or that ends well, is over, though what it started
// itself lives on and holds its output open.
func TestNobodyWaitsForWhatIsLeftBehind(t *testing.T) {
	for name, ended := range map[string]bool{"ended": true, "ends well": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bench{dir: t.TempDir()}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			file := filepath.Join(b.dir, "pid")
			script, begin := `sleep 600 & echo $! > "$2"; echo it runs`, func() {}
			if ended {
				script, begin = script+"; wait", cancel
			}
			err := b.held(ctx, begin, exec.Command("sh", "-c", script, "loadtest", "run", file))
			if ended != errors.Is(err, context.Canceled) || !ended && err != nil || ended && !strings.HasPrefix(err.Error(), "tangent loadtest run: ") {
				t.Error(err)
			}
			endLeft(t, file)
		})
	}
}

// endLeft ends the process that a file names.
func endLeft(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := left.Kill(); err != nil {
		t.Errorf("nothing was left behind: %v", err)
	}
}

// Servers end when they are asked, and are killed when they do not.
func TestServersEnd(t *testing.T) {
	heard := make(chan os.Signal, 1) // whoever started the tests may have had them ignore it, and their children too
	signal.Notify(heard, os.Interrupt)
	defer signal.Stop(heard)
	b := &bench{dir: t.TempDir()}
	start := func(script string) *server {
		t.Helper()
		s, out, err := b.start("a server", exec.Command("sh", "-c", script))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Error(err)
		}
		go s.wait()
		return s
	}
	for want, c := range map[string]struct {
		limit  time.Duration
		script string
	}{"signal: interrupt": {time.Hour, "echo; exec sleep 600"}, "signal: killed": {time.Millisecond, `trap "" INT; echo; exec sleep 600`}} {
		all := []*server{start(c.script), start(c.script)}
		endAll(c.limit, all...)
		for _, s := range all {
			if how := s.cmd.ProcessState.String(); how != want {
				t.Errorf("%s: it ended with %s, want %s", c.script, how, want)
			}
		}
	}
}
