package loadtest

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
)

func TestScheduleFollowsTheDay(t *testing.T) {
	start := time.Now()
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	market, err := clock.NewMarket(start, midnight, 720)
	if err != nil {
		t.Fatal(err)
	}
	for _, even := range []bool{false, true} {
		cfg := ExchangeConfig{Clock: market, Start: start, Rate: 500, Seed: 3, Even: even}
		plan, again := newSchedule(&cfg), newSchedule(&cfg)
		byHour, total := [24]float64{}, 0.0
		for last := time.Duration(0); ; {
			at := plan.next()
			if at != again.next() {
				t.Fatal("the same seed gave another schedule")
			}
			if at <= last {
				t.Fatalf("%v follows %v", at, last)
			}
			if last = at; at >= 120*time.Second { // a market day
				break
			}
			byHour[market.At(start.Add(at)).Hour()]++
			total++
		}
		if mean := total / 120; math.Abs(mean-500) > 15 {
			t.Errorf("even %v: %.0f requests a second on average, want 500", even, mean)
		}
		if byHour[20] < 3*byHour[3] {
			t.Errorf("even %v: %.0f requests in the evening, %.0f before dawn", even, byHour[20], byHour[3])
		}
	}
}

func TestAlarmWaits(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for _, d := range []time.Duration{1, time.Microsecond, 3 * time.Millisecond} {
		begun := time.Now()
		if err := a.wait(d); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < d {
			t.Errorf("waited %v, not %v", took, d)
		}
	}
}

// Stages send as many requests as their rates say, however slowly they begin.
func TestStagesSendWhatTheySay(t *testing.T) {
	for name, c := range map[string]struct {
		stages []Stage
		want   float64
	}{
		"a ramp from next to nothing": {[]Stage{{.1, 400, 4 * time.Second}}, 800},
		"a ramp down":                 {[]Stage{{400, 1, 4 * time.Second}}, 802},
		"steps":                       {[]Stage{{1, 1, time.Second}, {1000, 1000, time.Second}, {.5, .5, 2 * time.Second}, {300, 300, time.Second}}, 1302},
	} {
		for _, even := range []bool{true, false} {
			cfg := ExchangeConfig{Start: time.Now(), Rate: 1, Seed: 5, Even: even, Stages: c.stages}
			plan, n, last := newSchedule(&cfg), 0.0, time.Duration(0)
			for at := plan.next(); at < length(c.stages); at = plan.next() {
				if n++; at < last {
					t.Fatalf("%s: %v follows %v", name, at, last)
				}
				last = at
			}
			if slack := map[bool]float64{true: 1.5, false: 150}[even]; math.Abs(n-c.want) > slack {
				t.Errorf("%s, even %v: %.0f requests, want %.0f", name, even, n, c.want)
			}
		}
	}
}
