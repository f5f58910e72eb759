package eventtest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/tangent-dsp/tangent/event"
)

var (
	_ event.Log    = (*Log)(nil)
	_ event.Source = (*Log)(nil)
)

// Log is an [event.Log] and [event.Source] in memory. The zero value is ready.
// Every Append becomes one batch, encoded and decoded as the durable log does.
type Log struct {
	mu      sync.Mutex
	batches [][]byte
	events  uint64
	handled map[string]int
	changed chan struct{} // closed and replaced whenever batches or handled grow
	err     error
}

// Fail makes every Append return err until Fail(nil).
func (l *Log) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// Append keeps the events in memory.
func (l *Log) Append(ctx context.Context, events ...event.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	if len(events) == 0 {
		return nil
	}
	b := event.Batch{Producer: 1, First: l.events + 1, Events: events}
	data, err := event.AppendBatch(nil, &b)
	if err != nil {
		return err
	}
	l.batches = append(l.batches, data)
	l.events += uint64(len(events))
	l.wake()
	return nil
}

// Events returns everything appended so far, in order.
func (l *Log) Events() []event.Event {
	l.mu.Lock()
	batches := slices.Clone(l.batches)
	l.mu.Unlock()
	var all []event.Event
	for _, data := range batches {
		b, err := event.DecodeBatch(data)
		if err != nil {
			panic(err) // what Append encoded
		}
		all = append(all, b.Events...)
	}
	return all
}

// Consume delivers as [event.Source] says. After an error of handle it
// delivers the same batch again at once.
func (l *Log) Consume(ctx context.Context, name string, handle func(context.Context, event.Batch) error) error {
	redelivered := false
	for ctx.Err() == nil {
		l.mu.Lock()
		at, changed := l.handled[name], l.channel()
		var data []byte
		if at < len(l.batches) {
			data = l.batches[at]
		}
		l.mu.Unlock()
		if data == nil {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		b, err := event.DecodeBatch(data)
		if err != nil {
			return err
		}
		b.Sequence, b.Redelivered = uint64(at+1), redelivered
		if redelivered = handle(ctx, b) != nil; redelivered {
			continue
		}
		l.mu.Lock()
		if l.handled == nil {
			l.handled = make(map[string]int)
		}
		l.handled[name] = at + 1
		l.wake()
		l.mu.Unlock()
	}
	return nil
}

// Pending returns how many batches were not handled under name.
func (l *Log) Pending(_ context.Context, name string) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.batches) - l.handled[name]), nil
}

// Drained returns when everything appended was handled under name.
func (l *Log) Drained(ctx context.Context, name string) error {
	for {
		l.mu.Lock()
		done, changed := l.handled[name] == len(l.batches), l.channel()
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.New("cannot wait for consumer " + name + ": " + ctx.Err().Error())
		}
	}
}

func (l *Log) channel() chan struct{} {
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

func (l *Log) wake() {
	close(l.channel())
	l.changed = nil
}
