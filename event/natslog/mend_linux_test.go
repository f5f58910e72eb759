package natslog

import (
	"context"
	"maps"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// limitFiles lets no file of this process grow beyond a size, as a full disk
// does, until the test lifts it. No other test runs meanwhile: none that is
// parallel begins before those that are not have ended.
func limitFiles(t *testing.T, size uint64) (lift func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // a write fails instead
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Error(err)
		}
	}
	set(syscall.Rlimit{Cur: size, Max: was.Max})
	lift = sync.OnceFunc(func() { set(was); signal.Reset(syscall.SIGXFSZ) })
	t.Cleanup(lift)
	return lift
}

// The disk is full for a while. Meanwhile nothing is acknowledged and what is
// kept can be read; afterwards the same log takes events, and has everything
// that it ever acknowledged.
func TestFullDiskIsOvercome(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, Consumers: []string{"booking"}})
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	booked, acknowledged := map[uint64]bool{}, map[uint64]bool{}
	var booking sync.WaitGroup
	booking.Go(func() {
		err := l.Consume(ctx, "booking", func(_ context.Context, b event.Batch) error {
			mu.Lock()
			defer mu.Unlock()
			for _, e := range b.Events {
				booked[e.Bid.Sequence()] = true
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(booking.Wait)
	t.Cleanup(stop)
	seq := uint64(0)
	appendOne := func() error {
		seq++
		e := numbered(seq)
		e.UserKey = make([]byte, 8*kib)
		err := l.Append(t.Context(), e)
		if err == nil {
			acknowledged[seq] = true
		}
		return err
	}

	// given a log whose file cannot grow
	lift := limitFiles(t, 256*kib)
	var err error
	for err == nil && seq < 1000 {
		err = appendOne()
	}
	if err == nil || len(acknowledged) == 0 {
		t.Fatalf("%d of %d events were acknowledged, the last: %v", len(acknowledged), seq, err)
	}
	t.Logf("after %d events: %v", len(acknowledged), err)

	// when time passes, then nothing is acknowledged
	for end := time.Now().Add(2 * mendEvery); time.Now().Before(end); {
		if err = appendOne(); err == nil {
			t.Fatal("an event was acknowledged that cannot be on disk")
		}
	}
	t.Logf("then: %v", err)

	// and when there is room again
	lift()
	eventually(t, 20*time.Second, "an event is acknowledged again", func() bool { return appendOne() == nil })
	for range 100 {
		if err := appendOne(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 20*time.Second, "everything is booked", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return missing(acknowledged, booked) == 0
	})
	stop()
	booking.Wait()
	if leftovers, _ := filepath.Glob(filepath.Join(dir, "probe*")); leftovers != nil {
		t.Errorf("left behind: %q", leftovers)
	}

	// then a later start finds it all
	closeLog(t, l)
	l = open(t, Config{Dir: dir, Consumers: []string{"booking"}})
	found := maps.Clone(acknowledged)
	clear(found)
	for _, seq := range consumeAll(t, l) {
		found[seq] = true
	}
	if n := missing(acknowledged, found); n > 0 {
		t.Errorf("%d of %d acknowledged events are gone", n, len(acknowledged))
	}
}

func missing(want, have map[uint64]bool) (n int) {
	for seq := range want {
		if !have[seq] {
			n++
		}
	}
	return n
}
