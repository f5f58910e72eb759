package natslog

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

func TestWritesAreApart(t *testing.T) {
	// given events that come one after the other, some of them during a write
	const gap = 20 * time.Millisecond
	l := open(t, Config{MinGap: gap})
	began := time.Now()
	done := make(chan error)
	for w := range 4 {
		go func() {
			var err error
			for n := 0; n < 10 && err == nil; n++ {
				err = l.Append(context.Background(), numbered(uint64(100*w+n+1)))
				time.Sleep(time.Duration(w) * time.Millisecond)
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	// then a write begins a gap after the last, and none sooner
	if s, most := l.Stats(), uint64(time.Since(began)/gap)+1; s.Batches > most {
		t.Errorf("%d writes in %v, want at most %d", s.Batches, time.Since(began), most)
	}
}

func TestMuchIsWrittenAtOnce(t *testing.T) {
	// given a log whose next write may be in a minute
	l := open(t, Config{MinGap: time.Minute})
	appendSeqs(t, l, 1)
	// when more arrives than is worth waiting for
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	events := make([]event.Event, 1000)
	for i := range events {
		events[i] = numbered(uint64(i) + 2)
	}
	// then it is written now
	if err := l.Append(ctx, events...); err != nil {
		t.Error(err)
	}
}

func TestConsumersGather(t *testing.T) {
	// given a consumer, and messages that come all the time
	const gather = 50 * time.Millisecond
	l := open(t, Config{MinGap: -1, NoSync: true, Gather: gather})
	const n = 100
	appended := make(chan error, 1)
	go func() {
		var err error
		for seq := uint64(1); seq <= n && err == nil; seq++ {
			err = l.Append(context.Background(), numbered(seq))
			time.Sleep(time.Millisecond)
		}
		appended <- err
	}()
	// when it handles them
	var got []uint64
	var first time.Time
	batches := 0
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := l.Consume(ctx, "reader", func(_ context.Context, b event.Batch) error {
		if batches++; batches == 1 {
			first = time.Now()
		}
		for _, e := range b.Events {
			got = append(got, e.Bid.Sequence())
		}
		if len(got) == n {
			cancel()
		}
		return nil
	})
	// then batches are apart, and nothing is left out
	if err != nil || <-appended != nil || !slices.Equal(got, seqs(1, n)) {
		t.Fatalf("consumed %v: %v", got, err)
	}
	if most := int(time.Since(first)/gather) + 2; batches > most {
		t.Errorf("%d batches in %v, want at most %d", batches, time.Since(first), most)
	}
}
