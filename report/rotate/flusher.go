package rotate

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
)

const (
	maxVisits  = 8192 // places of the catalog in a step
	pruneEvery = time.Hour
	lastWords  = 3 * time.Second
)

// Config is what a Flusher works with. Durations are real time.
type Config[Row any] struct {
	Catalog  func() *catalog.Snapshot
	Interval time.Duration // between two steps
	MaxRows  int           // of a step: a transaction of some ten milliseconds

	// Begin adds what is of no line item, at every step; nil: nothing is.
	Begin func(rows []Row) []Row
	// Visit adds a row if there is news of a line item.
	Visit func(rows []Row, li *catalog.LineItem) []Row
	// Write writes rows. Where it fails it gets the same again before any other.
	Write func(ctx context.Context, rows []Row) error
	// Prune deletes what is old, once an hour.
	Prune func(ctx context.Context) error
}

// Flusher writes rows, some line items' at each step and all of them in turn.
// It is for one goroutine.
type Flusher[Row any] struct {
	cfg   Config[Row]
	place int
	rows  []Row
	owed  bool // rows are not written yet
}

// New returns a flusher; Run it.
func New[Row any](c Config[Row]) (*Flusher[Row], error) {
	if c.Catalog == nil || c.Visit == nil || c.Write == nil || c.Prune == nil || c.Interval <= 0 || c.MaxRows <= 0 {
		return nil, errors.New("cannot make a flusher: a required part is missing")
	}
	if c.Begin == nil {
		c.Begin = func(rows []Row) []Row { return rows }
	}
	return &Flusher[Row]{cfg: c}, nil
}

// Run flushes until ctx ends, and then what is left, as far as a few seconds
// allow. Errors go to failed.
func (f *Flusher[Row]) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(f.cfg.Interval)
	defer tick.Stop()
	var pruned time.Time
	for {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil {
			break
		}
		_, err := f.Flush(ctx)
		if now := time.Now(); err == nil && now.Sub(pruned) > pruneEvery {
			pruned = now
			err = f.cfg.Prune(ctx)
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := f.FlushAll(last); err != nil {
		failed(err)
	}
}

// FlushAll writes all that is new.
func (f *Flusher[Row]) FlushAll(ctx context.Context) error {
	for left := f.cfg.Catalog().Places(); ; {
		visited, err := f.Flush(ctx)
		if left -= visited; err != nil || left <= 0 || visited == 0 {
			return err
		}
	}
}

// Flush does one step, and returns how many places of the catalog it has been
// to.
func (f *Flusher[Row]) Flush(ctx context.Context) (visited int, err error) {
	if err := f.write(ctx); err != nil {
		return 0, err
	}
	f.rows = f.cfg.Begin(f.rows[:0])
	snap := f.cfg.Catalog()
	for places := snap.Places(); visited < min(places, maxVisits) && len(f.rows) < f.cfg.MaxRows; visited++ {
		if f.place++; f.place >= places {
			f.place = 0
		}
		if li := snap.At(f.place); li != nil {
			f.rows = f.cfg.Visit(f.rows, li)
		}
	}
	f.owed = len(f.rows) > 0
	return visited, f.write(ctx)
}

func (f *Flusher[Row]) write(ctx context.Context) error {
	if !f.owed {
		return nil
	}
	err := f.cfg.Write(ctx, f.rows)
	f.owed = err != nil
	return err
}
