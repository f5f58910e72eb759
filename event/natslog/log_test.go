package natslog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tangent-dsp/tangent/event"
)

func TestEventsArriveInOrder(t *testing.T) {
	// given a log with events, appended one by one and together
	l := open(t, Config{})
	for seq := uint64(1); seq <= 20; seq += 2 {
		appendSeqs(t, l, seq)
		appendSeqs(t, l, seq+1)
	}
	appendSeqs(t, l, 21, 22, 23)

	// when they are consumed
	got := consume(t, l, "reader", 23)

	// then they arrive once, in order
	if want := seqs(1, 23); !slices.Equal(got, want) {
		t.Errorf("consumed %v, want %v", got, want)
	}
}

func TestConsumersAreIndependentAndRemembered(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, Consumers: []string{"booking"}})
	appendSeqs(t, l, 1, 2, 3)
	if got := consume(t, l, "booking", 3); !slices.Equal(got, seqs(1, 3)) {
		t.Fatalf("booking consumed %v", got)
	}
	wantPending(t, l, "booking", 0)
	wantPending(t, l, "exposures", 1) // one message, never read
	closeLog(t, l)

	// when the log is opened again
	l = open(t, Config{Dir: dir, Consumers: []string{"booking"}})
	appendSeqs(t, l, 4)

	// then each goes on where it was
	if got := consume(t, l, "booking", 1); !slices.Equal(got, seqs(4, 4)) {
		t.Errorf("booking consumed %v after reopening, want 4", got)
	}
	if got := consume(t, l, "exposures", 4); !slices.Equal(got, seqs(1, 4)) {
		t.Errorf("exposures consumed %v, want all", got)
	}
}

func TestUnhandledBatchIsDeliveredAgain(t *testing.T) {
	l := open(t, Config{})
	appendSeqs(t, l, 1)
	ctx, cancel := context.WithCancel(t.Context())
	tries, again := 0, false
	// when the handler fails twice
	err := l.Consume(ctx, "booking", func(_ context.Context, b event.Batch) error {
		if tries++; tries < 3 {
			return errors.New("no database")
		}
		again = b.Redelivered
		cancel()
		return nil
	})
	// then the same batch comes a third time, and says so
	if err != nil || tries != 3 || !again {
		t.Errorf("Consume returned %v after %d tries, redelivered %t; want nil, 3, true", err, tries, again)
	}
}

func TestConsumerThatStoppedGetsItsBatchAgain(t *testing.T) {
	// given a consumer that was stopped while it handled the first of two
	l := open(t, Config{})
	appendSeqs(t, l, 1)
	appendSeqs(t, l, 2)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Consume(ctx, "booking", func(ctx context.Context, _ event.Batch) error {
		cancel()
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	// when it runs again, then it gets both at once and in order
	if got := consume(t, l, "booking", 2); !slices.Equal(got, seqs(1, 2)) {
		t.Errorf("consumed %v, want 1 and 2", got)
	}
}

func TestOneConsumePerName(t *testing.T) {
	l := open(t, Config{})
	appendSeqs(t, l, 1)
	ctx, cancel := context.WithCancel(t.Context())
	running := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		l.Consume(ctx, "booking", func(context.Context, event.Batch) error { close(running); return nil })
	})
	<-running
	if err := l.Consume(ctx, "booking", nil); err == nil {
		t.Error("a second consumer of the same name was allowed")
	}
	cancel()
	wg.Wait()
}

func TestManyAppendsShareFewWrites(t *testing.T) {
	// given 200 goroutines that append at once
	l := open(t, Config{})
	const n = 200
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = l.Append(t.Context(), numbered(uint64(i+1))) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	// then far fewer messages were written, and every event is there once
	if s := l.Stats(); s.Events != n || s.Batches > n/4 || s.Failed != 0 {
		t.Errorf("stats are %+v, want %d events in at most %d batches", s, n, n/4)
	}
	got := consume(t, l, "reader", n)
	slices.Sort(got)
	if !slices.Equal(got, seqs(1, n)) {
		t.Errorf("consumed %d events %v, want 1 to %d", len(got), got, n)
	}
}

func TestProducerSequencesAreContiguous(t *testing.T) {
	l := open(t, Config{})
	for i := range 10 {
		appendSeqs(t, l, seqs(uint64(10*i+1), uint64(10*i+1+i))...)
	}
	ctx, cancel := context.WithCancel(t.Context())
	next := uint64(1)
	l.Consume(ctx, "reader", func(_ context.Context, b event.Batch) error {
		if b.First != next || b.Producer != l.producer {
			t.Errorf("batch is %x-%d, want %x-%d", b.Producer, b.First, l.producer, next)
		}
		if next += uint64(len(b.Events)); next == 56 {
			cancel()
		}
		return nil
	})
}

