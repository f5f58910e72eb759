package load

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// spans makes books of spans by their p99 in milliseconds; below 0 a hundredth
// is lost.
func spans(p99 ...int64) (all []loadtest.StageBooks) {
	for _, ms := range p99 {
		b := loadtest.StageBooks{Due: 100, Full: 100}
		if ms < 0 {
			b.Full, ms = 99, -ms
		}
		b.LatencyUS.P99 = ms * 1000
		all = append(all, b)
	}
	return all
}

func TestDisturbed(t *testing.T) {
	for name, c := range map[string]struct {
		books    []loadtest.StageBooks
		recovery float64
		through  Calm
	}{
		"nothing is seen": {spans(1, 3, 2, 3, 1, 2, 3), 0, Calm{2000, 3000, 400, 0}},
		// Well is not what is well before the worst has come.
		"it comes late":         {spans(1, 3, 1, 2, 1, 1, 50, 9, 2, 1, 3, 1), 1.5, Calm{2000, 50_000, 600, 0}},
		"one is lost, fast":     {spans(1, 3, -1, 1, 1, 1, 1), .25, Calm{1000, 1000, 400, 1}},
		"loss is worse than":    {spans(1, 3, 90, -20, 1, 1, 1, 1), .5, Calm{20_000, 90_000, 400, 1}},
		"three are no second":   {spans(1, 3, 9, 1, 1, 1, 8, 1, 1, 1, 1), 1.25, Calm{1000, 9000, 500, 0}},
		"it is never as it was": {spans(1, 3, 9, 8, 1, 1, 1), -1, Calm{1000, 9000, 500, 0}},
	} {
		d, err := Judge(c.books, 2)
		if err != nil || d.Recovery != c.recovery || d.Through != c.through || d.Before != (Calm{3000, 3000, 200, 0}) || len(d.P99) != len(c.books) {
			t.Errorf("%s: %+v, %v; want %v and %+v", name, d, err, c.recovery, c.through)
		}
		if after := int64(len(c.books)-2) - int64(c.recovery*4); d.Recovery >= 0 && d.After.Due != after*100 {
			t.Errorf("%s: %d due after it", name, d.After.Due)
		}
	}
	if _, err := Judge(spans(1, 1, 1, 1), 1); err == nil {
		t.Error("three spans after it were judged")
	}
}

// A steady rate is told of by quarter seconds.
func TestSpans(t *testing.T) {
	url, _ := serve(t, noBid)
	cfg := steady(url, 100, 600*time.Millisecond)
	cfg.Spans = true
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Spans) != 2 || r.Spans[0].Due+r.Spans[1].Due != r.Requests || r.Spans[1].Empty == 0 {
		t.Errorf("%d requests: %+v", r.Requests, r.Spans)
	}
	cfg.Traffic.Stages[0].To = 200
	if _, err := Run(t.Context(), cfg); err == nil {
		t.Error("a ramp has no calm")
	}
}
