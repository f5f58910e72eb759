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
		return climb(ctx, cfg, play)
	}
	if cfg.Overload != nil {
		return overload(ctx, cfg)
	}
	r := newReport(&cfg)
	if cfg.Spans {
		var err error
		if cfg.Traffic.Stages, err = bySpans(cfg.Traffic.Stages); err != nil {
			return nil, fmt.Errorf("cannot run the load: %w", err)
		}
	}
	begun := time.Now()
	books, err := play(ctx, cfg, 0, func(s loadtest.Stats, rate float64) { r.second(s, rate) })
	if books == nil {
		return nil, err
	}
	r.finish(books, begun)
	r.Interrupted = r.Interrupted || err != nil
	if cfg.Spans {
		r.Spans = books.Stages
	}
	return r, err
}

// player runs the stages of a configuration once, as a step of a search or as
// none, and says at times how they stand.
type player func(ctx context.Context, cfg Config, step int, each func(s loadtest.Stats, rate float64)) (*loadtest.Books, error)

// play is the player that sends requests.
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

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
