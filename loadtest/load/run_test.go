package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/loadtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"))
}

// serve starts a bidder that answers as told and counts.
func serve(t *testing.T, answer http.HandlerFunc) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func noBid(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// aBid answers with one.
func aBid(w http.ResponseWriter, r *http.Request) {
	var req struct {
		ID  string
		Imp []struct{ ID string }
	}
	_ = json.NewDecoder(r.Body).Decode(&req)
	fmt.Fprintf(w, `{"id":%q,"seatbid":[{"bid":[{"id":"b","impid":%q,"price":1}]}]}`, req.ID, req.Imp[0].ID)
}

// steady is a rate at which a busy machine times nothing out.
func steady(url string, rate float64, d time.Duration) Config {
	mix := loadtest.DefaultMix()
	return Config{Traffic: loadtest.ExchangeConfig{
		Target: url, Mix: &mix, BidsOnly: true, Users: 1000, TMaxLow: loadtest.MaxTMax, TMaxHigh: loadtest.MaxTMax, Even: true,
		Stages: []loadtest.Stage{{From: rate, To: rate, For: d}},
	}}
}

// A server that stalls for a while delays all that was to be sent meanwhile.
// A closed loop would show it in the few requests that were under way.
func TestAStallShowsInEveryRequestOfIt(t *testing.T) {
	const stall, length = 400 * time.Millisecond, time.Second
	var n atomic.Int64
	var over atomic.Pointer[time.Time] // nil: it was not yet
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 100 { // due after a quarter of a second
			end := time.Now().Add(stall)
			over.Store(&end)
		}
		if end := over.Load(); end != nil {
			<-time.After(time.Until(*end))
		}
		noBid(w, r)
	})
	cfg := steady(url, 400, length)
	cfg.Traffic.MaxInFlight = 8 // far fewer than are due while it stalls

	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	// About two in five requests were due while it stalled.
	if r.Requests+r.Unsent != 399 && r.Requests+r.Unsent != 400 {
		t.Errorf("%d sent and %d not, of 400", r.Requests, r.Unsent)
	}
	if p90 := time.Duration(r.LatencyUS.P90) * time.Microsecond; p90 < stall/2 {
		t.Errorf("p90 is %v though it stalled for %v", p90, stall)
	}
	if r.Unsent == 0 {
		t.Error("more than 8 were under way")
	}
}

// Requests of a ramp leave when its rate says: a machine that is busy makes them
// late, none leaves early.
func TestRampRises(t *testing.T) {
	var n, half atomic.Int64
	begun := time.Now()
	url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 55 { // due after half a second: 20 x .5 + 360 x .5 x .5 / 2
			half.Store(int64(time.Since(begun)))
		}
		noBid(w, r)
	})
	cfg := steady(url, 1, time.Second)
	cfg.Traffic.Stages = []loadtest.Stage{{From: 20, To: 380, For: time.Second}}
	told := 0
	cfg.Progress = func(p Progress) {
		told++
		if want := 20 + 360*min(1, p.ElapsedSeconds); math.Abs(p.Target-want) > .01 {
			t.Errorf("the rate is said to be %v after %v s, want %v", p.Target, p.ElapsedSeconds, want)
		}
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n < 150 || n > 250 || r.Answers != n {
		t.Errorf("%d were asked, %d answered; want about 200", n, r.Answers)
	}
	if at := time.Duration(half.Load()); at < 490*time.Millisecond {
		t.Errorf("the 55th request came after %v, before it was due", at)
	}
	if told == 0 || len(r.Timeline) == 0 {
		t.Errorf("it was told %d times, the timeline is %v", told, r.Timeline)
	}
}

// A bidder that takes one request at a time, has ten at most and refuses the rest
// has a saturation that is known. Of the ten of the first step none is refused,
// however they come; of the second step's hundred some 20 are taken in its half
// second, and 80 would take four.
func TestStepsFindSaturation(t *testing.T) {
	turn, has := make(chan struct{}, 1), new(atomic.Int64)
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer has.Add(-1)
		if has.Add(1) > 10 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		turn <- struct{}{}
		<-time.After(50 * time.Millisecond)
		<-turn
		aBid(w, r)
	})
	cfg := steady(url, 1, time.Second)
	cfg.Steps = &Steps{From: 20, Factor: 10, Fine: 10, Most: 10_000, Each: 500 * time.Millisecond, Answered: .8, P99: time.Minute}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Saturation != 20 || r.AtLeast {
		t.Errorf("saturation at %v, at least: %v; want 20, of steps %+v", r.Saturation, r.AtLeast, r.Steps)
	}
	if last := r.Steps[len(r.Steps)-1]; last.OK || last.Rate != 200 || !strings.HasPrefix(last.Why, "not answered in time") {
		t.Errorf("the last step is %+v", last)
	}
}

