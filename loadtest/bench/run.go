package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tangent-dsp/tangent/audience/embedded"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/clock"
)

// bench is one run.
type bench struct {
	cfg     Config
	dir     string
	redis   string    // host:port
	servers []*server // all that were started
	null    *server
	echo    *server
	result  *Result
}

// Run measures, which takes about Each times Rounds times three for each of
// the sizes, and what it takes to fill the databases.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cannot run the benchmark: %w", err)
	}
	dir, err := os.MkdirTemp("", "tangent-bench-")
	if err != nil {
		return nil, fmt.Errorf("cannot run the benchmark: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &bench{cfg: cfg, dir: dir, result: newResult(&cfg)}
	defer b.stop()
	if err := b.run(ctx); err != nil {
		return nil, fmt.Errorf("cannot run the benchmark: %w", err)
	}
	b.result.sum(&cfg)
	return b.result, nil
}

// stop ends what still runs.
func (b *bench) stop() {
	for _, s := range b.servers {
		s.stop()
	}
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.cfg.Out, format+"\n", args...) }

func (b *bench) run(ctx context.Context) error {
	end, err := b.startRedis()
	if err != nil {
		return err
	}
	defer end()
	b.result.Rate = b.cfg.Rate
	// The size of the table first: its saturation gives the rate for all.
	order := []int{b.cfg.home()}
	for i := range b.cfg.Sizes {
		if i != b.cfg.home() {
			order = append(order, i)
		}
	}
	b.result.Sizes = make([]Size, len(b.cfg.Sizes))
	for n, i := range order {
		if err := b.size(ctx, i, n == 0); err != nil {
			return err
		}
	}
	return nil
}

// startRedis starts Redis, or what stands in for it, and returns its end.
func (b *bench) startRedis() (end func(), err error) {
	s, err := redistest.Start()
	if err == nil {
		b.redis, b.result.Conditions.Redis = s.Addr(), "redis-server, a process of its own"
		return s.Close, nil
	}
	b.say("%v; the embedded one stands in, which is slower", err)
	e, err := embedded.Start(embedded.Config{Clock: clock.Real()})
	if err != nil {
		return nil, err
	}
	b.redis, b.result.Conditions.Redis = e.Addr(), "embedded in the benchmark's process: redis-server is not installed"
	return e.Close, nil
}

// size measures one number of line items.
func (b *bench) size(ctx context.Context, index int, first bool) error {
	n := b.cfg.Sizes[index]
	dir := filepath.Join(b.dir, strconv.Itoa(n))
	b.say("%d line items: filling the database", n)
	populate := []string{"loadtest", "populate", "--yes", "--data-dir", dir, "--seed", b.seed()}
	if err := b.tool(ctx, append(populate, "--line-items", strconv.Itoa(n))...); err != nil {
		return err
	}
	bidder, err := b.startBidder(ctx, dir)
	if err != nil {
		return err
	}
	defer bidder.stop()
	if err := b.awaitCatalog(ctx, bidder, n); err != nil {
		return err
	}
	if first {
		err := b.tool(ctx, append(populate, "--line-items", "0", "--users", strconv.Itoa(b.cfg.Users), "--audience", b.redis, "--secrets-file", filepath.Join(b.dir, "secrets.json"))...)
		if err != nil {
			return err
		}
		if err := b.startOthers(); err != nil {
			return err
		}
		if err := b.findRate(ctx, bidder); err != nil {
			return err
		}
	}
	s := &b.result.Sizes[index]
	s.LineItems = n
	if err := b.rounds(ctx, s, bidder, b.null, b.echo); err != nil {
		return err
	}
	if s.Resident, err = residentOf(bidder.cmd.Process.Pid); err != nil {
		return err
	}
	if first {
		return b.overload(ctx, bidder)
	}
	return nil
}

// startOthers starts what the bidder is compared with, once it has made the
// secrets: the null bidder finds the same users.
func (b *bench) startOthers() (err error) {
	if b.null, err = b.startNull("null", "--redis", b.redis, "--secrets-file", filepath.Join(b.dir, "secrets.json")); err != nil {
		return err
	}
	b.echo, err = b.startNull("echo")
	return err
}

func (b *bench) seed() string { return strconv.FormatUint(b.cfg.Seed, 10) }

// awaitCatalog waits until the bidder has all line items.
func (b *bench) awaitCatalog(ctx context.Context, s *server, n int) error {
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); {
		if got, err := s.metric("tangent_catalog_line_items", ""); err == nil && int(got) >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return fmt.Errorf("the bidder ended: %s", s.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the bidder has not read its line items after two minutes")
}

// rounds plays to each in turns, after one that does not count. The order
// changes, so that nobody always follows the same.
func (b *bench) rounds(ctx context.Context, s *Size, all ...*server) error {
	to := []*[]Measurement{&s.bid, &s.null, &s.echo}
	for i := range all {
		if _, err := b.measure(ctx, all[i], b.result.Rate, b.cfg.Each/2); err != nil {
			return err
		}
	}
	for round := range b.cfg.Rounds {
		for k := range all {
			i := (k + round) % len(all)
			m, err := b.measure(ctx, all[i], b.result.Rate, b.cfg.Each)
			if err != nil {
				return err
			}
			*to[i] = append(*to[i], m)
			b.say("  round %d of %d, %-6s %7.1f us CPU per request, p99 %.2f ms", round+1, b.cfg.Rounds, all[i].name, m.CPU, m.P99/1000)
		}
	}
	return nil
}
