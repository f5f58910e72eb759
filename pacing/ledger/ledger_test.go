package ledger

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

var life = event.NodePeriod{Node: 1}

func testGrantGivesWhatIsLeftAndNoMore(t *testing.T, w *world) {
	w.budget(life, 100)
	a, b := w.open("a"), w.open("b")
	for _, step := range []struct {
		incarnation uint64
		want, get   int64
	}{{a, 60, 60}, {b, 60, 40}, {a, 1, 0}, {b, 0, 0}} {
		if got := w.grant(step.incarnation, life, money.Nanos(step.want)); got != money.Nanos(step.get) {
			t.Errorf("grant of %d gave %d, want %d", step.want, got, step.get)
		}
	}
	w.expect(life, 0, 100, 0)
}

func testGrantKnowsDayFromFlight(t *testing.T, w *world) {
	daily := event.NodePeriod{Node: 2, Period: today}
	w.budget(life, 100)
	w.budget(daily, 10)
	a := w.open("a")
	for n, want := range map[event.NodePeriod]int64{
		{Node: 1, Period: today}:     0, // a flight's budget has no days
		{Node: 2}:                    0, // a daily one has nothing else
		{Node: 3}:                    0, // never heard of
		daily:                        10,
		{Node: 2, Period: today + 1}: 10,
	} {
		if got := w.grant(a, n, 50); got != money.Nanos(want) {
			t.Errorf("grant of %v gave %d, want %d", n, got, want)
		}
	}
}

func testOpenFencesTheOlderIncarnation(t *testing.T, w *world) {
	w.budget(life, 100)
	old := w.open("a")
	w.grant(old, life, 70)
	other := w.open("b")

	next := w.open("a")

	if next == old {
		t.Fatalf("incarnation %d came twice", next)
	}
	if _, err := w.Grant(context.Background(), old, nil); !errors.Is(err, pacing.ErrFenced) {
		t.Errorf("grant to the fenced incarnation: %v, want ErrFenced", err)
	}
	if err := w.Return(context.Background(), old, []pacing.Want{{NodePeriod: life, Amount: 1}}); !errors.Is(err, pacing.ErrFenced) {
		t.Errorf("return from the fenced incarnation: %v, want ErrFenced", err)
	}
	if got := w.grant(other, life, 10); got != 10 {
		t.Errorf("another bidder got %d, want 10", got)
	}
	if got := w.grant(next, life, 100); got != 20 {
		t.Errorf("the new incarnation got %d, want 20: the dead slice is still held", got)
	}
}

func testBudgetsSurviveKillAndRestart(t *testing.T, w *world) {
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 60)
	w.book(w.billing(a, 1, 25, 30, life))

	w.restart()

	w.expect(life, 25, 35, 0)
	if r := w.book(w.billing(a, 1, 25, 30, life)); r.Duplicates != 1 {
		t.Errorf("the bid was booked again after a restart: %+v", r)
	}
	next := w.open("a")
	if got := w.grant(next, life, 100); got != 40 {
		t.Errorf("after the restart %d were granted, want 40", got)
	}
}

func testDeadSliceIsHeldUntilItsHorizon(t *testing.T, w *world) {
	for name, die := range map[string]func(*world, uint64){
		"fenced": func(w *world, _ uint64) { w.open("a") },
		"closed": func(w *world, a uint64) {
			if err := w.Close(context.Background(), a); err != nil {
				w.t.Fatal(err)
			}
		},
		"silent": func(*world, uint64) {},
	} {
		t.Run(name, func(t *testing.T) {
			w := w.fresh(t)
			w.budget(life, 100)
			a := w.open("a")
			w.grant(a, life, 80)
			die(w, a)

			w.clock.Advance(lease + horizon)
			w.reclaim()
			w.book(w.billing(a, 1, 30, 30, life)) // in time, as late as can be
			w.expect(life, 30, 50, 0)

			w.clock.Advance(time.Nanosecond)
			w.reclaim()
			w.expect(life, 30, 0, 0)

			w.book(w.billing(a, 2, 30, 30, life)) // too late: from what is free
			w.expect(life, 60, 0, 0)
			if _, err := w.Grant(context.Background(), a, nil); !errors.Is(err, pacing.ErrFenced) {
				t.Errorf("the reclaimed incarnation goes on: %v", err)
			}
		})
	}
}

