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

// retryMin and retryMax are the waits between attempts to publish a message.
const retryMin, retryMax = 10 * time.Millisecond, 250 * time.Millisecond

// encoder is what one Append needs.
type encoder struct {
	event.Encoder
	buf []byte
}

// Append writes events, and returns nil when they are synced to disk, or a
// quorum of the servers has them. The
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
		l.queue.gather(gap, started.Add(l.config.minGap))
		b, more := l.queue.take()
		if !more {
			return
		}
		if b == nil {
			<-l.queue.wake
			continue
		}
		started = time.Now()
		size := len(b.buf)
		err := l.mend()
		if err == nil {
			err = l.publish(b)
		}
		l.counts.add(b.events, size, err)
		if err == nil && l.counts.untrimmed.Add(int64(size)) > l.config.maxBytes/64 || errors.Is(err, event.ErrFull) {
			l.counts.untrimmed.Store(0)
			l.wakeTrimmer()
		}
		l.queue.finish(b, err)
	}
}

// publish returns nil when b is durable. It tries again, under the same message
// id, until b is as old as an append may take: the server drops a message
// whose id it has, so a lost acknowledgement stores nothing twice. What waited
// too long in the queue fails without an attempt, so that a server that is
// away fails everybody in bounded time.
func (l *Log) publish(b *batch) (err error) {
	if _, err := l.openStream(); err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(context.Background(), b.queued.Add(l.config.appendTimeout))
	defer cancel()
	msg := &nats.Msg{Subject: l.config.subject, Data: b.buf, Header: nats.Header{
		jetstream.MsgIDHeader:          {strconv.FormatUint(l.producer, 16) + "-" + strconv.FormatUint(b.first, 16)},
		jetstream.ExpectedStreamHeader: {l.config.stream}, // not another that took the subject
	}}
	for wait := retryMin; ; wait = min(2*wait, retryMax) {
		failed := l.attempt(ctx, msg)
		var refused *jetstream.APIError
		switch {
		case failed == nil:
			return nil
		case errors.Is(failed, errRefused):
			return failed
		case errors.As(failed, &refused) && !transient(refused):
			return refusal(refused)
		case err == nil || !errors.Is(failed, context.DeadlineExceeded):
			err = failed // rather the reason than that time is over
		}
		if sleep(ctx, wait) != nil {
			return fmt.Errorf("not acknowledged within %v: %w", l.config.appendTimeout, err)
		}
	}
}

// Codes of the server's answers.
const (
	unavailable   = 503
	notLeader     = 10009
	storeFailed   = 10077 // files or limits of the stream; the description has the store's own words
	idInProcess   = 10158 // an earlier attempt is still on its way to the quorum
	streamOffline = 10118
)

// transient says whether a cluster may answer otherwise in a moment.
func transient(err *jetstream.APIError) bool {
	switch err.ErrorCode {
	case storeFailed:
		return false
	case notLeader, idInProcess, streamOffline:
		return true
	}
	return err.Code == unavailable
}

// refusal names the server's answer that a caller can decide on.
func refusal(err *jetstream.APIError) error {
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

	Connected  bool   // whether a server is reached; one in this process always is
	Reconnects uint64 // how often a server was reached again
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

		Connected:  l.conn.IsConnected(),
		Reconnects: l.conn.Stats().Reconnects,
	}
}
