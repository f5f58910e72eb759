package clock

import (
	"testing"
	"time"
)

func TestMarketRunsAtItsSpeed(t *testing.T) {
	// given a clock that plays a day in two minutes
	anchor := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	origin := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	m, err := NewMarket(anchor, origin, 720)
	if err != nil {
		t.Fatal(err)
	}

	// then a minute of real time is half a day, and another process agrees
	if got, want := m.At(anchor.Add(time.Minute)), origin.Add(12*time.Hour); !got.Equal(want) {
		t.Errorf("after a minute it is %v; want %v", got, want)
	}
	if got, want := m.Real(24*time.Hour), 2*time.Minute; got != want {
		t.Errorf("a market day takes %v; want %v", got, want)
	}
}

func TestMarketRefusesSpeedsThatStandStill(t *testing.T) {
	for _, speed := range []float64{0, -1, 1e6} {
		if _, err := NewMarket(time.Now(), time.Now(), speed); err == nil {
			t.Errorf("speed %v was taken", speed)
		}
	}
}

func TestRealFollowsTheRealTime(t *testing.T) {
	before := time.Now()
	got := Real().Now()
	if got.Before(before.Add(-time.Second)) || got.After(time.Now().Add(time.Second)) {
		t.Errorf("the real clock reads %v; it is %v", got, before)
	}
}

func TestManualStandsStill(t *testing.T) {
	start := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	m := NewManual(start)
	m.Advance(90 * time.Minute)
	if got := m.Now(); !got.Equal(start.Add(90 * time.Minute)) {
		t.Errorf("it reads %v", got)
	}
	m.Set(start)
	if got := m.Now(); !got.Equal(start) {
		t.Errorf("it reads %v", got)
	}
}
