package natslog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

// attempts to publish one message. The server drops a message whose id it
// has, so trying again after a lost acknowledgement stores nothing twice.
const attempts = 3

// encoder is what one Append needs.
type encoder struct {
	event.Encoder
	buf []byte
}

// Append writes events, and returns nil when they are synced to disk. The
// events of one call are kept together and must fit one message (1 MiB less
// 4 KiB, some thousands of events). Its errors wrap [event.ErrBusy],
// [event.ErrFull], [event.ErrClosed] or the context's, or are the disk's.
func (l *Log) Append(ctx context.Context, events ...event.Event) error {
	if len(events) == 0 {
		return nil
	}
	b, err := l.enqueue(events)
	if err != nil {
		return fmt.Errorf("cannot append events: %w", err)
	}
	select {
	case <-b.done:
		err = b.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("cannot append events: %w", err)
	}
	return nil
}

func (l *Log) enqueue(events []event.Event) (*batch, error) {
	e := l.encoders.Get().(*encoder)
	defer l.encoders.Put(e)
	e.buf = e.buf[:0]
	for i := range events {
		buf, err := e.AppendEvent(e.buf, &events[i])
		if err != nil {
			return nil, err
		}
		e.buf = buf
	}
	if len(e.buf) > maxBatch-event.HeaderSize {
		return nil, fmt.Errorf("%d events take %d bytes: allowed is at most %d", len(events), len(e.buf), maxBatch-event.HeaderSize)
	}
	return l.queue.add(e.buf, len(events))
}

// pack writes one batch after the other until the queue is closed and empty.
func (l *Log) pack() {
	defer close(l.packed)
	gap := time.NewTimer(0)
	defer gap.Stop()
	var started time.Time
	for {
		b, more := l.queue.take()
		if !more {
			return
		}
		if b == nil {
			<-l.queue.wake
			// A write that follows the last one closely waits a little, so
			// that more can join it.
			if wait := l.config.MinGap - time.Since(started); wait > 0 && !l.queue.isClosed() {
				gap.Reset(wait)
				<-gap.C
			}
			continue
		}
		started = time.Now()
		size := len(b.buf)
		err := l.publish(b)
		l.counts.add(b.events, size, err)
		if err == nil && l.counts.untrimmed.Add(int64(size)) > l.config.MaxBytes/64 || errors.Is(err, event.ErrFull) {
			l.counts.untrimmed.Store(0)
			l.wakeTrimmer()
		}
		l.queue.finish(b, err)
	}
}

// publish returns when the server has synced b to disk.
func (l *Log) publish(b *batch) (err error) {
	msg := &nats.Msg{Subject: subject, Data: b.buf, Header: nats.Header{
		jetstream.MsgIDHeader: {strconv.FormatUint(l.producer, 16) + "-" + strconv.FormatUint(b.first, 16)},
	}}
	for range attempts {
		ctx, cancel := context.WithTimeout(context.Background(), l.config.AckTimeout)
		_, err = l.js.PublishMsg(ctx, msg)
		cancel()
		var refused *jetstream.APIError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused):
			return refusal(refused)
		}
	}
	return err
}

// refusal names the server's answer that a caller can decide on.
func refusal(err *jetstream.APIError) error {
	const storeFailed = 10077 // with the store's own words as description
	if err.ErrorCode == storeFailed && err.Description == "maximum bytes exceeded" {
		return event.ErrFull
	}
	return err
}

// counts are what a Log did since it was opened.
type counts struct {
	batches, events, bytes, failed atomic.Uint64
	untrimmed                      atomic.Int64 // bytes written since the trimmer last looked
}

func (c *counts) add(events, bytes int, err error) {
	if err != nil {
		c.failed.Add(uint64(events))
		return
	}
	c.batches.Add(1)
	c.events.Add(uint64(events))
	c.bytes.Add(uint64(bytes))
}

// Stats are what a log did since it was opened.
type Stats struct {
	Batches uint64 // messages written, each with one sync
	Events  uint64 // events in them
	Bytes   uint64 // encoded size of them
	Failed  uint64 // events that were refused or not acknowledged
	Queued  int    // encoded bytes that wait now
}

// Stats returns the log's counts, for metrics.
func (l *Log) Stats() Stats {
	l.queue.mu.Lock()
	queued := l.queue.bytes
	l.queue.mu.Unlock()
	return Stats{
		Batches: l.counts.batches.Load(),
		Events:  l.counts.events.Load(),
		Bytes:   l.counts.bytes.Load(),
		Failed:  l.counts.failed.Load(),
		Queued:  queued,
	}
}
