package natslog

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Two bidders append to a cluster of three and a worker reads, while servers
// are killed: the leader, then another, then all, and come back. What was
// acknowledged is there once, and the worker saw it.
func TestClusterLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	connect := func(appendTimeout time.Duration) *Log {
		return dial(t, RemoteConfig{URLs: c.urls(), Consumers: []string{"booking"}, MaxBytes: 64 * mib,
			AppendTimeout: appendTimeout, OpenTimeout: 30 * time.Second})
	}
	bidders := []*Log{connect(30 * time.Second), connect(30 * time.Second)}
	worker, impatient := connect(time.Second), connect(time.Second)
	info, err := worker.mustStream(t).Info(t.Context())
	if err != nil || info.Config.Replicas != 3 {
		t.Fatalf("stream is %+v (%v), want 3 replicas", info, err)
	}

	seen := newSeen()
	ctx, cancel := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := worker.Consume(ctx, "booking", seen.handle); err != nil {
			t.Error(err)
		}
	})
	defer reading.Wait()
	defer cancel()

	var kept []uint64
	appendFrom := func(first uint64) {
		t.Helper()
		start := time.Now()
		kept = append(kept, appendMany(t, bidders, first, 200)...)
		t.Logf("appends from %d took %v", first, time.Since(start).Round(time.Millisecond))
	}
	appendFrom(1_000)

	// when the server that leads is killed, then the others go on
	c.kill(c.named(t, info.Cluster.Leader))
	appendFrom(2_000)

	// when another is killed, there is no majority: nothing is acknowledged,
	// and everybody is told in bounded time
	for _, n := range c.nodes {
		if n.cmd != nil {
			c.kill(n)
			break
		}
	}
	start := time.Now()
	if err := impatient.Append(context.Background(), numbered(3_000)); err == nil {
		t.Error("one server of three acknowledged")
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("an append without a majority failed after %v, want about a second, and not the 30 that others wait", took)
	}

	// when all are killed and come back, they go on
	for _, n := range c.nodes {
		c.kill(n)
	}
	for _, n := range c.nodes {
		c.start(t, n)
	}
	appendFrom(4_000) // waits for them

	// then all that was acknowledged is there once, and the worker saw it
	counts := make(map[uint64]int)
	for _, seq := range consumeAll(t, bidders[0]) {
		counts[seq]++
	}
	wrong := make(map[int]int)
	for _, seq := range kept {
		if n := counts[seq]; n != 1 {
			wrong[n]++
		}
	}
	if len(wrong) > 0 {
		t.Errorf("of %d acknowledged events, so many are there so often: %v; want once each", len(kept), wrong)
	}
	eventually(t, 30*time.Second, "the worker sees everything", func() bool { return seen.all(kept) })
	if seen.unordered() {
		t.Error("the worker saw batches out of order")
	}
	for _, l := range bidders {
		eventually(t, 30*time.Second, "the connection that was made again", func() bool {
			s := l.Stats()
			return s.Connected && s.Reconnects > 0
		})
	}
}

// appendMany appends n events at once over all logs, each of which must be
// acknowledged, and returns them.
func appendMany(t *testing.T, logs []*Log, first uint64, n int) (kept []uint64) {
	t.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		kept = append(kept, first+uint64(i))
		wg.Go(func() { errs[i] = logs[i%len(logs)].Append(context.Background(), numbered(first+uint64(i))) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("append %d: %v", first+uint64(i), err)
		}
	}
	return kept
}

// seen is what a consumer was given.
type seen struct {
	mu    sync.Mutex
	seqs  map[uint64]bool
	last  uint64
	wrong bool
}

func newSeen() *seen { return &seen{seqs: make(map[uint64]bool)} }

func (s *seen) handle(_ context.Context, b event.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.Sequence <= s.last && !b.Redelivered {
		s.wrong = true
	}
	s.last = b.Sequence
	for _, e := range b.Events {
		s.seqs[e.Bid.Sequence()] = true
	}
	return nil
}

func (s *seen) all(want []uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seq := range want {
		if !s.seqs[seq] {
			return false
		}
	}
	return true
}

func (s *seen) unordered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}
