package ledger

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/pacing"
)

// Given a stopped guard, then it says why, nobody is granted anything, and
// what was granted, booked and returned is as without it.
func testGuard(t *testing.T, w *world) {
	ctx := context.Background()
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 30)
	if g, err := w.Guard(ctx); err != nil || g != (Guard{}) {
		t.Fatalf("at first: %+v, %v", g, err)
	}
	set, err := w.SetGuard(ctx, true, "the log is full: '; --", "operator")
	want := Guard{Stopped: true, Reason: "the log is full: '; --", By: "operator", At: noon}
	if err != nil || set != want {
		t.Fatalf("set %+v, %v", set, err)
	}
	if g, err := join(t, w).Guard(ctx); err != nil || g != want {
		t.Errorf("another process reads %+v, %v", g, err)
	}
	grants, err := w.Grant(ctx, a, []pacing.Want{{NodePeriod: life, Amount: 50}})
	if err != nil || grants[0].Amount != 0 || grants[0].Limit != 100 || grants[0].Outstanding != 30 {
		t.Errorf("while stopped: %+v, %v", grants, err)
	}
	w.book(w.billing(a, 1, 10, 10, life))
	if err := w.Return(ctx, a, []pacing.Want{{NodePeriod: life, Amount: 5}}); err != nil {
		t.Error(err)
	}
	w.expect(life, 10, 15, 0)
	if _, err := w.SetGuard(ctx, false, "there is room again", "operator"); err != nil {
		t.Fatal(err)
	}
	if got := w.grant(a, life, 50); got != 50 {
		t.Errorf("after it: %d", got)
	}
	for _, bad := range []string{"", "a\x00b", "a\xffb", strings.Repeat("x", maxGuardText+1)} {
		if _, err := w.SetGuard(ctx, true, bad, "operator"); err == nil {
			t.Errorf("%q is a reason", bad)
		}
		if _, err := w.SetGuard(ctx, true, "reason", bad); err == nil {
			t.Errorf("%q is a name", bad)
		}
	}
	if g, _ := w.Guard(ctx); g.Stopped {
		t.Error("what was refused stopped the bidding")
	}
}

// Given processes that watch, when one stops the guard, then every other is
// told, within a second.
func testWatchGuard(t *testing.T, w *world) {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	told := make(chan Guard)
	watchers := w.processes(t, 3)
	done := make(chan struct{})
	go func() {
		defer close(done)
		all(watchers, func(_ int, p *world) {
			p.WatchGuard(ctx, 10*time.Millisecond, func(g Guard) {
				select {
				case told <- g:
				case <-ctx.Done():
				}
			}, func(err error) {
				var slow net.Error // the next look may not be
				if !errors.As(err, &slow) || !slow.Timeout() {
					t.Error(err)
				}
			})
		})
	}()
	wait := func(stopped bool) {
		t.Helper()
		for range watchers {
			select {
			case g := <-told:
				if g.Stopped != stopped {
					t.Errorf("told %+v", g)
				}
			case <-ctx.Done():
				t.Fatal("a watcher was not told")
			}
		}
	}
	wait(false) // how it is
	if _, err := w.SetGuard(ctx, true, "test", "operator"); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	wait(true)
	if took := time.Since(begin); took > time.Second {
		t.Logf("it took %v", took) // a busy machine proves nothing
	}
	stop()
	<-done
}