func testHeartbeatKeepsTheSlice(t *testing.T, w *world) {
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 80)
	for range 10 {
		w.clock.Advance(horizon)
		w.grant(a, life, 0)
		if n := w.reclaim(); n != 0 {
			t.Fatalf("%d incarnations were reclaimed, want none", n)
		}
	}
	w.clock.Advance(-5 * horizon) // a clock that jumps back shortens nothing
	w.grant(a, life, 0)
	w.clock.Advance(6 * horizon)
	if n := w.reclaim(); n != 0 {
		t.Fatal("a jump of the clock took the slice away")
	}
}

func testReturnGivesBackAtMostWhatIsThere(t *testing.T, w *world) {
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 80)
	w.book(w.billing(a, 1, 50, 50, life))
	if err := w.Return(context.Background(), a, []pacing.Want{{NodePeriod: life, Amount: 20}, {NodePeriod: life, Amount: 20}}); err != nil {
		t.Fatal(err)
	}
	w.expect(life, 50, 0, 0)
}

// Slices are told as one sees them who knows of bookings up to a cursor, and only
// those of which something is left.
func testSlicesAsTheFeedHasToldThem(t *testing.T, w *world) {
	day := event.NodePeriod{Node: 2, Period: today}
	w.budget(life, 200)
	w.budget(day, 200)
	a := w.open("a")
	w.grant(a, life, 80)
	w.grant(a, day, 50)
	w.grant(w.open("b"), life, 7)
	w.book(w.billing(a, 1, 50, 50, life, day))
	w.book(w.billing(a, 2, 10, 50, life))
	if err := w.Return(context.Background(), a, []pacing.Want{{NodePeriod: life, Amount: 5}}); err != nil {
		t.Fatal(err)
	}
	feed, err := w.Settled(context.Background(), a, 0)
	if err != nil || len(feed) != 2 {
		t.Fatalf("the feed is %+v, %v", feed, err)
	}
	for name, c := range map[string]struct {
		after int64
		want  []pacing.Slice
	}{
		"of no booking":   {0, []pacing.Slice{{NodePeriod: life, Granted: 80, Returned: 5}, {NodePeriod: day, Granted: 50}}},
		"of the first":    {feed[0].Cursor, []pacing.Slice{{NodePeriod: life, Granted: 80, Returned: 5, Booked: 50}}},
		"of both":         {feed[1].Cursor, []pacing.Slice{{NodePeriod: life, Granted: 80, Returned: 5, Booked: 60}}},
		"and of the next": {feed[1].Cursor + 1, []pacing.Slice{{NodePeriod: life, Granted: 80, Returned: 5, Booked: 60}}},
	} {
		if s, err := w.Slices(context.Background(), a, c.after); err != nil || !slices.Equal(s, c.want) {
			t.Errorf("who knows %s is told %+v, %v; want %+v", name, s, err, c.want)
		}
	}
}

func testBudgetCutBelowSpendGrantsNothing(t *testing.T, w *world) {
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 80)
	w.budget(life, 50)
	if got := w.grant(a, life, 10); got != 0 {
		t.Errorf("%d were granted of a budget that is overdrawn", got)
	}
	w.book(w.billing(a, 1, 60, 60, life))
	w.expect(life, 60, 20, 0) // its slice covered it: promised is promised
	w.book(w.billing(a, 2, 30, 30, life))
	w.expect(life, 90, 0, 10)
	w.budget(life, 200)
	if got := w.grant(a, life, 1000); got != 110 {
		t.Errorf("after a raise %d were granted, want 110", got)
	}
}
