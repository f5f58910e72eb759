package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
	"github.com/tangent-dsp/tangent/money"
)

func TestPrimaryTakesEventsWhileItIsThere(t *testing.T) {
	primary := new(eventtest.Log)
	s := open(t, Config{Primary: primary})
	appendSeqs(t, s, 1, 2, 3)
	wantSeqs(t, primary, 1, 2, 3)
	if st := s.Stats(); st.Spooled != 0 || st.Segments != 0 || !st.AwaySince.IsZero() || s.Fit() != nil {
		t.Errorf("stats are %+v, fit %v; want nothing spooled", st, s.Fit())
	}
}

func TestSpoolTakesOverAndIsReplayedInOrder(t *testing.T) {
	// given a primary that goes away
	primary := new(eventtest.Log)
	s := open(t, Config{Primary: primary, SegmentBytes: 2000})
	appendSeqs(t, s, 1)
	primary.Fail(errTest)
	// when events are appended
	for seq := uint64(2); seq <= 40; seq++ {
		appendSeqs(t, s, seq)
	}
	// then they are on disk, in more than one file
	if st := s.Stats(); st.Spooled != 39 || st.Records != 39 || st.Segments < 3 || st.AwaySince.IsZero() || s.Fit() != nil {
		t.Errorf("stats are %+v, fit %v; want 39 spooled in several files", st, s.Fit())
	}
	// and when it comes back, it gets them in order, once, and the files go
	primary.Fail(nil)
	drain(t, s)
	wantSeqs(t, primary, seqs(1, 40)...)
	wantNoFiles(t, s)
	// and it takes the next itself
	appendSeqs(t, s, 41)
	if st := s.Stats(); st.Spooled != 39 || st.Replayed != 39 || !st.AwaySince.IsZero() || st.Lost+st.Failed != 0 {
		t.Errorf("stats are %+v, want 39 spooled and replayed, and the primary back", st)
	}
}

func TestWhatIsSpooledSurvivesAClose(t *testing.T) {
	dir := t.TempDir()
	for round := range uint64(3) {
		s := open(t, Config{Dir: dir, Primary: away{}})
		if st := s.Stats(); st.Records != 2*round {
			t.Errorf("round %d: %d records, want %d", round, st.Records, 2*round)
		}
		appendSeqs(t, s, 2*round+1)
		appendSeqs(t, s, 2*round+2)
		closeSpool(t, s)
	}
	primary := new(eventtest.Log)
	s := open(t, Config{Dir: dir, Primary: primary})
	drain(t, s)
	wantSeqs(t, primary, seqs(1, 6)...)
	wantNoFiles(t, s)
}

// hanging takes what it gets when its channel is closed, and fails if the
// context ends before.
type hanging struct {
	eventtest.Log
	gate chan struct{}
}

func (h *hanging) Append(ctx context.Context, events ...event.Event) error {
	select {
	case <-h.gate:
		return h.Log.Append(ctx, events...)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestPrimaryThatHangsIsNotWaitedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock stands while the disk is waited for
		primary := &hanging{gate: make(chan struct{})}
		s := open(t, Config{Primary: primary, PrimaryTimeout: 100 * time.Millisecond})
		start := time.Now()
		for seq := range uint64(20) {
			appendSeqs(t, s, seq+1)
		}
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("20 appends took %v, want one timeout of 100 ms", took)
		}
		close(primary.gate)
		drain(t, s)
		wantSeqs(t, &primary.Log, seqs(1, 20)...)
	})
}

// A caller that waits less than the primary may take is answered all the same.
func TestCallersDeadlineLeavesTimeForTheSpool(t *testing.T) {
	synctest.Test(t, testCallersDeadline)
}

