package app

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// faultyLog fails as it is told to, and counts.
type faultyLog struct {
	mu    sync.Mutex
	err   error
	tries int
	taken []event.Event
}

func (l *faultyLog) Append(_ context.Context, events ...event.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries++; l.err != nil {
		return l.err
	}
	l.taken = append(l.taken, events...)
	return nil
}

func (l *faultyLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// told says how often it was asked, and what it took.
func (l *faultyLog) told() (tries int, taken []event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tries, l.taken
}

// Time alone does not make a log well: only an event that it took does.
func TestLogIsUnfitUntilItTookAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := &faultyLog{}
		w := &watchedLog{Log: below, clock: clock.NewManual(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))}
		ctx, stop := context.WithCancel(t.Context())
		go w.probe(ctx)

		// given a log that is well, then nothing is probed
		time.Sleep(time.Minute)
		if tries, _ := below.told(); !w.fit() || tries != 0 {
			t.Fatalf("fit %t after %d probes of a log that nobody used", w.fit(), tries)
		}
		// when it refuses a notice
		below.fail(errors.New("no space left on device"))
		if err := w.Append(ctx, event.Event{Kind: event.KindBilling}); err == nil || w.fit() {
			t.Fatalf("fit %t after %v", w.fit(), err)
		}
		// then it stays unfit for as long as it refuses, and is not asked too often
		for range 600 {
			time.Sleep(time.Second)
			if w.fit() {
				t.Fatal("fit though it refuses")
			}
		}
		if tries, _ := below.told(); tries < 500 || tries > 610 {
			t.Errorf("asked %d times in ten minutes", tries)
		}
		// and when it takes events again, then a probe finds out, and is the last
		below.fail(nil)
		time.Sleep(2 * probeEvery)
		_, taken := below.told()
		if !w.fit() || len(taken) != 1 {
			t.Fatalf("fit %t, %d events taken", w.fit(), len(taken))
		}
		if e := taken[0]; e.Billable || e.Kind != event.KindUnknown || e.ReceivedAt != w.clock.Now() {
			t.Errorf("the probe is %+v", e)
		}
		stop()
		synctest.Wait()
	})
}

// A caller that went away and a full queue say nothing about the log, and do
// not make it well either.
func TestLogIsNotJudgedByItsCallers(t *testing.T) {
	below := &faultyLog{err: context.Canceled}
	w := &watchedLog{Log: below}
	if _ = w.Append(t.Context()); !w.fit() {
		t.Error("unfit by a caller that gave up")
	}
	below.err = event.ErrFull
	if _ = w.Append(t.Context()); w.fit() {
		t.Error("fit though it is full")
	}
	below.err = event.ErrBusy
	if _ = w.Append(t.Context()); w.fit() {
		t.Error("fit by a moment of too much at once")
	}
}
