package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loopback"
)

// asTangent makes the test binary be tangent: the tests' processes are the
// program that is tested. Its value "wrapped" is for one that another program
// starts.
const asTangent = "TEST_BINARY_IS_TANGENT"

func TestMain(m *testing.M) {
	switch os.Getenv(asTangent) {
	case "wrapped":
		dieWithWrapper()
		fallthrough
	case "1":
		main() // does not return
	}
	os.Exit(m.Run())
}

// output is what a process writes, while it writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process is a tangent of its own.
type process struct {
	t           *testing.T
	cmd         *exec.Cmd
	out, errors output
	done        chan struct{} // closed when it has ended
}

// launch starts tangent, or a program that starts it when wrapper is not
// empty. It is killed when the test ends.
func launch(t *testing.T, wrapper []string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	line := append(append(wrapper[:len(wrapper):len(wrapper)], self), args...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), asTangent+"=1")
	if len(wrapper) > 0 {
		cmd.Env = append(os.Environ(), asTangent+"=wrapped")
	}
	cmd.Dir = t.TempDir()
	return launchCommand(t, cmd)
}

func launchCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.out, &p.errors
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // the status is in ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", strings.Join(cmd.Args[:min(3, len(cmd.Args))], " "), tail(p.errors.String()))
		}
	})
	return p
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// signal sends one and waits for the end; it returns the exit status.
func (p *process) signal(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	return p.wait()
}

func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(180 * time.Second):
		p.t.Fatal("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// await polls until ok, and fails at once when the process ends before.
func (p *process) await(what string, ok func() bool) {
	p.t.Helper()
	await(p.t, what, func() bool {
		select {
		case <-p.done:
			p.t.Fatalf("it ended before: %s", what)
		default:
		}
		return ok()
	})
}

// server is a `tangent serve` that is up.
type server struct {
	*process
	exchanges, api, admin string // base URLs

	busy atomic.Int32 // notices that it answered 503, see notify
}

// serve starts a server on data and waits until it is ready. at are the
// addresses of an earlier start, or nil for new ones, which are free for a
// later start too.
func serve(t *testing.T, at *server, wrapper []string, args ...string) *server {
	t.Helper()
	var addresses []string
	if at != nil {
		for _, url := range []string{at.exchanges, at.api, at.admin} {
			addresses = append(addresses, strings.TrimPrefix(url, "http://"))
		}
	} else {
		for _, port := range loopback.Need(t, 3) {
			addresses = append(addresses, loopback.Addr(port))
		}
	}
	args = append([]string{"serve", "--log-format", "json",
		"--listen", addresses[0], "--api-listen", addresses[1], "--admin-listen", addresses[2]}, args...)
	s := &server{process: launch(t, wrapper, args...)}
	s.awaitReady()
	return s
}

// awaitReady reads the addresses that the server logs and waits until it bids.
func (s *server) awaitReady() {
	s.t.Helper()
	s.await("tangent is ready", func() bool {
		if s.admin == "" && !s.readAddresses() {
			return false
		}
		r, err := http.Get(s.admin + "/readyz")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

func (s *server) readAddresses() bool {
	for line := range strings.Lines(s.errors.String()) {
		var up struct{ Msg, Exchanges, API, Admin string }
		if json.Unmarshal([]byte(line), &up) == nil && up.Msg == "tangent is up" {
			s.exchanges, s.api, s.admin = up.Exchanges, up.API, up.Admin
			return true
		}
	}
	return false
}

// await polls until ok: other processes tell nobody when they are done.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.NewTimer(180 * time.Second)
	defer limit.Stop()
	for !ok() {
		select {
		case <-limit.C:
			t.Fatalf("not after three minutes: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tangent runs a command in this process and returns its exit status and what
// it wrote.
func tangent(t *testing.T, stdin string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e output
	ctx, cancel := context.WithTimeout(t.Context(), 180*time.Second)
	defer cancel()
	status = run(ctx, args, streams{strings.NewReader(stdin), &o, &e})
	return status, o.String(), e.String()
}

// fetch returns the status and body of a GET.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	status, body, err := reply(http.Get(url))
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

// reply reads what an HTTP request is answered.
func reply(r *http.Response, err error) (status int, body string, _ error) {
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, string(b), err
}