func testCallersDeadline(t *testing.T) {
	s := open(t, Config{Primary: &hanging{gate: make(chan struct{})}, PrimaryTimeout: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.Append(ctx, numbered(1)); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Append(ended, numbered(2)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("append with an ended context: %v", err)
	}
}

func TestWhenBothFailNobodyIsTold(t *testing.T) {
	primary := new(eventtest.Log)
	s := open(t, Config{Primary: primary, MaxBytes: minBytes})
	primary.Fail(errTest)
	var kept []uint64
	var err error
	for seq := uint64(1); seq < 10_000; seq++ {
		if err = s.Append(t.Context(), numbered(seq)); err != nil {
			break
		}
		kept = append(kept, seq)
	}
	if !errors.Is(err, event.ErrFull) || len(kept) < 200 {
		t.Fatalf("append %d: %v, want ErrFull after some 300", len(kept)+1, err)
	}
	if err := s.Fit(); !errors.Is(err, event.ErrFull) {
		t.Errorf("fit: %v, want ErrFull", err)
	}
	if st := s.Stats(); st.Bytes > minBytes || st.Failed != 1 {
		t.Errorf("stats are %+v, want at most %d bytes and 1 failed", st, minBytes)
	}
	primary.Fail(nil)
	drain(t, s)
	wantSeqs(t, primary, kept...)
	if err := s.Fit(); err != nil {
		t.Errorf("fit after the primary came back: %v", err)
	}
	appendSeqs(t, s, 99_999)
}

// The disk took a write between two that it refused: it is not fit.
func TestLaterFailureCounts(t *testing.T) {
	// given a spool that does nothing by itself, and whose primary is away
	s, err := newSpool(Config{Dir: t.TempDir(), Primary: away{}})
	if err != nil {
		t.Fatal(err)
	}
	defer closeSpool(t, s)
	s.setAway(errTest)
	first, second := errors.New("first"), errors.New("second")
	s.unfit = first
	// when a write fails while the disk is tried
	s.checkDisk(func() error {
		err := s.probeDisk()
		s.unfit = second
		return err
	})
	// then that counts
	if err := s.Fit(); !errors.Is(err, second) {
		t.Errorf("fit: %v, want the second failure", err)
	}
	// until the disk is tried again
	s.checkDisk(s.probeDisk)
	if err := s.Fit(); err != nil {
		t.Errorf("fit: %v, want nil", err)
	}
}

func TestEventsThatNoLogTakesSendNobodyAway(t *testing.T) {
	s := open(t, Config{Primary: new(eventtest.Log)})
	bad := numbered(1)
	bad.Currency = "\xff\xff\xff" // no UTF-8: protobuf refuses it
	if err := s.Append(t.Context(), bad); err == nil {
		t.Error("an event that cannot be encoded was kept")
	}
	if st := s.Stats(); !st.AwaySince.IsZero() {
		t.Error("the primary is taken to be away")
	}
	if err := s.Append(t.Context()); err != nil {
		t.Errorf("append of nothing: %v", err)
	}
}

func TestManyAppendsShareFewSyncs(t *testing.T) {
	primary := new(eventtest.Log)
	primary.Fail(errTest)
	// given many appends that wait for the disk
	s, err := newSpool(Config{Dir: t.TempDir(), Primary: primary})
	if err != nil {
		t.Fatal(err)
	}
	const n = 400
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- s.Append(t.Context(), numbered(uint64(i+1))) }()
	}
	deadline := time.After(time.Minute)
	for waiting := 0; waiting < n; {
		select {
		case err := <-errs:
			t.Fatalf("an append did not wait for the disk: %v", err)
		case <-deadline:
			t.Fatalf("%d of %d appends wait after a minute", waiting, n)
		case <-time.After(time.Millisecond):
		}
		s.mu.Lock()
		if s.open != nil {
			waiting = s.open.events
		}
		s.mu.Unlock()
	}
	// when the disk comes to it
	s.start()
	defer closeSpool(t, s)
	// then one sync is for all
	for range n {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if st := s.Stats(); st.Commits != 1 || st.Spooled != n {
		t.Errorf("stats are %+v, want %d events in one sync", st, n)
	}
	primary.Fail(nil)
	drain(t, s)
	got := seqsOf(primary.Events())
	slices.Sort(got)
	if !slices.Equal(got, seqs(1, n)) {
		t.Errorf("the primary has %v, want 1 to %d", got, n)
	}
}

func TestCloseWaitsForWhatWasAccepted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, Primary: away{}})
	var wg sync.WaitGroup
	errs := make([]error, 100)
	for i := range errs {
		wg.Go(func() { errs[i] = s.Append(context.Background(), numbered(uint64(i+1))) })
	}
	closeSpool(t, s)
	wg.Wait()
	want := 0
	for i, err := range errs {
		switch {
		case err == nil:
			want++
		case !errors.Is(err, event.ErrClosed):
			t.Errorf("append %d: %v", i, err)
		}
	}
	if err := s.Append(t.Context(), numbered(1)); !errors.Is(err, event.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	if err := s.Close(); !errors.Is(err, event.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
	if err := s.Drained(t.Context()); want > 0 && err == nil {
		t.Error("a closed spool says that it is drained")
	}
	primary := new(eventtest.Log)
	s = open(t, Config{Dir: dir, Primary: primary})
	drain(t, s)
	if got := len(primary.Events()); got != want {
		t.Errorf("%d events were replayed, %d acknowledged", got, want)
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Dir: dir, Primary: away{}})
	for name, c := range map[string]Config{
		"no directory":     {Primary: away{}},
		"no primary":       {Dir: t.TempDir()},
		"directory in use": {Dir: dir, Primary: away{}},
		"not a directory":  {Dir: "/dev/null", Primary: away{}},
		"too small":        {Dir: t.TempDir(), Primary: away{}, MaxBytes: 1},
	} {
		if s, err := New(c); err == nil {
			s.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

// open returns a spool that is closed when the test ends, if it is not before.
func open(t testing.TB, c Config) *Spool {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, event.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func closeSpool(t testing.TB, s *Spool) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func drain(t testing.TB, s *Spool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Drained(ctx); err != nil {
		t.Fatalf("%v, stats are %+v", err, s.Stats())
	}
}

// wantNoFiles waits for the last file to go, right after the last replay.
func wantNoFiles(t *testing.T, s *Spool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		found, err := s.findSegments()
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if st := s.Stats(); len(found) == 0 && st.Segments == 0 && st.Bytes == 0 && st.Records == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("files %v are left, stats are %+v", found, s.Stats())
		}
	}
}

func appendSeqs(t testing.TB, s *Spool, numbers ...uint64) {
	t.Helper()
	var events []event.Event
	for _, n := range numbers {
		events = append(events, numbered(n))
	}
	if err := s.Append(context.Background(), events...); err != nil {
		t.Fatal(err)
	}
}

func wantSeqs(t *testing.T, primary *eventtest.Log, want ...uint64) {
	t.Helper()
	if got := seqsOf(primary.Events()); !slices.Equal(got, want) {
		t.Errorf("the primary has %v, want %v", got, want)
	}
}

func seqsOf(events []event.Event) (got []uint64) {
	for _, e := range events {
		got = append(got, e.Bid.Sequence())
	}
	return got
}

func seqs(from, to uint64) (s []uint64) {
	for ; from <= to; from++ {
		s = append(s, from)
	}
	return s
}

// numbered returns an event of usual size whose bid has a sequence.
func numbered(seq uint64) event.Event {
	now := time.Unix(1_800_000_000, 0).UTC()
	return event.Event{
		Kind: event.KindBilling, Bid: event.NewBidID(1, seq),
		OccurredAt: now, ReceivedAt: now, IssuedAt: now.Add(-time.Second),
		Exchange: 1, Advertiser: 2, Campaign: 3, LineItem: 4, Creative: 5,
		Nodes:    []event.NodePeriod{{Node: 6}, {Node: 7, Period: 20270115}},
		Currency: "EUR", BidPrice: 1_230_000, Price: money.Nanos(seq), PriceState: event.PriceOK,
		Billable: true, Horizon: time.Hour, UserKey: []byte(fmt.Sprintf("%017d", seq)),
		CatalogVersion: 17, MultiplierVersion: 23, PredictedValue: 1.5e6,
	}
}
