package frontiers

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

const (
	// maxRows and maxVisits bound one step: a transaction of some ten
	// milliseconds, and a look at so many line items.
	maxRows    = 100
	maxVisits  = 8192
	pruneEvery = time.Hour // real time
	lastWords  = 3 * time.Second

	// kept is how long rows are kept, in market time: a day, and what an hour
	// that is not over has of the one before.
	kept = (frontier.Span + 1) * time.Hour
)

// FlusherConfig is what a Flusher works with. All fields are required.
type FlusherConfig struct {
	Rows        *Rows
	Incarnation uint64
	Samples     *frontier.Sampler
	Catalog     func() *catalog.Snapshot
	Multipliers func() *pacing.Multipliers
	Landscape   func() *landscape.Model
	Clock       clock.Clock   // market time
	Interval    time.Duration // real time between two steps
}

// Flusher writes what a bidder sampled, some line items at each step and all of
// them in turn, those without news left out. What it could not write it writes
// at the next step.
type Flusher struct {
	cfg   FlusherConfig
	place int
	rows  []frontier.Record
	owed  bool // rows are not written yet
}

// NewFlusher returns a flusher; Run it.
func NewFlusher(c FlusherConfig) (*Flusher, error) {
	if c.Rows == nil || c.Samples == nil || c.Catalog == nil || c.Multipliers == nil || c.Landscape == nil || c.Clock == nil || c.Interval <= 0 {
		return nil, errors.New("cannot make the flusher of opportunities: a required part is missing")
	}
	return &Flusher{cfg: c}, nil
}

// Run flushes until ctx ends, and then what is left, as far as a few seconds
// allow. Errors go to failed.
func (f *Flusher) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(f.cfg.Interval)
	defer tick.Stop()
	var pruned time.Time
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
			defer cancel()
			if err := f.FlushAll(last); err != nil {
				failed(err)
			}
			return
		case <-tick.C:
		}
		_, err := f.Flush(ctx)
		if now := time.Now(); err == nil && now.Sub(pruned) > pruneEvery {
			pruned = now
			err = f.cfg.Rows.Prune(ctx, f.cfg.Clock.Now().Add(-kept))
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// FlushAll writes all that is new.
func (f *Flusher) FlushAll(ctx context.Context) error {
	for left := f.cfg.Catalog().Places(); left > 0; {
		visited, err := f.Flush(ctx)
		if left -= visited; err != nil || visited == 0 {
			return err
		}
	}
	return nil
}

// Flush does one step, and returns how many places of the catalog it has been
// to.
func (f *Flusher) Flush(ctx context.Context) (visited int, err error) {
	if f.owed {
		if err := f.write(ctx); err != nil {
			return 0, err
		}
	}
	f.rows = f.rows[:0]
	now, snap := f.cfg.Clock.Now(), f.cfg.Catalog()
	multipliers, prices := f.cfg.Multipliers(), f.cfg.Landscape()
	places := snap.Places()
	for visited < min(places, maxVisits) && len(f.rows) < maxRows {
		if f.place++; f.place >= places {
			f.place = 0
		}
		visited++
		li := snap.At(f.place)
		if li == nil {
			continue
		}
		in := f.cfg.Samples.Met(li.ID)
		if in == nil {
			continue
		}
		row, news := in.Record(now, prices)
		if !news {
			continue
		}
		row.LineItem, row.Multiplier = li.ID, multipliers.Of(li.ID)
		row.Terms = frontier.Terms{Worth: li.Worth, MaxBid: li.MaxBid, CostLimit: li.CostLimit}
		f.rows = append(f.rows, row)
	}
	f.owed = len(f.rows) > 0
	return visited, f.write(ctx)
}

func (f *Flusher) write(ctx context.Context) error {
	if !f.owed {
		return nil
	}
	err := f.cfg.Rows.Write(ctx, f.cfg.Incarnation, f.rows)
	f.owed = err != nil
	return err
}
