package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Source tells what was written after a revision, in parts, and the revision
// up to which that is; 0 asks for everything. campaign/store is one.
type Source interface {
	EachChange(ctx context.Context, after campaign.Revision, take func(part *campaign.Changes)) (upTo campaign.Revision, err error)
}

// Scores tells what came of showing creatives. campaign/store is one.
type Scores interface {
	Performance(ctx context.Context) (map[event.CreativeID]campaign.Performance, error)
}

// RefresherConfig is what a refresher needs.
type RefresherConfig struct {
	Catalog  *Catalog
	Source   Source
	Scores   Scores        // for rotation by click rate; nil: nothing is known
	Interval time.Duration // real time between polls; 0 means a second
	Timeout  time.Duration // how long a poll waits for the source's next part; 0 means ten seconds
	// LoadTimeout is the same of the first poll, which is of everything; 0 means
	// five minutes.
	LoadTimeout time.Duration
	OnError     func(error) // told of every error; may be nil
}

// Refresher keeps a catalog up to date by polling. While the source fails,
// the catalog stays as it was last.
type Refresher struct {
	cfg    RefresherConfig
	errors atomic.Uint64
	scored scored
	last   atomic.Int64 // real time of the last good poll, Unix nanoseconds; 0 before
}

// NewRefresher returns a refresher that has not polled yet.
func NewRefresher(cfg RefresherConfig) (*Refresher, error) {
	if cfg.Catalog == nil || cfg.Source == nil {
		return nil, errors.New("cannot make a refresher: it needs a catalog and a source")
	}
	if cfg.Interval < 0 || cfg.Timeout < 0 || cfg.LoadTimeout < 0 {
		return nil, errors.New("cannot make a refresher: interval and timeouts must not be negative")
	}
	if cfg.Interval == 0 {
		cfg.Interval = time.Second
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.LoadTimeout == 0 {
		cfg.LoadTimeout = 5 * time.Minute
	}
	return &Refresher{cfg: cfg}, nil
}

// Refresh polls once. When the source fails no bid changes; when single line
// items cannot be compiled they are left out, and all the rest is applied.
func (r *Refresher) Refresh(ctx context.Context) error {
	timeout := r.cfg.Timeout
	if !r.Ready() {
		timeout = r.cfg.LoadTimeout
	}
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// What takes long is our own: 100,000 line items that changed are taken over
	// slowly, see rests.
	waits := time.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) })
	defer waits.Stop()
	upTo, err := r.cfg.Source.EachChange(limited, r.cfg.Catalog.Revision(), func(part *campaign.Changes) {
		waits.Stop()
		r.cfg.Catalog.Take(part)
		waits.Reset(timeout)
	})
	if late := context.Cause(limited); err != nil && late != nil {
		err = late
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err() // we are stopping: not the source's failure
	case err != nil:
		return r.failed(fmt.Errorf("cannot refresh the catalog: %w", err))
	}
	err = r.cfg.Catalog.Apply(campaign.Changes{Revision: upTo})
	if errors.Is(err, ErrClosed) {
		return err // we are stopping
	}
	if !errors.Is(err, ErrStale) {
		r.last.Store(time.Now().UnixNano())
	}
	// With a time of its own: reading a large change takes all of one.
	scoring, done := context.WithTimeout(ctx, r.cfg.Timeout)
	defer done()
	scoreErr := r.score(scoring)
	if err != nil {
		return r.failed(fmt.Errorf("cannot refresh all of the catalog: %w", err))
	}
	if scoreErr != nil && ctx.Err() == nil {
		return r.failed(fmt.Errorf("cannot refresh what is known of creatives: %w", scoreErr))
	}
	return nil
}

// scored is what the catalog was last told of creatives.
type scored struct {
	revision campaign.Revision // of the catalog, which may have got creatives since
	all      map[event.CreativeID]campaign.Performance
}

// score tells the catalog of creatives' performance where that, or the
// catalog, is another than last time.
func (r *Refresher) score(ctx context.Context) error {
	if r.cfg.Scores == nil {
		return nil
	}
	all, err := r.cfg.Scores.Performance(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 && len(r.scored.all) == 0 {
		return nil
	}
	revision := r.cfg.Catalog.Revision()
	if revision != r.scored.revision || !maps.Equal(all, r.scored.all) {
		r.cfg.Catalog.SetPerformance(all)
		r.scored = scored{revision, all}
	}
	return nil
}

func (r *Refresher) failed(err error) error {
	r.errors.Add(1)
	if r.cfg.OnError != nil {
		r.cfg.OnError(err)
	}
	return err
}

// Run polls at every interval until ctx is done, and returns nil. The first
// poll is at once.
func (r *Refresher) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.cfg.Interval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		_ = r.Refresh(ctx) // counted, and told to OnError
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// Ready says whether the catalog was loaded at least once.
func (r *Refresher) Ready() bool { return r.last.Load() != 0 }

// Age returns how long ago, in real time, the source last answered; false
// when it never did.
func (r *Refresher) Age() (time.Duration, bool) {
	last := r.last.Load()
	if last == 0 {
		return 0, false
	}
	return time.Since(time.Unix(0, last)), true
}

// Errors returns how many polls failed in whole or in part.
func (r *Refresher) Errors() uint64 { return r.errors.Load() }
