package natslog

import (
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// batch is one message in the making. Everybody whose events are in it waits
// for the same channel.
type batch struct {
	buf    []byte // header, then events
	first  uint64 // sequence of the first event
	events int
	queued time.Time     // when the first event joined
	done   chan struct{} // closed when err is final
	err    error
}

// queue holds the batches that wait to be written. The last one is still open
// to more events.
type queue struct {
	producer  uint64
	maxQueued int
	wake      chan struct{} // holds one when a batch is there, or closed is new
	filled    chan struct{} // holds one when the queue became full

	mu      sync.Mutex
	waiting []*batch
	bytes   int      // in waiting
	last    uint64   // sequence given last
	free    [][]byte // buffers to use again
	closed  bool
}

func newQueue(maxQueued int) *queue {
	return &queue{maxQueued: maxQueued, wake: make(chan struct{}, 1), filled: make(chan struct{}, 1)}
}

// add copies n encoded events into a batch and returns the batch.
func (q *queue) add(events []byte, n int) (*batch, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return nil, event.ErrClosed
	case q.bytes+len(events) > q.maxQueued:
		return nil, event.ErrBusy
	}
	var b *batch
	if len(q.waiting) > 0 {
		b = q.waiting[len(q.waiting)-1]
	}
	if b == nil || len(b.buf)+len(events) > maxBatch {
		b = &batch{first: q.last + 1, queued: time.Now(), done: make(chan struct{})}
		b.buf = event.AppendHeader(q.buffer(), q.producer, b.first)
		q.waiting = append(q.waiting, b)
		nudge(q.wake)
	}
	b.buf = append(b.buf, events...)
	b.events += n
	q.last += uint64(n)
	if q.bytes += len(events); q.bytes >= fullBatch {
		nudge(q.filled)
	}
	return b, nil
}

// take closes the oldest batch to more events and returns it, or nil. more
// says whether there will ever be another.
func (q *queue) take() (b *batch, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil, !q.closed
	}
	b = q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	if len(q.waiting) == 0 {
		q.waiting, q.bytes = nil, 0
	} else {
		q.bytes -= len(b.buf)
	}
	return b, true
}

// finish tells everybody in b how it went and keeps its buffer.
func (q *queue) finish(b *batch, err error) {
	q.mu.Lock()
	if len(q.free) < 4 {
		q.free = append(q.free, b.buf[:0])
	}
	q.mu.Unlock()
	b.buf, b.err = nil, err
	close(b.done)
}

func (q *queue) buffer() []byte {
	if n := len(q.free); n > 0 {
		b := q.free[n-1]
		q.free = q.free[:n-1]
		return b
	}
	return make([]byte, 0, 64*kib)
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	nudge(q.wake)
	nudge(q.filled)
}

// nudge leaves one in a channel that holds one.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// gather waits, so that more can join what waits: until a time, or as long as
// it is worth it.
func (q *queue) gather(timer *time.Timer, until time.Time) {
	for {
		wait := time.Until(until)
		if wait <= 0 || q.full() {
			return
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-q.filled:
		}
	}
}

// full says that nothing is won by waiting for more.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed || q.bytes >= fullBatch
}
