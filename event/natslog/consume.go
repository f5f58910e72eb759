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
	// fetchMessages is how many messages are asked for at once. At low rates
	// a message holds one event; handling them together lets a consumer that
	// fell behind catch up.
	fetchMessages = 32

	// mergeEvents is how many events may be gathered from several messages.
	mergeEvents = 1000

	// fetchWait is how long one request for messages stays open. Silence
	// costs one request per fetchWait.
	fetchWait = 10 * time.Second

	backoffMin = 20 * time.Millisecond
	backoffMax = 5 * time.Second
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
		return err
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
	consumer, err := openConsumer(ctx, l.stream, name)
	if err != nil {
		return err
	}
	// What was delivered and not acknowledged when the last Consume ended is
	// delivered again now, and in order.
	if _, err := l.js.ResetConsumer(ctx, streamName, name); err != nil {
		return err
	}
	redelivered := true // the first may have been seen
	for {
		msgs, err := fetch(ctx, consumer)
		if err != nil {
			return err
		}
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
			// Acknowledges all before it. If this does not arrive, they are
			// delivered again after the next start.
			if err := msgs[n-1].Ack(); err != nil {
				return err
			}
			msgs = msgs[n:]
		}
	}
}

// fetch waits for messages and returns what is there, at most fetchMessages.
func fetch(ctx context.Context, c jetstream.Consumer) (msgs []jetstream.Msg, err error) {
	for len(msgs) == 0 {
		got, err := c.FetchNoWait(fetchMessages)
		if err != nil {
			return nil, err
		}
		if msgs, err = gather(nil, got); err != nil || len(msgs) > 0 {
			return msgs, err
		}
		wait, cancel := context.WithTimeout(ctx, fetchWait)
		got, err = c.Fetch(1, jetstream.FetchContext(wait))
		if err == nil {
			msgs, err = gather(nil, got)
		}
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
	}
	return msgs, nil
}

func gather(msgs []jetstream.Msg, got jetstream.MessageBatch) ([]jetstream.Msg, error) {
	for m := range got.Messages() {
		msgs = append(msgs, m)
	}
	return msgs, got.Error()
}

// merge decodes the first n messages into one batch: those of one producer
// whose events follow each other.
func merge(msgs []jetstream.Msg) (b event.Batch, n int, err error) {
	for n < len(msgs) {
		meta, err := msgs[n].Metadata()
		if err != nil {
			return b, n, err
		}
		next, err := event.DecodeBatch(msgs[n].Data())
		if err != nil {
			return b, n, fmt.Errorf("message %d: %w", meta.Sequence.Stream, err)
		}
		switch {
		case n == 0:
			b = next
		case next.Producer != b.Producer, next.First != b.First+uint64(len(b.Events)),
			len(next.Unknown) > 0, len(b.Unknown) > 0,
			len(b.Events)+len(next.Events) > mergeEvents:
			return b, n, nil
		default:
			b.Events = append(b.Events, next.Events...)
		}
		b.Sequence = meta.Sequence.Stream
		n++
	}
	return b, n, nil
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
		l.config.Logger.Warn("cannot handle events, trying again",
			"consumer", name, "sequence", b.Sequence, "events", len(b.Events), "wait", wait, "error", err)
		b.Redelivered = true
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
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
	c, err := l.stream.Consumer(ctx, name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		info, err := l.stream.Info(ctx)
		if err != nil {
			return 0, err
		}
		return info.State.Msgs, nil
	}
	if err != nil {
		return 0, err
	}
	info := c.CachedInfo() // fetched just now
	return info.NumPending + uint64(info.NumAckPending), nil
}
