package load

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// A bidder with two places, each of which takes 5 ms, refuses the rest. Twice
// its 400 a second is more than it can do.
func TestOverload(t *testing.T) {
	places := make(chan struct{}, 2)
	url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case places <- struct{}{}:
			<-time.After(5 * time.Millisecond)
			<-places
			fmt.Fprint(w, `{"id":"1","nbr":0}`)
		default:
			noBid(w, r)
		}
	})
	cfg := steady(url, 1, time.Second)
	cfg.Overload = &Overload{Saturation: 400, Each: time.Second}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Shed
	if s == nil || s.Rate != 800 || s.Due < 700 || s.Due > 900 {
		t.Fatalf("%+v; want some 800 requests at 800 a second", s)
	}
	if s.Accepted+s.Shed+s.Timeouts+s.Unsent+s.Errors != s.Due || s.Accepted == 0 || s.Shed == 0 || s.AcceptedP99 < 5000 {
		t.Errorf("the overload: %+v", s)
	}
	if r.Requests+r.Unsent < s.Due+300 || r.Answers > asked.Load() {
		t.Errorf("of the whole run %d requests, of the overload %d", r.Requests, s.Due)
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "overload    at 800 per second") {
		t.Errorf("%v: %s", err, text.String())
	}
}

// overloadBooks are the books of a run whose latency in the calm is given per span.
func overloadBooks(before, after []int64, over loadtest.StageBooks) (all []loadtest.StageBooks) {
	calm := func(p99 int64) loadtest.StageBooks {
		return loadtest.StageBooks{Due: 10, Full: 10, LatencyUS: loadtest.Percentiles{P99: p99}}
	}
	for _, p := range before {
		all = append(all, calm(p))
	}
	all = append(all, over)
	for _, p := range after {
		all = append(all, calm(p))
	}
	return all
}

func TestOverloadIsJudged(t *testing.T) {
	o := &Overload{Saturation: 100, Each: time.Second}
	if n := len(o.stages()); n != 9 || o.stages()[4].To != 200 || o.stages()[4].For != time.Second || o.stages()[8].To != 50 {
		t.Fatalf("stages %+v", o.stages())
	}
	over := loadtest.StageBooks{Due: 200, Full: 120, Empty: 50, NoTime: 10, Late: 6, Timeouts: 9, Unsent: 4, Errors: 1, FullUS: loadtest.Percentiles{P99: 77},
		ShedUS: loadtest.Percentiles{P50: 8}, LagUS: loadtest.Percentiles{P99: 9_000}}

	// The first span, in which connections open, does not count.
	s, err := o.judge(overloadBooks([]int64{900, 10, 30, 20}, []int64{50, 30, 11, 12}, over))
	if err != nil {
		t.Fatal(err)
	}
	if s.AcceptedShare != .6 || s.ShedShare != .3 || s.AcceptedP99 != 77 || s.ShedP50 != 8 || s.Timeouts != 15 || s.Unsent != 4 || s.Errors != 1 {
		t.Errorf("the overload: %+v", s)
	}
	if s.GeneratorLimits() {
		t.Error("a generator that is 9 ms late is the limit")
	}
	if s.CalmP99 != 20 || s.WorstP99 != 30 || s.AfterP99 != 12 || s.Recovery != .5 {
		t.Errorf("the calm: %+v; want 20, 30, 12, and well after half a second", s)
	}

	// A span in which something was shed or late is not well, however fast.
	books := overloadBooks([]int64{1, 1, 1, 1}, []int64{1, 1, 9, 9}, over)
	books[5].Full, books[5].Empty = 9, 1
	books[6].Full, books[6].Timeouts = 9, 1
	if s, err = o.judge(books); err != nil || s.Recovery != -1 {
		t.Errorf("%v: well after %v", err, s.Recovery)
	}
	books[4].LagUS.P99 = 11_000
	var text strings.Builder
	if s, err = o.judge(books); err != nil || !s.GeneratorLimits() {
		t.Errorf("a generator that is 11 ms late is not the limit: %v", err)
	}
	if s.print(&text); !strings.Contains(text.String(), "the generator was the limit: its requests left 11.00 ms late") {
		t.Error(text.String())
	}
	if _, err := o.judge(books[:3]); err == nil {
		t.Error("a run that was stopped is judged")
	}
}