// A bidder that only says no keeps up with any rate, and that says nothing.
func TestStepsWantBids(t *testing.T) {
	var bids atomic.Bool
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if bids.Swap(false) {
			aBid(w, r)
			return
		}
		noBid(w, r)
	})
	cfg := steady(url, 1, time.Second)
	cfg.Steps = &Steps{From: 50, Factor: 2, Fine: 2, Most: 50, Each: 200 * time.Millisecond, Answered: .5, P99: time.Minute}
	for want, only := range map[string]bool{"saturation  unknown: there were no bids": false, "saturation  at least 50 ": true} {
		bids.Store(only)
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := r.Print(&text); err != nil || !strings.Contains(text.String(), want) || !strings.Contains(text.String(), "% of the first step were answered without a body (204)") || r.Usual < .5 {
			t.Errorf("%v, %v usual: %s", err, r.Usual, text.String())
		}
	}
}

// What was ended before it was over says so, and how far it came.
func TestInterruptedRuns(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		after  int64 // requests
		want   []string
	}{
		"a rate":         {func(*Config) {}, 10, []string{"interrupted after ", " s of 60 s\n"}},
		"in the warm-up": {func(c *Config) { c.Traffic.WarmUp = time.Minute }, 10, []string{"interrupted in the warm-up: nothing was counted yet\n"}},
		"an overload":    {func(c *Config) { c.Overload = &Overload{Saturation: 100, Each: 20 * time.Second} }, 10, []string{"interrupted after ", " s of 60 s\n"}},
		"a search": {func(c *Config) { // steps so long that the second is not over when its fifth request is answered
			c.Steps = &Steps{From: 10, Factor: 2, Fine: 2, Most: 40, Each: 2 * time.Second, Answered: .1, P99: time.Minute}
		}, 25, []string{", in step 2\n", "interrupted\n", "saturation  not found yet: 10 requests per second were kept up with"}},
		"its first step": {func(c *Config) {
			c.Steps = &Steps{From: 50, Factor: 2, Fine: 2, Most: 200, Each: time.Minute, Answered: .1, P99: time.Minute}
		}, 10, []string{", in step 1\n", "saturation  not found yet\n"}},
	} {
		stop, n := make(chan struct{}), new(atomic.Int64)
		url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == c.after {
				close(stop)
			}
			aBid(w, r)
		})
		cfg := steady(url, 100, time.Minute)
		cfg.Traffic.Stop = stop
		c.change(&cfg)
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		_ = r.Print(&text)
		for _, want := range c.want {
			if !r.Interrupted || !strings.Contains(text.String(), want) {
				t.Errorf("%s: interrupted is %v, and %q is missing:\n%s", name, r.Interrupted, want, text.String())
			}
		}
	}
}

// A generator that is late itself says so, and what was answered after tmax.
func TestTheGeneratorsOwnPart(t *testing.T) {
	url, _ := serve(t, noBid)
	r, err := Run(t.Context(), steady(url, 100, 200*time.Millisecond))
	if err != nil || r.LagP99 == 0 || r.Interrupted {
		t.Fatalf("%v: %+v", err, r)
	}
	const warning = "the generator was the limit: its requests left 10.01 ms late"
	for lag, want := range map[int64]bool{10_000: false, 10_010: true} {
		var text strings.Builder
		r.LagP99, r.Late = lag, 7
		if err := r.Print(&text); err != nil || strings.Contains(text.String(), warning) != want || !strings.Contains(text.String(), "(7 of these later than tmax)") {
			t.Errorf("%v: %s", err, text.String())
		}
	}
}

func TestViolationsAreCounted(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var req struct{ ID string }
		_ = json.NewDecoder(r.Body).Decode(&req)
		fmt.Fprintf(w, `{"id":%q,"cur":"EUR","seatbid":[{"bid":[{"id":"b","impid":"9","price":1}]}]}`, req.ID)
	})
	r, err := Run(t.Context(), steady(url, 50, 400*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if r.Violations == 0 || r.Kinds["currency"] != r.Answers || r.Bids != 0 {
		t.Errorf("%d answers, %d bids, violations %v", r.Answers, r.Bids, r.Kinds)
	}
}

func TestReport(t *testing.T) {
	url, _ := serve(t, noBid)
	r, err := Run(t.Context(), steady(url, 200, 300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	var text, svg bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"answered", "violations  none", "p50", "p99.99", "204 "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, text.String())
		}
	}
	if r.SentBytes < 500*r.Requests || r.ReceivedBytes < 20*r.Answers {
		t.Errorf("%d requests have %d bytes, their answers %d", r.Requests, r.SentBytes, r.ReceivedBytes)
	}
	if err := r.SVG(&svg); err != nil || !strings.Contains(svg.String(), "<polyline") || strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
		t.Errorf("the picture: %v\n%s", err, svg.String())
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var shape map[string]any
	if err := json.Unmarshal(b, &shape); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"target", "requests", "unsent", "answers", "bids", "no_bids", "http_errors", "violations", "violation_kinds", "latency_us", "latency_curve", "notices", "late", "generator_lag_p99_us", "interrupted", "conditions"} {
		if _, ok := shape[key]; !ok {
			t.Errorf("the JSON has no %s", key)
		}
	}
	if c := r.Asked; c.Seconds != .3 || !slices.Equal(c.Rates, []Rate{{200, 200, .3}}) || c.TMaxMS != 10_000 || c.Users != 1000 {
		t.Errorf("the conditions: %+v", c)
	}
	if err := (&Report{}).SVG(&svg); err != nil {
		t.Errorf("nothing was answered: %v", err)
	}
}

