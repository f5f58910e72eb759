package pacing

import (
	"testing"
	"time"
)

// TestWakingAgesNothingBeforeNoticesWereRead stops a process for an hour, as a
// machine may be. The bill of its bid waits in a socket.
func TestWakingAgesNothingBeforeNoticesWereRead(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	real := time.Now()
	tick := func(after time.Duration) {
		real = real.Add(after)
		s.wake(real)
		s.step()
	}
	tick(0)
	if !s.hold(1, 20e6, today) {
		t.Fatal("not held")
	}
	s.clock.Advance(time.Hour) // far beyond the horizon
	tick(time.Hour)
	if s.Holds().Open() != 1 {
		t.Error("the hold ended before anybody could have read its bill")
	}
	tick(s.cfg.Interval)
	if s.Holds().Open() != 0 {
		t.Error("the hold goes on though the process runs again")
	}
	// A process that is always late ages its holds at every second tick.
	for want := range 2 {
		s.hold(uint64(2+want), 20e6, today)
		s.clock.Advance(time.Hour)
		for range 2 {
			tick(time.Hour)
		}
		if s.Holds().Open() != 0 {
			t.Error("holds do not age on a slow machine")
		}
	}
}
