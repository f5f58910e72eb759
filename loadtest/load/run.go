package load

import (
	"context"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Run sends what cfg says until it is over, Traffic.Stop is closed or ctx is
// done. A report is returned with every error that happens after the start.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cannot run the load: %w", err)
	}
	if cfg.Steps != nil {
		return climb(ctx, cfg)
	}
	if cfg.Overload != nil {
		return overload(ctx, cfg)
	}
	r := newReport(&cfg)
	begun := time.Now()
	books, err := play(ctx, cfg, 0, func(s loadtest.Stats, rate float64) { r.second(s, rate) })
	if books == nil {
		return nil, err
	}
	r.finish(books, begun)
	return r, err
}

// play runs the stages once.
func play(ctx context.Context, cfg Config, step int, each func(s loadtest.Stats, rate float64)) (*loadtest.Books, error) {
	t := cfg.Traffic
	t.Start = time.Now()
	t.Progress = func(s loadtest.Stats) {
		rate := loadtest.RateAt(t.Stages, time.Duration(s.ElapsedSeconds*float64(time.Second)))
		each(s, rate)
		if cfg.Progress != nil {
			cfg.Progress(Progress{Stats: s, Target: rate, Step: step})
		}
	}
	return loadtest.RunExchange(ctx, t)
}

// climb raises the rate step by step. A step that fails is tried once more: a
// neighbour on the machine may have been at fault.
func climb(ctx context.Context, cfg Config) (*Report, error) {
	r, begun := newReport(&cfg), time.Now()
	var best *loadtest.Books
	rate, failed := cfg.Steps.From, false
	for n := 1; rate <= cfg.Steps.Most; n++ {
		cfg.Traffic.Stages = []loadtest.Stage{{From: rate, To: rate, For: cfg.Steps.Each}}
		books, err := play(ctx, cfg, n, func(loadtest.Stats, float64) {})
		if books == nil {
			return nil, err
		}
		s := cfg.Steps.judge(rate, books)
		cfg.Traffic.Skip += s.Due
		r.Steps = append(r.Steps, s)
		r.addFaults(books)
		if s.OK || best == nil {
			best = books
		}
		if err != nil || stopped(cfg.Traffic.Stop) {
			r.finish(best, begun)
			return r, err
		}
		switch {
		case s.OK:
			r.Saturation, failed = rate, false
			rate *= cfg.Steps.Factor
		case failed:
			r.finish(best, begun)
			return r, nil
		default:
			failed = true
		}
	}
	r.finish(best, begun)
	return r, nil
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// judge says how a step at a rate went.
func (s *Steps) judge(rate float64, b *loadtest.Books) Step {
	due := b.Requests + b.Unsent
	step := Step{
		Rate: rate, Due: due, Answers: b.Answers, Unsent: b.Unsent, Bids: b.Bids,
		Latency: b.LatencyUS, Errors: sum(b.HTTPErrors), Violations: sum(b.Violations),
	}
	switch {
	case due == 0 || float64(b.Answers) < s.Answered*float64(due):
		step.Why = "not answered in time"
	case time.Duration(b.LatencyUS.P99)*time.Microsecond > s.P99:
		step.Why = "p99 above " + s.P99.String()
	default:
		step.OK = true
	}
	return step
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
