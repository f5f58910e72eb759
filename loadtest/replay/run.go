package replay

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Run plays every case of the configuration with every policy.
func Run(ctx context.Context, c Config) (*Report, error) {
	if err := c.setDefaults(); err != nil {
		return nil, fmt.Errorf("cannot replay: %w", err)
	}
	tunings := new(sync.Map)
	var jobs []job
	report := new(Report)
	for _, p := range c.Logs {
		for _, s := range c.Stresses {
			w := newWorld(&c, p, s)
			w.tunings = tunings
			if err := w.checkBudgets(); err != nil {
				return nil, fmt.Errorf("cannot replay: %w", err)
			}
			jobs = append(jobs, w.jobs()...)
			report.Curves = append(report.Curves, Curve{Log: p.Name, Stress: s.Name, Points: w.best[1].curve()})
		}
	}
	report.Results = make([]Result, len(jobs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.Workers)
	var mu sync.Mutex
	done := 0
	for i, j := range jobs {
		g.Go(func() error {
			r, err := j.play(ctx)
			if err != nil {
				return fmt.Errorf("cannot replay %s by %s: %w", j.Log, j.policy, err)
			}
			report.Results[i] = *r
			mu.Lock()
			defer mu.Unlock()
			if done++; c.Progress != nil {
				c.Progress(done, len(jobs))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return report, nil
}