// The timeline of a long run is thinned out, evenly, and no spike is lost.
func TestTheTimelineReachesTheEnd(t *testing.T) {
	r := &Report{}
	const spans = 5 * maxTimeline
	for i := 1; i <= spans; i++ {
		s := loadtest.Stats{ElapsedSeconds: float64(i) / 2, Answers: int64(50 * i)}
		s.RecentLatencyUS.P99 = 1000
		if i == 7 || i == spans-1 {
			s.RecentLatencyUS.P99 = 9000
		}
		r.second(s, 100)
	}
	n, spikes := len(r.Timeline), 0
	for i, p := range r.Timeline {
		if p.Answered != 100 || i > 0 && p.At <= r.Timeline[i-1].At {
			t.Fatalf("span %d: %+v after %+v", i, p, r.Timeline[max(0, i-1)])
		}
		if p.Latency.P99 == 9000 {
			spikes++
		}
	}
	if n < maxTimeline/2 || n >= maxTimeline || spikes != 2 || r.Timeline[n-1].At < spans/2-4 {
		t.Errorf("%d spans, %d spikes, the last %+v", n, spikes, r.Timeline[n-1])
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"no rate":     func(c *Config) { c.Traffic.Stages = nil },
		"rate":        func(c *Config) { c.Traffic.Stages[0].To = 1e9 },
		"longer":      func(c *Config) { c.Traffic.Stages[0].For = 1000 * time.Hour },
		"loopback":    func(c *Config) { c.Traffic.Target = "http://192.0.2.1" },
		"mix":         func(c *Config) { c.Traffic.Mix.Consent = 2 },
		"no format":   func(c *Config) { *c.Traffic.Mix = loadtest.Mix{} },
		"to a factor": func(c *Config) { s := DefaultSteps(); s.Fine = 1; c.Steps = &s },
		"factor":      func(c *Config) { s := DefaultSteps(); s.Factor = 1; c.Steps = &s },
		"steps from":  func(c *Config) { s := DefaultSteps(); s.Most = 1; c.Steps = &s },
		"answered":    func(c *Config) { s := DefaultSteps(); s.Answered = 2; c.Steps = &s },
		"steps of":    func(c *Config) { s := DefaultSteps(); s.Each = 0; c.Steps = &s },
		"three parts": func(c *Config) { c.Overload = &Overload{Saturation: 1, Each: time.Millisecond} },
		"saturation":  func(c *Config) { c.Overload = &Overload{Saturation: 1e6, Each: time.Second} },
		"two runs":    func(c *Config) { s := DefaultSteps(); c.Steps, c.Overload = &s, &Overload{} },
		"Zipf":        func(c *Config) { c.Traffic.Mix.Zipf = 9 },
	} {
		cfg := steady("http://127.0.0.1:1", 10, time.Second)
		change(&cfg)
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Each step has its warm-up, and the report says that it is not of the figures.
func TestWarmUpOfSteps(t *testing.T) {
	url, asked := serve(t, noBid)
	cfg := steady(url, 1, time.Second)
	cfg.Traffic.WarmUp = 200 * time.Millisecond
	cfg.Steps = &Steps{From: 100, Factor: 2, Fine: 2, Most: 200, Each: 200 * time.Millisecond, Answered: .5, P99: time.Minute}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 2 || r.Steps[0].Due > 20 || r.Steps[1].Due > 40 || asked.Load() != 2*r.Steps[0].Answers+2*r.Steps[1].Answers {
		t.Errorf("%d were asked, steps %+v; want as many again in warm-ups", asked.Load(), r.Steps)
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "warm-up     0.2 s before each step, not counted") {
		t.Errorf("%v: %s", err, text.String())
	}
}
