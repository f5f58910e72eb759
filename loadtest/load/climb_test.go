package load

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Rates double until one fails; then the middle is tried.
func TestTheNextStep(t *testing.T) {
	s := Steps{From: 1000, Factor: 2, Fine: 1.2, Most: 64_000}
	if next := s.next(40_000, math.Inf(1)); next != 64_000 {
		t.Errorf("after 40000 comes %v, want the highest that is allowed", next)
	}
	for saturation, want := range map[float64][]float64{
		500:     {1000},
		1000:    {1000, 2000, 1414, 1189},
		13_000:  {1000, 2000, 4000, 8000, 16_000, 11_314, 13_454},
		1e9:     {1000, 2000, 4000, 8000, 16_000, 32_000, 64_000},
		15_000:  {1000, 2000, 4000, 8000, 16_000, 11_314, 13_454},
		1e10:    {1000, 2000, 4000, 8000, 16_000, 32_000, 64_000},
		120_000: {1000, 2000, 4000, 8000, 16_000, 32_000, 64_000},
	} {
		var got []float64
		kept, failed := 0., math.Inf(1)
		for rate := s.From; rate > 0; rate = s.next(kept, failed) {
			got = append(got, math.Round(rate))
			if rate <= saturation {
				kept = rate
			} else {
				failed = rate
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("saturation at %v: %v, want %v", saturation, got, want)
		}
	}
}

// The search ends at the highest rate that was kept up with. A step that fails
// once is tried again and counts if it is kept up with then; one whose first try
// and second fail is too much.
func TestTheSearchFindsSaturation(t *testing.T) {
	for name, c := range map[string]struct {
		keeps   float64 // requests per second that are answered in time
		stumble int     // the step that fails whatever its rate
		want    float64
		atLeast bool
		rates   []float64
	}{
		"above the first":       {3000, 0, 2828, false, []float64{1000, 2000, 4000, 4000, 2828, 3364, 3364}},
		"with a neighbour":      {3000, 2, 2828, false, []float64{1000, 2000, 2000, 4000, 4000, 2828, 3364, 3364}},
		"below the first":       {500, 0, 0, false, []float64{1000, 1000}},
		"beyond the last":       {9000, 0, 8000, true, []float64{1000, 2000, 4000, 8000}},
		"first try of the last": {8000, 4, 8000, true, []float64{1000, 2000, 4000, 8000, 8000}},
	} {
		cfg := Config{Steps: &Steps{From: 1000, Factor: 2, Fine: 1.2, Most: 8000, Each: time.Second, Answered: .99, P99: time.Second}}
		var rates []float64
		r, err := climb(t.Context(), cfg, func(_ context.Context, cfg Config, step int, _ func(loadtest.Stats, float64)) (*loadtest.Books, error) {
			rate := cfg.Traffic.Stages[0].From
			rates = append(rates, math.Round(rate))
			due := int64(rate)
			b := &loadtest.Books{Stages: []loadtest.StageBooks{{Due: due, Full: due}}}
			if rate > c.keeps || step == c.stumble {
				b.Stages[0].Full, b.Stages[0].Late = due/2, due-due/2
			}
			b.Bids, b.Answers, b.Requests = b.Stages[0].Full, due, due
			return b, nil
		})
		if err != nil || math.Round(r.Saturation) != c.want || r.AtLeast != c.atLeast || !slices.Equal(rates, c.rates) {
			t.Errorf("%s: %v, saturation %v, at least: %v, rates %v; want %v, %v, %v", name, err, r.Saturation, r.AtLeast, rates, c.want, c.atLeast, c.rates)
			continue
		}
		// Figures are of the best step.
		if best := max(cfg.Steps.From, r.Saturation); r.Requests != int64(best) || len(r.Steps) != len(rates) {
			t.Errorf("%s: %d requests, want %v of the best step; steps %+v", name, r.Requests, best, r.Steps)
		}
	}
}

// What is late or shed was not kept up with; who always says no with 204 may.
func TestStepsAreJudged(t *testing.T) {
	s := DefaultSteps()
	books := func(stage loadtest.StageBooks, p99 int64) *loadtest.Books {
		b := &loadtest.Books{Stages: []loadtest.StageBooks{stage}}
		b.Bids = stage.Full
		b.LatencyUS.P99 = p99
		return b
	}
	first := []Step{{Due: 1000, Shed: 200, Empty: 200}}
	for _, c := range []struct {
		why    string
		stage  loadtest.StageBooks
		p99    int64
		before []Step
	}{
		{"", loadtest.StageBooks{Due: 1000, Full: 1000}, 100_000, nil},
		{"", loadtest.StageBooks{Due: 1000, Full: 980, Empty: 10, Late: 10}, 1, nil},
		{"p99 above 100ms", loadtest.StageBooks{Due: 1000, Full: 1000}, 100_001, nil},
		{"not answered in time", loadtest.StageBooks{Due: 1000, Full: 989, Late: 11}, 1, nil},
		{"not answered in time", loadtest.StageBooks{Due: 1000, Full: 989, Timeouts: 5, Unsent: 5, Errors: 1}, 1, nil},
		{"not answered in time", loadtest.StageBooks{}, 0, nil},
		{"shed", loadtest.StageBooks{Due: 1000, Full: 989, Empty: 6, NoTime: 5}, 1, []Step{{Due: 100}}},
		{"", loadtest.StageBooks{Due: 1000, Full: 1, Empty: 999}, 1, nil},
		{"no bids", loadtest.StageBooks{Due: 1000, Empty: 1000}, 1, nil},
		{"shed", loadtest.StageBooks{Due: 1000, Full: 989, NoTime: 11}, 1, nil},
		{"not answered in time; the generator was late itself", loadtest.StageBooks{Due: 9, Late: 9, LagUS: loadtest.Percentiles{P99: 10_001}}, 1, nil},
		{"", loadtest.StageBooks{Due: 1000, Full: 790, Empty: 210}, 1, first},
		{"shed", loadtest.StageBooks{Due: 1000, Full: 780, Empty: 215, NoTime: 5}, 1, first},
	} {
		if got := s.judge(500, books(c.stage, c.p99), c.before); got.Why != c.why || got.OK != (c.why == "") || got.Rate != 500 {
			t.Errorf("%+v: %q, want %q", c.stage, got.Why, c.why)
		}
	}
	broken := books(loadtest.StageBooks{Due: 1000, Full: 1000}, 1)
	broken.Bids, broken.Violations = 0, map[string]int64{"currency": 1}
	if got := s.judge(500, broken, nil); !got.OK {
		t.Errorf("bids that break the protocol are none: %+v", got)
	}
	if got := s.judge(500, books(loadtest.StageBooks{Due: 9, Empty: 1, NoTime: 2, Late: 3, Timeouts: 1}, 1), nil); got.Shed != 3 || got.Late != 4 || time.Duration(got.Lag) != 0 {
		t.Errorf("%+v", got)
	}
}
