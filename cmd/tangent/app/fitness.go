package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// probeEvery is how often, in real time, a log that refused an event is asked
// whether it takes another.
const probeEvery = time.Second

// watchedLog remembers whether the log took the last event. While it does not,
// what we win could not be booked, so bidding is off: until it took one, as
// nothing else proves that it is well again.
type watchedLog struct {
	event.Log
	clock  clock.Clock
	failed atomic.Bool
}

// Append appends to the log below. A caller that gave up, or a moment of too
// much at once, says nothing about the log.
func (w *watchedLog) Append(ctx context.Context, events ...event.Event) error {
	err := w.Log.Append(ctx, events...)
	switch {
	case err == nil:
		w.failed.Store(false)
	case !errors.Is(err, context.Canceled) && !errors.Is(err, event.ErrBusy):
		w.failed.Store(true)
	}
	return err
}

// fit says whether the log can be relied on.
func (w *watchedLog) fit() bool { return !w.failed.Load() }

// probe appends an event that says nothing, now and then while the log is
// unfit, until ctx ends: notices need not come while we do not bid. To those
// who read the log it is of a kind that they do not know.
func (w *watchedLog) probe(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !w.fit() {
				_ = w.Append(ctx, event.Event{ReceivedAt: w.clock.Now()}) // what it says, fit says
			}
		}
	}
}
