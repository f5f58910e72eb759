package ledger

import (
	"context"
	"errors"
	"testing"
	"time"
)

func testLeases(t *testing.T, w *world) {
	ctx := context.Background()
	const ttl = 10 * time.Second
	check := func(what string, got bool, err error, want bool) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	acquire := func(holder string, want bool) {
		t.Helper()
		got, err := w.Acquire(ctx, "worker", holder, ttl)
		check("acquire by "+holder, got, err, want)
	}
	renew := func(holder string, want bool) {
		t.Helper()
		got, err := w.Renew(ctx, "worker", holder, ttl)
		check("renew by "+holder, got, err, want)
	}
	renew("a", false) // nobody has it yet
	acquire("a", true)
	acquire("a", true)
	acquire("b", false)
	if got, err := w.Acquire(ctx, "another", "b", ttl); err != nil || !got {
		t.Errorf("another lease: %v, %v", got, err)
	}
	w.clock.Advance(ttl - 1)
	acquire("b", false)
	renew("a", true)
	w.clock.Advance(ttl)
	renew("a", true) // it ran out, and nobody was there
	w.clock.Advance(ttl)
	acquire("b", true)
	renew("a", false)
	if err := w.Release(ctx, "worker", "a"); err != nil {
		t.Fatal(err)
	}
	acquire("a", false) // a had nothing to release
	if lease, err := w.Holder(ctx, "worker"); err != nil || lease != (Lease{"b", w.clock.Now().Add(ttl)}) {
		t.Errorf("the holder is %+v, %v", lease, err)
	}
	if err := w.Release(ctx, "worker", "b"); err != nil {
		t.Fatal(err)
	}
	acquire("a", true)
	if _, err := w.Acquire(ctx, "worker", "", ttl); err == nil {
		t.Error("nobody has the lease")
	}
	if lease, err := w.Holder(ctx, "nothing"); err != nil || lease != (Lease{}) {
		t.Errorf("nothing's holder is %+v, %v", lease, err)
	}

	// Of many that want it at once, one gets it.
	w.clock.Advance(ttl)
	got := make(chan bool, 4)
	all(w.processes(t, 4), func(i int, p *world) {
		mine, err := p.Acquire(ctx, "worker", string(rune('c'+i)), ttl)
		if err != nil {
			t.Error(err)
		}
		got <- mine
	})
	n := 0
	for range 4 {
		if <-got {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d got the lease", n)
	}
}

// testSecondWorkerTakesOver starts two workers. The first leads, until it can
// no longer say so; the second leads then, and the first one's work ends.
func testSecondWorkerTakesOver(t *testing.T, w *world) {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	leads := make(chan string)
	ends := make(chan string)
	worker := func(p *world, name string, ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			done <- p.Lead(ctx, LeadConfig{Name: "worker", Holder: name, TTL: time.Minute, Interval: 5 * time.Millisecond}, func(ctx context.Context) error {
				leads <- name
				<-ctx.Done()
				ends <- name
				return ctx.Err()
			})
		}()
		return done
	}
	wait := func(from chan string, want string) {
		t.Helper()
		select {
		case got := <-from:
			if got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", want)
		}
	}
	first, second := join(t, w), join(t, w)
	firstDone := worker(first, "first", ctx)
	wait(leads, "first")
	secondCtx, stopSecond := context.WithCancel(ctx)
	secondDone := worker(second, "second", secondCtx)
	if err := first.store.Close(); err != nil { // it renews no more
		t.Fatal(err)
	}
	w.clock.Advance(2 * time.Minute)
	// Which is seen first, the end or the beginning, nobody promises.
	for range 2 {
		select {
		case name := <-leads:
			if name != "second" {
				t.Fatalf("%s leads", name)
			}
		case name := <-ends:
			if name != "first" {
				t.Fatalf("%s ends", name)
			}
		case <-ctx.Done():
			t.Fatal("nobody took over")
		}
	}
	// One that goes in order leaves the lease to whoever comes next.
	stopSecond()
	wait(ends, "second")
	if err := <-secondDone; err != nil {
		t.Error(err)
	}
	if lease, err := w.Holder(ctx, "worker"); err != nil || lease != (Lease{}) {
		t.Errorf("the lease was left at %+v, %v", lease, err)
	}
	third := errors.New("work is over")
	if err := w.Lead(ctx, LeadConfig{Name: "worker", Holder: "third"}, func(context.Context) error { return third }); !errors.Is(err, third) {
		t.Errorf("work that ends by itself: %v", err)
	}
	stop()
	if err := <-firstDone; err != nil {
		t.Error(err)
	}
}
