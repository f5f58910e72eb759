package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Measurement is what one server did under one load.
type Measurement struct {
	CPU      float64 // microseconds of CPU per request that was sent, all of the process
	RedisCPU float64 // the same of Redis
	P50      float64 // microseconds from the intended send time
	P99      float64
	Allocs   float64 // per request, all of the process
	Near     float64 // share of the reads of users that the near-cache answered
	Due      int64   // requests
	Lost     int64   // of them: not answered within tmax, in full
	report   *load.Report
}

// checkEvery is how many answers are sent for one that is checked, where
// checking would take the CPU from what is measured.
const checkEvery = 64

// counters is what a server, and Redis, have used so far.
type counters struct {
	cpu, redis         time.Duration
	allocs, near, asks float64
}

func (b *bench) count(s *server) (c counters, err error) {
	if c.allocs, err = s.mallocs(); err != nil {
		return c, err
	}
	if s.admin != "" {
		if c.near, c.asks, err = s.nearReads(); err != nil {
			return c, err
		}
	}
	if c.redis, err = b.redisCPU(); err != nil {
		return c, err
	}
	c.cpu, err = cpuOf(s.cmd.Process.Pid)
	return c, err
}

// measure plays a load to a server and asks the operating system what it cost,
// from the end of the warm-up on, when nothing is under way.
func (b *bench) measure(ctx context.Context, s *server, rate float64, d time.Duration, args ...string) (m Measurement, err error) {
	var before counters
	counted := errors.New("the generator did not come to the end of its warm-up")
	begin := func() { before, counted = b.count(s) }
	if d >= load.Span { // what was not answered in full is known by spans
		args = append([]string{"--spans"}, args...)
	}
	m.report, err = b.generate(ctx, s, begin, append([]string{"--hold", "--rate", number(rate), "--duration", d.String()}, args...)...)
	if err == nil {
		err = counted
	}
	if err != nil {
		return m, err
	}
	if m.report.Notices.Sent > 0 {
		if err := s.awaitBooked(ctx); err != nil {
			return m, err
		}
	}
	after, err := b.count(s)
	if err != nil {
		return m, err
	}
	n := float64(m.report.Requests)
	if n == 0 || m.report.Answers == 0 {
		return m, fmt.Errorf("%s answered nothing at %v requests per second: %v", s.name, rate, m.report.HTTPErrors)
	}
	if s.admin != "" && m.report.Bids == 0 {
		return m, fmt.Errorf("%s made no bid for %d requests; its /readyz says: %s", s.name, m.report.Requests, s.readiness())
	}
	for _, span := range m.report.Spans {
		m.Due, m.Lost = m.Due+span.Due, m.Lost+span.Due-span.Full
	}
	m.CPU = float64((after.cpu - before.cpu).Microseconds()) / n
	m.RedisCPU = float64((after.redis - before.redis).Microseconds()) / n
	m.Allocs = (after.allocs - before.allocs) / n
	m.Near = (after.near - before.near) / max(1, after.asks-before.asks)
	m.P50, m.P99 = float64(m.report.LatencyUS.P50), float64(m.report.LatencyUS.P99)
	if s.admin != "" {
		b.found(m.report)
	}
	return m, nil
}

// found adds up what breaks the protocol.
func (b *bench) found(r *load.Report) {
	b.result.Violations += r.Violations
	for k, n := range r.Kinds {
		b.result.Kinds[k] += n
	}
}

// generate runs the load generator as a process of its own. With --hold, begin
// is called between its warm-up and what counts.
func (b *bench) generate(ctx context.Context, s *server, begin func(), args ...string) (*load.Report, error) {
	file := filepath.Join(b.dir, "report.json")
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	every := checkEvery
	if s.admin == "" {
		every = 1 << 40 // a canned bid is for nobody's request
	}
	all := append([]string{"loadtest", "run", "--url", s.url, "--json", file, "--users", strconv.Itoa(b.cfg.Users),
		"--seed", b.seed(), "--check-every", strconv.Itoa(every), "--warm-up", b.cfg.warmUp().String()}, args...) // the last of two counts
	// On more CPUs than it needs the generator's threads wake each other, and
	// take a third more of what the server is to have.
	cmd := b.command(b.cfg.Executable, all...)
	cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(max(1, runtime.NumCPU()/2)))
	failed := b.held(ctx, begin, cmd) // with violations too, which the report has
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	r := &load.Report{}
	return r, json.Unmarshal(text, r)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// saturationStep is how long a rate has to be kept up with: longer than from
// one collection of garbage to the next, which half of the rate has to bear too.
const saturationStep = 5 * time.Second

// saturation looks for the rate that a bidder keeps up with, from one on; 0:
// not even that.
func (b *bench) saturation(ctx context.Context, s *server, from float64) (float64, error) {
	step := min(b.cfg.Each, saturationStep)
	b.say("looking for saturation, in steps of %v", step)
	r, err := b.generate(ctx, s, func() {}, "--steps", "--rate", number(from), "--factor", "2", "--fine", "1.2",
		"--step", step.String(), "--max-rate", number(b.cfg.MaxRate))
	if err != nil {
		return 0, err
	}
	if r.AtLeast {
		b.say("it kept up with --max-rate: saturation is higher")
	}
	return r.Saturation, nil
}

// findRate takes half of the bidder's saturation unless a rate is given.
func (b *bench) findRate(ctx context.Context, s *server) (err error) {
	if b.result.Kept, err = b.saturation(ctx, s, firstStep); err != nil {
		return err
	}
	b.result.Rate = b.cfg.Rate
	if b.cfg.Rate == 0 {
		if b.result.Rate = b.result.Kept / 2; b.result.Rate == 0 {
			b.result.Rate = firstStep / 2 // it kept up with nothing: half of the first step
		}
	}
	b.say("saturation at %.0f requests per second; measuring at %.0f", b.result.Kept, b.result.Rate)
	b.did()
	return nil
}
