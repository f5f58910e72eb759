package bench

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server is a process that answers bid requests.
type server struct {
	name  string
	cmd   *exec.Cmd
	log   string // its file
	url   string
	admin string // of the bidder
	api   string // of the bidder
	data  string // its folder
	done  chan struct{}
}

// command is the program with arguments; settings of ours are not its own.
func (b *bench) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TANGENT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Dir = b.dir
	cmd.SysProcAttr = dieWithParent()
	return cmd
}

// tool runs a command to its end.
func (b *bench) tool(ctx context.Context, args ...string) error {
	return b.held(ctx, func() {}, b.command(b.cfg.Executable, args...))
}

// asideTool is tool for what is not measured and happens during it: it gets the
// CPU that others leave.
func (b *bench) asideTool(ctx context.Context, args ...string) error {
	return b.held(ctx, func() {}, b.command("nice", append([]string{"-n", "19", b.cfg.Executable}, args...)...))
}

// held runs a command to its end. It waits after its first line, as the
// generator does with --hold, until a function returns.
func (b *bench) held(ctx context.Context, begin func(), cmd *exec.Cmd) error {
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var errs strings.Builder
	cmd.Stdout = &gate{open: func() { begin(); in.Close() }}
	cmd.Stderr = &errs
	if err := finish(ctx, cmd, b.generatorCPUs); err != nil {
		at := slices.Index(cmd.Args, "loadtest")
		if said := strings.TrimSpace(errs.String()); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return fmt.Errorf("tangent %s: %w", strings.Join(cmd.Args[at:at+2], " "), err)
	}
	return nil
}

// leftBehind is how long the output of a command is read that has ended: what
// it started itself may live on and hold it open.
const leftBehind = 3 * time.Second

// finish runs a command to its end, on CPUs if there are any. When ctx is done
// it is killed.
func finish(ctx context.Context, cmd *exec.Cmd, cpus *cpuSet) error {
	cmd.WaitDelay = leftBehind
	start := cmd.Start
	if cpus != nil {
		start = func() error { return on(cpus, cmd.Start) }
	}
	err := start()
	if err == nil {
		defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
		err = cmd.Wait()
	}
	if errors.Is(err, exec.ErrWaitDelay) { // else it ended well
		err = nil
	}
	return cmp.Or(ctx.Err(), err) // what it was killed for says more than how it ended
}

// gate opens when the first line is written to it.
type gate struct {
	open func()
	once sync.Once
}

func (g *gate) Write(p []byte) (int, error) {
	if bytes.IndexByte(p, '\n') >= 0 {
		g.once.Do(g.open)
	}
	return len(p), nil
}

// start starts a server; its standard error goes to a file.
func (b *bench) start(name string, cmd *exec.Cmd) (*server, io.Reader, error) {
	s := &server{name: name, cmd: cmd, log: filepath.Join(b.dir, strconv.Itoa(len(b.servers))+".log"), done: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close() // the process has its own
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	b.servers = append(b.servers, s)
	return s, out, nil
}

// startNull starts the null bidder, or the echo.
func (b *bench) startNull(kind string, args ...string) error {
	s, out, err := b.start(kind, b.command(b.cfg.Executable, append([]string{"loadtest", "null"}, args...)...))
	if err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go s.wait()
	if err != nil {
		return fmt.Errorf("%s did not start: %s", kind, s.tail())
	}
	s.url = strings.TrimSpace(line)
	b.result.Series = append(b.result.Series, &Series{Kind: kind, server: s, pace: 1})
	return nil
}

// bidderSpec says which bidder to start, and what it gets.
type bidderSpec struct {
	kind      string
	lineItems int
	data      string // its folder
	program   string // another build
	flags     []string
	env       []string
	redis     string   // another one
	load      []string // of the generator
	pace      float64  // of the rate; 0 is 1
}

// startupLimit is the longest that reading a catalog may take at start.
const startupLimit = 5 * time.Minute

// startBidder starts a bidder that is measured in the rounds.
func (b *bench) startBidder(ctx context.Context, spec bidderSpec) error {
	series, err := b.launch(ctx, spec)
	if err == nil {
		b.result.Series = append(b.result.Series, series)
	}
	return err
}

// serve is the command of a bidder.
func (b *bench) serve(spec bidderSpec) *exec.Cmd {
	program := spec.program
	if program == "" {
		program = b.cfg.Executable
	}
	redis := spec.redis
	if redis == "" {
		redis = b.redis.addr
	}
	cmd := b.command(program, append([]string{"serve", "--name", "bench", "--data-dir", spec.data, "--secrets-file", b.secrets(),
		"--audience", redis, "--vendor-id", strconv.Itoa(vendorID), "--drain-time", "0s", "--log-format", "json",
		"--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, spec.flags...)...)
	cmd.Env = append(cmd.Env, spec.env...)
	return cmd
}

// name names it for people.
func (s *bidderSpec) name() string { return (&Series{Kind: s.kind, LineItems: s.lineItems}).title() }

// launch starts a bidder, and returns when it bids on all line items.
func (b *bench) launch(ctx context.Context, spec bidderSpec) (*Series, error) {
	series := &Series{Kind: spec.kind, LineItems: spec.lineItems, load: spec.load, pace: spec.pace}
	if series.pace == 0 {
		series.pace = 1
	}
	b.say("starting %s", series.title())
	s, _, err := b.start(series.title(), b.serve(spec))
	if err != nil {
		return nil, err
	}
	s.data = spec.data
	go s.wait()
	series.server = s
	return series, s.await(ctx, startupLimit, func() bool {
		if s.admin == "" {
			s.readAddresses()
			return false
		}
		if _, err := get(s.admin + "/readyz"); err != nil {
			return false
		}
		n, err := s.metric("tangent_catalog_line_items", "")
		return err == nil && int(n) >= spec.lineItems
	})
}

// await looks again and again, until something is so.
func (s *server) await(ctx context.Context, limit time.Duration, so func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if so() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return fmt.Errorf("%s ended: %s", s.name, s.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s is not ready after %v: %s", s.name, limit, s.tail())
}

// awaitBooked waits until what the log has is booked: it is a part of what a
// notice costs.
func (s *server) awaitBooked(ctx context.Context) error {
	return s.await(ctx, time.Minute, func() bool {
		n, err := s.metric("tangent_log_unbooked_messages", "")
		return err == nil && n == 0
	})
}

func (s *server) readAddresses() {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		var up struct{ Msg, Exchanges, API, Admin string }
		if json.Unmarshal([]byte(line), &up) == nil && up.Msg == "tangent is up" {
			s.url, s.api, s.admin = up.Exchanges, up.API, up.Admin
		}
	}
}

func (s *server) wait() {
	_ = s.cmd.Wait() // how it ended is in its log
	close(s.done)
}

// endLimit is how long servers may take to end.
const endLimit = 20 * time.Second

// endAll asks servers to end, all at once, and makes those that have not when the
// time is over that they have together.
func endAll(limit time.Duration, servers ...*server) {
	for _, s := range servers {
		_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for _, s := range servers {
		select {
		case <-s.done:
		case <-ctx.Done():
			_ = s.cmd.Process.Kill()
			<-s.done
		}
	}
}

func (s *server) tail() string {
	b, _ := os.ReadFile(s.log)
	return strings.TrimSpace(string(b[max(0, len(b)-1500):]))
}
