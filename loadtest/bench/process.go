package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is a process that answers bid requests.
type server struct {
	name  string
	cmd   *exec.Cmd
	log   string // its file
	url   string
	admin string // of the bidder
	done  chan struct{}
}

func (b *bench) command(args ...string) *exec.Cmd {
	cmd := exec.Command(b.cfg.Executable, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TANGENT_") { // they would be settings of ours
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Dir = b.dir
	cmd.SysProcAttr = dieWithParent()
	return cmd
}

// tool runs a command to its end.
func (b *bench) tool(ctx context.Context, args ...string) error {
	cmd := b.command(args...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("tangent %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(out.String()))
	}
	return ctx.Err()
}

// start starts a server; its standard error goes to a file.
func (b *bench) start(name string, args ...string) (*server, io.Reader, error) {
	s := &server{name: name, cmd: b.command(args...), log: filepath.Join(b.dir, name+".log"), done: make(chan struct{})}
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
func (b *bench) startNull(name string, args ...string) (*server, error) {
	s, out, err := b.start(name, append([]string{"loadtest", "null"}, args...)...)
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go s.wait()
	if err != nil {
		return nil, fmt.Errorf("%s did not start: %s", name, s.tail())
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

// startBidder starts a bidder on a data folder, and returns when it bids.
func (b *bench) startBidder(ctx context.Context, dir string) (*server, error) {
	s, _, err := b.start("bidder", "serve", "--name", "bench", "--data-dir", dir, "--secrets-file", filepath.Join(b.dir, "secrets.json"),
		"--audience", b.redis, "--vendor-id", strconv.Itoa(vendorID), "--drain-time", "0s", "--log-format", "json",
		"--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go s.wait()
	limit := time.Now().Add(2 * time.Minute)
	for time.Now().Before(limit) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.done:
			return nil, fmt.Errorf("the bidder ended: %s", s.tail())
		case <-time.After(50 * time.Millisecond):
		}
		if s.admin == "" {
			s.readAddresses()
			continue
		}
		if _, err := get(s.admin + "/readyz"); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("the bidder is not ready after two minutes: %s", s.tail())
}

func (s *server) readAddresses() {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		var up struct{ Msg, Exchanges, Admin string }
		if json.Unmarshal([]byte(line), &up) == nil && up.Msg == "tangent is up" {
			s.url, s.admin = up.Exchanges, up.Admin
		}
	}
}

func (s *server) wait() {
	_ = s.cmd.Wait() // how it ended is in its log
	close(s.done)
}

// stop ends the process.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

func (s *server) tail() string {
	b, _ := os.ReadFile(s.log)
	return strings.TrimSpace(string(b[max(0, len(b)-1500):]))
}

// get returns the body of a 200.
func get(url string) (string, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %d", url, r.StatusCode)
	}
	return string(body), err
}

// mallocs returns how many allocations the process has made.
func (s *server) mallocs() (float64, error) {
	if s.admin == "" {
		text, err := get(s.url)
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(text, 64)
	}
	return s.metric("go_memstats_mallocs_total", "")
}

// metric sums the series of a metric whose labels contain a text.
func (s *server) metric(name, labels string) (sum float64, err error) {
	text, err := get(s.admin + "/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, _, _ := strings.Cut(series, "{"); n != name || !strings.Contains(series, labels) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, nil
}
