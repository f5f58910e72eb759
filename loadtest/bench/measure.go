package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Measurement is what one server did under one load.
type Measurement struct {
	CPU    float64 // microseconds of CPU per request that was sent, all of the process
	P50    float64 // microseconds from the intended send time
	P99    float64
	Allocs float64 // per request, all of the process
	report *load.Report
}

// checkEvery is how many answers are sent for one that is checked, where
// checking would take the CPU from what is measured.
const checkEvery = 8

// measure plays a steady load to a server and asks the operating system what
// it cost.
func (b *bench) measure(ctx context.Context, s *server, rate float64, d time.Duration) (m Measurement, err error) {
	allocs, err := s.mallocs()
	if err != nil {
		return m, err
	}
	cpu, err := cpuOf(s.cmd.Process.Pid)
	if err != nil {
		return m, err
	}
	m.report, err = b.generate(ctx, s, "--rate", number(rate), "--duration", d.String())
	if err != nil {
		return m, err
	}
	after, err := cpuOf(s.cmd.Process.Pid)
	if err != nil {
		return m, err
	}
	allocsAfter, err := s.mallocs()
	if err != nil {
		return m, err
	}
	n := float64(m.report.Requests)
	if n == 0 || m.report.Answers == 0 {
		return m, fmt.Errorf("%s answered nothing at %v requests per second: %v", s.name, rate, m.report.HTTPErrors)
	}
	m.CPU = float64((after - cpu).Microseconds()) / n
	m.Allocs = (allocsAfter - allocs) / n
	m.P50, m.P99 = float64(m.report.LatencyUS.P50), float64(m.report.LatencyUS.P99)
	if s.admin != "" {
		b.result.Violations += m.report.Violations
		for k, n := range m.report.Kinds {
			b.result.Kinds[k] += n
		}
	}
	return m, nil
}

// generate runs the load generator as a process of its own.
func (b *bench) generate(ctx context.Context, s *server, args ...string) (*load.Report, error) {
	file := filepath.Join(b.dir, "report.json")
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	every := checkEvery
	if s.admin == "" {
		every = 1 << 40 // a canned bid is for nobody's request
	}
	all := append([]string{"loadtest", "run", "--url", s.url, "--json", file, "--users", strconv.Itoa(b.cfg.Users),
		"--seed", b.seed(), "--check-every", strconv.Itoa(every)}, args...)
	failed := b.tool(ctx, all...) // with violations too, which the report has
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	r := &load.Report{}
	return r, json.Unmarshal(text, r)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// findRate looks for the bidder's saturation, and takes half of it unless a
// rate is given.
func (b *bench) findRate(ctx context.Context, s *server) error {
	step := min(b.cfg.Each/2, 5*time.Second)
	b.say("looking for saturation")
	r, err := b.generate(ctx, s, "--steps", "--rate", number(firstStep), "--factor", "1.3", "--step", step.String(), "--max-rate", number(b.cfg.MaxRate))
	if err != nil {
		return err
	}
	b.result.Saturation = r.Saturation
	b.say("saturation at %.0f requests per second", r.Saturation)
	if b.cfg.Rate > 0 {
		return nil
	}
	if b.result.Rate = r.Saturation / 2; b.result.Rate == 0 {
		b.result.Rate = firstStep / 2 // it kept up with nothing: half of the first step
	}
	return nil
}

// overload plays twice what the bidder keeps up with, and then half of it.
func (b *bench) overload(ctx context.Context, s *server) error {
	rate := 2 * b.result.Saturation
	if rate == 0 {
		rate = 2 * b.result.Rate
	}
	const sheds = `reason="overload"`
	before, err := s.metric("tangent_bidder_no_bids_total", sheds)
	if err != nil {
		return err
	}
	m, err := b.measure(ctx, s, rate, b.cfg.Each)
	if err != nil {
		return err
	}
	after, err := s.metric("tangent_bidder_no_bids_total", sheds)
	if err != nil {
		return err
	}
	calm, err := b.measure(ctx, s, b.result.Rate, b.cfg.Each)
	if err != nil {
		return err
	}
	r := m.report
	b.result.Shed = Shed{
		Rate: rate, Due: r.Requests + r.Unsent, Answers: r.Answers, Overload: int64(after - before), Timeouts: r.HTTPErrors["timeout"], Unsent: r.Unsent,
		P99: m.P99, P99After: calm.P99,
	}
	return nil
}
