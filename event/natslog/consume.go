package natslog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

const (
	// maxFailures is how often in a row reading files may fail before Consume
	// gives up: after about 20 s. Servers elsewhere may come back any time.
	maxFailures = 25

	backoffMin = 20 * time.Millisecond
	backoffMax = 5 * time.Second

	// readAgain is the most between two attempts to read: nothing is booked
	// meanwhile.
	readAgain = time.Second
)

// Consume is [event.Source]'s. A handler's error is logged and tried again
// after 20 ms, doubling to 5 s. It returns an error if the name is in use, or
// if the log cannot be read; [event.ErrClosed] when the log is closed.
func (l *Log) Consume(ctx context.Context, name string, handle func(context.Context, event.Batch) error) error {
	if err := l.startConsuming(name); err != nil {
		return fmt.Errorf("cannot consume events as %q: %w", name, err)
	}
	defer l.stopConsuming(name)
	open, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.stopped, cancel)()

	err := l.consume(open, name, handle)
	switch {
	case ctx.Err() != nil:
		return nil
	case open.Err() != nil:
		return event.ErrClosed
	}
	return fmt.Errorf("cannot consume events as %q: %w", name, err)
}

func (l *Log) startConsuming(name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("consumer %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closing:
		return event.ErrClosed
	case l.names[name]:
		return errors.New("another one runs under this name")
	}
	l.names[name] = true
	l.workers.Add(1)
	return nil
}

func (l *Log) stopConsuming(name string) {
	l.mu.Lock()
	l.names[name] = false
	l.mu.Unlock()
	l.workers.Done()
}

func (l *Log) consume(ctx context.Context, name string, handle func(context.Context, event.Batch) error) error {
	r := &reader{log: l, name: name, size: fetchBytes / 128}
	redelivered := true // the first may have been seen
	failures := 0
	var gathered time.Time // when more is asked for at the earliest
	for {
		if wait := time.Until(gathered); wait > 0 {
			if err := sleep(ctx, wait); err != nil {
				return err
			}
		}
		most := r.most()
		msgs, err := r.next(ctx)
		if len(msgs) < most { // else it is behind
			gathered = time.Now().Add(l.config.gather)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if failures++; failures == l.config.giveUp {
				return err
			}
			l.config.logger.Warn("cannot read event log, trying again", "consumer", name, "error", err)
			if err := sleep(ctx, min(backoffMin<<min(failures, 10), readAgain)); err != nil {
				return err
			}
			redelivered = true
			continue
		}
		failures = 0
		for len(msgs) > 0 {
			b, n, err := merge(msgs)
			if err != nil {
				return err
			}
			b.Redelivered = redelivered
			if err := l.deliver(ctx, name, b, handle); err != nil {
				return err
			}
			redelivered = false
			if err := r.ack(ctx, msgs[n-1]); err != nil {
				l.config.logger.Warn("cannot acknowledge events, reading them again", "consumer", name, "error", err)
				r.consumer, redelivered = nil, true
				break
			}
			msgs = msgs[n:]
		}
	}
}

// deliver hands b over until it is taken, or ctx ends.
func (l *Log) deliver(ctx context.Context, name string, b event.Batch, handle func(context.Context, event.Batch) error) error {
	for wait := backoffMin; ; wait = min(2*wait, backoffMax) {
		err := handle(ctx, b)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.config.logger.Warn("cannot handle events, trying again",
			"consumer", name, "sequence", b.Sequence, "events", len(b.Events), "wait", wait, "error", err)
		b.Redelivered = true
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pending is [event.Source]'s. For a name that never ran it is everything
// that the log keeps.
func (l *Log) Pending(ctx context.Context, name string) (uint64, error) {
	n, err := l.pending(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("cannot tell what is pending for %q: %w", name, err)
	}
	return n, nil
}

func (l *Log) pending(ctx context.Context, name string) (uint64, error) {
	stream, err := l.openStream()
	if err != nil {
		return 0, err
	}
	// What was acknowledged before this call is in the stream's last sequence.
	// The consumer's own count comes after it by a moment, and would say for as
	// long that nothing waits.
	info, err := stream.Info(ctx)
	if err != nil {
		return 0, err
	}
	handled := max(info.State.FirstSeq, 1) - 1
	c, err := stream.Consumer(ctx, name)
	switch {
	case err == nil:
		handled = max(handled, c.CachedInfo().AckFloor.Stream) // fetched just now
	case !errors.Is(err, jetstream.ErrConsumerNotFound):
		return 0, err
	}
	return info.State.LastSeq - min(handled, info.State.LastSeq), nil
}
