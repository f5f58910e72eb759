package natslog

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// big returns an event that takes half a mebibyte.
func big(seq uint64) event.Event {
	e := numbered(seq)
	e.UserKey = make([]byte, mib/2)
	return e
}

func TestFullLogRefusesRatherThanForgets(t *testing.T) {
	// given a log whose consumer has handled nothing
	l := open(t, Config{MaxBytes: minBytes, Consumers: []string{"booking"}})
	// when it is filled
	var kept uint64
	var err error
	for kept < 100 {
		if err = l.Append(t.Context(), big(kept+1)); err != nil {
			break
		}
		kept++
	}
	// then it says so, and everything that was acknowledged is there
	if !errors.Is(err, event.ErrFull) || kept < 20 {
		t.Fatalf("append %d: %v, want ErrFull after about 31", kept+1, err)
	}
	if got := consume(t, l, "booking", int(kept)); !slices.Equal(got, seqs(1, kept)) {
		t.Errorf("consumed %v, want 1 to %d", got, kept)
	}
	// and when its consumer has caught up, it takes events again
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err = l.Append(t.Context(), big(kept+1)); err == nil {
			break
		}
		if !errors.Is(err, event.ErrFull) || time.Now().After(deadline) {
			t.Fatalf("append after the consumer caught up: %v", err)
		}
	}
}

func TestLogOfAnySizePassesThroughWhenConsumed(t *testing.T) {
	t.Parallel()
	// given a consumer that keeps up with events of five times what the log
	// may keep, each appended when the one before was handled
	l := open(t, Config{MaxBytes: minBytes, Consumers: []string{"booking"}})
	const n = 5 * minBytes / (mib / 2)
	handled := make(chan uint64)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Consume(ctx, "booking", func(ctx context.Context, b event.Batch) error {
			for _, e := range b.Events {
				select {
				case handled <- e.Bid.Sequence():
				case <-ctx.Done():
				}
			}
			return nil
		})
	}()
	for seq := uint64(1); seq <= n; seq++ {
		err := l.Append(ctx, big(seq))
		for tries := 0; errors.Is(err, event.ErrFull) && tries < 1000; tries++ {
			err = l.Append(ctx, big(seq)) // the trim is on its way
		}
		if err != nil {
			t.Fatalf("append %d: %v", seq, err)
		}
		if got := <-handled; got != seq {
			t.Fatalf("handled %d, want %d", got, seq)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// then the log is not larger than it may be
	info, err := l.mustStream(t).Info(t.Context())
	if err != nil || info.State.Bytes > minBytes || info.State.FirstSeq == 1 {
		t.Errorf("log keeps %+v (%v), want less than %d bytes and the oldest removed", info.State, err, minBytes)
	}
}

func TestLimitBelowWhatIsKeptIsRefused(t *testing.T) {
	// given a log of 20 MiB that nobody has read
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, MaxBytes: 2 * minBytes})
	for seq := range uint64(40) {
		if err := l.Append(t.Context(), big(seq+1)); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, l)
	// when it is opened with a limit of 16 MiB
	if l, err := New(Config{Dir: dir, MaxBytes: minBytes}); err == nil {
		l.Close()
		t.Error("a log was opened that holds more than its limit")
	}
	// then nothing was removed
	l = open(t, Config{Dir: dir, MaxBytes: 2 * minBytes})
	if got := consume(t, l, "booking", 40); !slices.Equal(got, seqs(1, 40)) {
		t.Errorf("consumed %v, want 1 to 40", got)
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue(3 * maxBatch)
	q.producer = 7
	entry := make([]byte, maxBatch/2)
	var n int
	for {
		if _, err := q.add(entry, 1); err != nil {
			if !errors.Is(err, event.ErrBusy) {
				t.Fatal(err)
			}
			break
		}
		n++
	}
	if n != 6 {
		t.Errorf("%d entries of half a batch fit a queue of three, want 6", n)
	}
	for want := uint64(1); ; want++ {
		b, more := q.take()
		if b == nil || !more {
			break
		}
		if len(b.buf) > maxBatch || b.first != want || b.events != 1 {
			t.Errorf("batch of %d bytes, first %d, %d events; want first %d", len(b.buf), b.first, b.events, want)
		}
		q.finish(b, nil)
	}
	if q.bytes != 0 {
		t.Errorf("an empty queue holds %d bytes", q.bytes)
	}
}

func TestAppendTooLargeForOneMessage(t *testing.T) {
	l := open(t, Config{})
	e := numbered(1)
	e.UserKey = make([]byte, mib)
	if err := l.Append(t.Context(), e); err == nil {
		t.Error("an append of more than a message was accepted")
	}
	appendSeqs(t, l, 2) // and the log goes on
}

// A server that already has a message drops another of the same id: what a
// lost acknowledgement makes the packer send twice is stored once.
func TestBatchSentTwiceIsKeptOnce(t *testing.T) {
	l := open(t, Config{})
	data, err := event.AppendBatch(nil, &event.Batch{Producer: l.producer, First: 1, Events: []event.Event{numbered(1)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.publish(&batch{buf: data, first: 1, events: 1, queued: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	wantPending(t, l, "reader", 1)
}
