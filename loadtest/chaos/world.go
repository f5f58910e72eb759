package chaos

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/loopback"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// world is everything that runs.
type world struct {
	cfg    Config
	dir    string
	clock  *clock.Market
	anchor time.Time // real time at which the market's clock reads origin
	origin time.Time

	midnight time.Time // of the market, in the advertisers' zone
	http     *http.Client

	redis    *redistest.Server
	postgres *postgrestest.Server
	proxy    *proxy // what Tangent takes for PostgreSQL
	nats     []*process
	store    *store.Store // straight to PostgreSQL, to read the books
	ledger   *ledger.Ledger

	payers  *payers
	bidders []*node
	workers []*node
	control *node
}

// node is one tangent serve.
type node struct {
	*process
	role          string
	listen, admin string // host:port
}

// startup is the real time between the start of the servers and the market's
// origin: about what it takes until everything is up.
const startup = 4 * time.Second

// newWorld starts everything in dir. What it returns has to be closed even if
// there is an error.
func newWorld(ctx context.Context, cfg Config, dir string) (w *world, err error) {
	w = &world{cfg: cfg, dir: dir, http: &http.Client{Timeout: 2 * time.Second}}
	// The market's midnight, in the advertisers' zone, comes after four fifths
	// of the traffic: when the faults are over, as what they hold back of the
	// day cannot be spent on the next.
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return w, err
	}
	w.midnight = time.Date(2026, 12, 2, 0, 0, 0, 0, zone)
	w.anchor = time.Now().Add(startup)
	w.origin = w.midnight.Add(-cfg.Duration * 4 / 5 * speed)
	if w.clock, err = clock.NewMarket(w.anchor, w.origin, speed); err != nil {
		return w, err
	}
	var servers errgroup.Group
	servers.Go(func() (err error) { w.redis, err = redistest.Start(); return err })
	servers.Go(func() (err error) { w.postgres, err = postgrestest.Start(); return err })
	if err := servers.Wait(); err != nil {
		return w, err
	}
	if err := w.startNATS(); err != nil {
		return w, err
	}
	if w.proxy, err = newProxy(w.postgres.Addr()); err != nil {
		return w, err
	}
	if w.store, err = store.Open(ctx, store.Config{DSN: w.postgres.DSN(), Clock: w.clock}); err != nil {
		return w, err
	}
	if w.ledger, err = ledger.New(ctx, w.store.DB(), ledger.Config{Clock: w.clock}); err != nil {
		return w, err
	}
	return w, w.startTangent(ctx)
}

func (w *world) startNATS() error {
	ports, err := loopback.Ports(2 * w.cfg.NATSServers)
	if err != nil {
		return err
	}
	clients, routes := ports[:w.cfg.NATSServers], ports[w.cfg.NATSServers:]
	for i, port := range clients {
		name := fmt.Sprintf("nats-%d", i+1)
		args := []string{"loadtest", "nats-server", "--name", name, "--dir", filepath.Join(w.dir, name), "--port", strconv.Itoa(port)}
		if len(clients) > 1 {
			args = append(args, "--cluster", strconv.Itoa(routes[i]))
			for k, r := range routes {
				if k != i {
					args = append(args, "--route", strconv.Itoa(r))
				}
			}
		}
		p, err := newProcess(w.dir, name, w.cfg.Executable, args...)
		if err != nil {
			return err
		}
		w.nats = append(w.nats, p)
		if err := p.start(); err != nil {
			return err
		}
	}
	return nil
}

// natsURLs are the addresses of all servers.
func (w *world) natsURLs() string {
	var urls []string
	for _, p := range w.nats {
		for i, a := range p.args {
			if a == "--port" {
				urls = append(urls, "nats://127.0.0.1:"+p.args[i+1])
			}
		}
	}
	return strings.Join(urls, ",")
}

// startTangent starts Tangent's processes. One bidder comes first: it makes
// the secrets that all share.
func (w *world) startTangent(ctx context.Context) (err error) {
	ports, err := loopback.Ports(2 * (w.cfg.Bidders + workers + 1))
	if err != nil {
		return err
	}
	add := func(name, role string) (*node, error) {
		n := &node{role: role, listen: loopback.Addr(ports[0]), admin: loopback.Addr(ports[1])}
		ports = ports[2:]
		n.process, err = newProcess(w.dir, name, w.cfg.Executable, w.serveArgs(name, n)...)
		return n, err
	}
	for i := range w.cfg.Bidders {
		n, err := add(fmt.Sprintf("bidder-%d", i+1), "bidder")
		if err != nil {
			return err
		}
		w.bidders = append(w.bidders, n)
	}
	for i := range workers {
		n, err := add(fmt.Sprintf("worker-%d", i+1), "worker")
		if err != nil {
			return err
		}
		w.workers = append(w.workers, n)
	}
	if w.control, err = add("control", "control"); err != nil {
		return err
	}
	for i, n := range w.nodes() {
		if err := n.start(); err != nil {
			return err
		}
		if i == 0 {
			if err := w.await(ctx, "the secrets", func(context.Context) bool { _, err := os.Stat(w.secrets()); return err == nil }); err != nil {
				return err
			}
		}
	}
	for _, n := range w.nodes() {
		if err := w.await(ctx, n.name, func(ctx context.Context) bool { return w.ready(ctx, n) }); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) secrets() string { return filepath.Join(w.dir, "secrets.json") }

func (w *world) serveArgs(name string, n *node) []string {
	args := []string{
		"serve", "--name", name, "--role", n.role, "--data-dir", filepath.Join(w.dir, name), "--secrets-file", w.secrets(),
		"--database", strings.Replace(w.postgres.DSN(), w.postgres.Addr(), w.proxy.addr(), 1),
		"--events", w.natsURLs(), "--audience", w.redis.Addr(), "--vendor-id", strconv.Itoa(vendorID),
		"--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--admin-listen", n.admin,
		"--tick", "250ms", "--catalog-refresh", "500ms", "--drain-time", "100ms",
		"--market-speed", strconv.Itoa(speed), "--market-anchor", w.anchor.Format(time.RFC3339Nano), "--market-origin", w.origin.Format(time.RFC3339Nano),
	}
	flag := "--listen"
	if n.role == "control" {
		flag = "--api-listen"
	}
	return append(args, flag, n.listen)
}

// nodes are all of Tangent's processes.
func (w *world) nodes() []*node {
	all := append(append([]*node(nil), w.bidders...), w.workers...)
	if w.control != nil {
		all = append(all, w.control)
	}
	return all
}

func (w *world) ready(ctx context.Context, n *node) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.admin+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// await polls until ok: other processes tell nobody when they are done.
func (w *world) await(ctx context.Context, what string, ok func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for !ok(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot go on without %s: %w", what, context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// close ends everything, in the order in which nothing has to wait.
func (w *world) close() {
	var ending errgroup.Group
	for _, n := range w.nodes() {
		ending.Go(func() error { n.stop(8 * time.Second); return nil })
	}
	_ = ending.Wait()
	for _, p := range w.nats {
		ending.Go(func() error { p.stop(3 * time.Second); return nil })
	}
	_ = ending.Wait()
	w.http.CloseIdleConnections()
	if w.store != nil {
		_ = w.store.Close()
	}
	if w.proxy != nil {
		w.proxy.close()
	}
	if w.postgres != nil {
		w.postgres.Close()
	}
	if w.redis != nil {
		w.redis.Close()
	}
}
