package load

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loopback"
)

// Of several bidders each is told of: one that is not there is passed over, and
// one that fails answers nothing.
func TestEachOfSeveralTargetsIsTold(t *testing.T) {
	well, answered := serve(t, aBid)
	ill, failed := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	gone := "http://" + loopback.Addr(loopback.Need(t, 1)[0])
	cfg := steady(well, 300, 300*time.Millisecond)
	cfg.Traffic.Targets = []string{well, gone, ill}
	var refused atomic.Int64
	cfg.Progress = func(p Progress) { refused.Store(p.Targets[1].Refused) }
	r, err := Run(t.Context(), cfg)
	if err != nil || len(r.Targets) != 3 {
		t.Fatalf("%v: %+v", err, r)
	}
	a, b, c := r.Targets[0], r.Targets[1], r.Targets[2]
	if a.URL != well || a.Answers != answered.Load() || a.Answers != r.Answers || a.Errors+a.Refused != 0 || a.Answers == 0 {
		t.Errorf("who is well: %+v", a)
	}
	if b.URL != gone || b.Answers+b.Errors != 0 || b.Refused < 20 || b.Refused != refused.Load() {
		t.Errorf("who is gone: %+v, %d told meanwhile", b, refused.Load())
	}
	if c.URL != ill || c.Errors != failed.Load() || c.Answers+c.Refused != 0 || c.Errors == 0 {
		t.Errorf("who is ill: %+v", c)
	}
	if !slices.Equal(r.Dead(), r.Targets[1:]) {
		t.Errorf("dead are %v", r.Dead())
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "\n            "+gone+": 0 answered, 0 errors, ") || !strings.Contains(text.String(), "targets     "+well+": ") {
		t.Errorf("%v\n%s", err, text.String())
	}
	// Steps add up; one bidder needs no telling.
	steps := DefaultSteps()
	steps.From, steps.Most, steps.Each, steps.Answered = 100, 200, 200*time.Millisecond, .01
	cfg.Steps, cfg.Traffic.Stages = &steps, nil
	before := answered.Load()
	if r, err = Run(t.Context(), cfg); err != nil || r.Targets[0].Answers != answered.Load()-before || len(r.Steps) < 2 {
		t.Errorf("%v: %+v", err, r)
	}
	if r, err = Run(t.Context(), steady(well, 100, 100*time.Millisecond)); err != nil || r.Targets != nil {
		t.Errorf("%v: %+v", err, r)
	}
}

// The rates that are told are those that are played, in as few words as they take.
func TestRatesOfAnOverload(t *testing.T) {
	cfg := steady("", 1, time.Second)
	cfg.Overload = &Overload{Saturation: 100, Each: 1133 * time.Millisecond}
	c := conditions(&cfg)
	var text strings.Builder
	if r := (&Report{Interrupted: true, Asked: c}); r.Print(&text) != nil || !strings.Contains(text.String(), "interrupted after 0.0 s of 3.1 s\n") {
		t.Error(text.String())
	}
	if !slices.Equal(c.Rates, []Rate{{50, 50, 1}, {200, 200, 1.133}, {50, 50, 1}}) || c.Seconds != 3.133 {
		t.Errorf("%+v", c)
	}
}