func TestCloseWaitsForWhatWasAccepted(t *testing.T) {
	// given appends under way
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, MinGap: 20 * time.Millisecond})
	appendSeqs(t, l, 1)
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() { errs[i] = l.Append(context.Background(), numbered(uint64(i+2))) })
	}
	// when the log is closed
	closeLog(t, l)
	wg.Wait()
	// then each is either refused or kept
	want := 1
	for i, err := range errs {
		switch {
		case err == nil:
			want++
		case !errors.Is(err, event.ErrClosed):
			t.Errorf("append %d: %v", i, err)
		}
	}
	if err := l.Append(t.Context(), numbered(99)); !errors.Is(err, event.ErrClosed) {
		t.Errorf("append after close: %v, want ErrClosed", err)
	}
	if err := l.Consume(t.Context(), "late", nil); !errors.Is(err, event.ErrClosed) {
		t.Errorf("consume after close: %v, want ErrClosed", err)
	}
	if err := l.Close(); !errors.Is(err, event.ErrClosed) {
		t.Errorf("second close: %v, want ErrClosed", err)
	}
	l = open(t, Config{Dir: dir})
	if got := consume(t, l, "reader", want); len(got) != want {
		t.Errorf("%d events were kept, %d acknowledged", len(got), want)
	}
}

func TestCloseEndsConsumers(t *testing.T) {
	l := open(t, Config{})
	appendSeqs(t, l, 1)
	handled, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- l.Consume(context.Background(), "booking", func(context.Context, event.Batch) error { close(handled); return nil })
	}()
	<-handled
	closeLog(t, l)
	if err := <-ended; !errors.Is(err, event.ErrClosed) {
		t.Errorf("Consume returned %v, want ErrClosed", err)
	}
}

func TestAppendStopsWaitingWithItsContext(t *testing.T) {
	l := open(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Append(ctx, numbered(1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("append with an ended context: %v", err)
	}
	if err := l.Append(t.Context()); err != nil {
		t.Errorf("append of nothing: %v", err)
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Dir: dir})
	for name, c := range map[string]Config{
		"no directory":        {},
		"directory in use":    {Dir: dir},
		"not a directory":     {Dir: "/dev/null"},
		"too small":           {Dir: t.TempDir(), MaxBytes: 1},
		"queue too small":     {Dir: t.TempDir(), MaxQueued: 1},
		"consumer with a dot": {Dir: t.TempDir(), Consumers: []string{"a.b"}},
		"consumer empty":      {Dir: t.TempDir(), Consumers: []string{""}},
	} {
		if l, err := New(c); err == nil {
			l.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

// open returns a log that is closed when the test ends, if it is not before.
func open(t testing.TB, c Config) *Log {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, event.ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

func closeLog(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// consume returns the bid sequences of the next n events for a consumer.
func consume(t testing.TB, l *Log, name string, n int) (got []uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := l.Consume(ctx, name, func(_ context.Context, b event.Batch) error {
		for _, e := range b.Events {
			got = append(got, e.Bid.Sequence())
		}
		if len(got) >= n {
			cancel()
		}
		return nil
	})
	if err != nil || len(got) < n {
		t.Fatalf("consumed %d events, want %d: %v", len(got), n, err)
	}
	return got
}

func wantPending(t testing.TB, l *Log, name string, want uint64) {
	t.Helper()
	// An acknowledgement takes a moment to be counted.
	deadline := time.Now().Add(5 * time.Second)
	for {
		got, err := l.Pending(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages are pending for %s, want %d", got, name, want)
		}
	}
}

func appendSeqs(t testing.TB, l *Log, numbers ...uint64) {
	t.Helper()
	events := make([]event.Event, len(numbers))
	for i, n := range numbers {
		events[i] = numbered(n)
	}
	if err := l.Append(context.Background(), events...); err != nil {
		t.Fatal(err)
	}
}

// numbered returns an event of usual size whose bid has a sequence.
func numbered(seq uint64) event.Event {
	now := time.Unix(1_800_000_000, 0).UTC()
	return event.Event{
		Kind: event.KindBilling, Bid: event.NewBidID(1, seq),
		OccurredAt: now, ReceivedAt: now, IssuedAt: now.Add(-time.Second),
		Exchange: 1, Advertiser: 2, Campaign: 3, LineItem: 4, Creative: 5,
		Nodes:    []event.NodePeriod{{Node: 6}, {Node: 7, Period: 20270115}},
		Currency: "EUR", BidPrice: 1_230_000, Price: 1_110_000, PriceState: event.PriceOK,
		Billable: true, Horizon: time.Hour, UserKey: []byte(fmt.Sprintf("%017d", seq)),
		CatalogVersion: 17, MultiplierVersion: 23, PredictedValue: 1.5e6,
	}
}

func seqs(from, to uint64) (s []uint64) {
	for ; from <= to; from++ {
		s = append(s, from)
	}
	return s
}

func TestNothingListens(t *testing.T) {
	l := open(t, Config{})
	if addr := l.server.Addr(); addr != nil {
		t.Errorf("the embedded server listens on %v", addr)
	}
}

func (l *Log) mustStream(t testing.TB) jetstream.Stream {
	t.Helper()
	s, err := l.openStream()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
