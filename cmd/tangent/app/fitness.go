package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// retryAfter is how long, in real time, bidding stays off after the log
// refused an event while no other came to show that it is well again.
const retryAfter = 5 * time.Second

// watchedLog remembers whether the log took the last event. While it does not,
// what we win could not be booked, so bidding is off.
type watchedLog struct {
	event.Log
	failed atomic.Int64 // real time of the last failure, Unix nanoseconds; 0 after a success
}

// Append appends to the log below. A caller that gave up, or a moment of too
// much at once, says nothing about the log.
func (w *watchedLog) Append(ctx context.Context, events ...event.Event) error {
	err := w.Log.Append(ctx, events...)
	switch {
	case err == nil:
		w.failed.Store(0)
	case !errors.Is(err, context.Canceled) && !errors.Is(err, event.ErrBusy):
		w.failed.Store(time.Now().UnixNano())
	}
	return err
}

// fit says whether the log can be relied on.
func (w *watchedLog) fit() bool {
	at := w.failed.Load()
	return at == 0 || time.Since(time.Unix(0, at)) > retryAfter
}
