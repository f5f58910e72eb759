package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFitness(t *testing.T) {
	type reading struct {
		after, jump time.Duration // since the last reading: real time passed, and what the clock jumped by
		fit         bool
	}
	for name, c := range map[string]struct {
		cfg      FitnessConfig
		readings []reading
	}{
		"runs well":                 {readings: []reading{{time.Second, 0, true}, {time.Hour, 0, true}}},
		"jitter":                    {readings: []reading{{time.Second, 900 * time.Millisecond, true}, {time.Second, -900 * time.Millisecond, true}}},
		"set forward":               {readings: []reading{{time.Second, 2 * time.Second, false}, {time.Hour, 0, false}}},
		"set back":                  {readings: []reading{{time.Second, -2 * time.Second, false}, {time.Hour, 0, false}}},
		"set back and corrected":    {readings: []reading{{time.Second, -time.Hour, false}, {time.Minute, time.Hour, true}}},
		"suspended for a night":     {readings: []reading{{time.Second, 8 * time.Hour, false}}},
		"slewed for a day":          {readings: []reading{{24 * time.Hour, 43 * time.Second, true}, {time.Second, 0, true}}},
		"many small jumps are one":  {readings: []reading{{time.Second, 600 * time.Millisecond, true}, {time.Second, 600 * time.Millisecond, false}}},
		"from 1970 to now":          {readings: []reading{{time.Second, 56 * 365 * 24 * time.Hour, false}}},
		"a scaled clock runs well":  {FitnessConfig{Speed: 720}, []reading{{2 * time.Minute, 0, true}, {time.Second, 500 * time.Second, true}}},
		"a scaled clock jumps":      {FitnessConfig{Speed: 720}, []reading{{2 * time.Minute, time.Hour, false}}},
		"a tolerance of its own":    {FitnessConfig{Tolerance: time.Minute}, []reading{{time.Second, 50 * time.Second, true}}},
		"what is told to run badly": {FitnessConfig{Drift: 0.1}, []reading{{100 * time.Second, 10 * time.Second, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := NewFitness(c.cfg)
			shown, mono := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), 5*time.Second
			if fit, _ := f.Observe(shown, mono); !fit {
				t.Fatal("the first reading was not believed")
			}
			for i, r := range c.readings {
				mono += r.after
				speed := max(1, c.cfg.Speed)
				shown = shown.Add(time.Duration(float64(r.after)*speed) + r.jump)
				if fit, off := f.Observe(shown, mono); fit != r.fit || f.Fit() != r.fit {
					t.Errorf("reading %d: fit %t, off %v; want fit %t", i, fit, off, r.fit)
				}
			}
		})
	}
}

// TestFitnessLaw: however often it is asked, a clock that only drifts is fit,
// and one jump beyond the tolerance is seen at the next reading.
func TestFitnessLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := NewFitness(FitnessConfig{})
		shown, mono := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Duration(0)
		f.Observe(shown, mono)
		for range rapid.IntRange(0, 50).Draw(t, "readings") {
			after := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
			mono += after
			shown = shown.Add(after + after/2000)
			if fit, off := f.Observe(shown, mono); !fit {
				t.Fatalf("a slewed clock is unfit, off %v", off)
			}
		}
		jump := time.Duration(rapid.Int64Range(int64(2100*time.Millisecond), int64(1000*time.Hour)).Draw(t, "jump"))
		if rapid.Bool().Draw(t, "back") {
			jump = -jump
		}
		mono += time.Second
		if fit, off := f.Observe(shown.Add(time.Second+jump), mono); fit {
			t.Fatalf("a jump of %v was not seen, off %v", jump, off)
		}
	})
}

func TestFitnessIgnoresTheMonotonicReading(t *testing.T) {
	// given readings whose wall time was set while their monotonic part ran on:
	// only what the clock shows counts
	f, started := NewFitness(FitnessConfig{}), time.Now()
	f.Observe(started, 0)
	if fit, _ := f.Observe(started.Add(time.Second), time.Second); !fit {
		t.Error("a clock that runs well is unfit")
	}
	if fit, off := f.Observe(time.Now().Round(0).Add(-time.Hour), 2*time.Second); fit {
		t.Errorf("an hour back is fit, off %v", off)
	}
}
