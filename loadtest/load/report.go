package load

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Report is what came out of a run. With steps, the figures of the whole are
// those of the best step, but for violations and errors, which are of all.
type Report struct {
	Target  string    `json:"target"`
	Begun   time.Time `json:"begun"`
	Seconds float64   `json:"seconds"`
	// Interrupted says that the run was ended before it was over: all figures
	// are of what was played until then.
	Interrupted bool       `json:"interrupted"`
	Asked       Conditions `json:"conditions"`

	WarmUp    float64 `json:"warm_up_seconds"` // before it, of each step; not counted
	BidsOnly  bool    `json:"bids_only"`
	CheckOf   int     `json:"check_every"`
	Seed      uint64  `json:"seed"`
	Generator float64 `json:"generator_cpu_seconds"` // of this process
	LagP99    int64   `json:"generator_lag_p99_us"`  // how late requests left: its own part of the latency

	Recorded int `json:"recorded,omitempty"`         // requests that were read to be sent over and over
	Skipped  int `json:"recorded_skipped,omitempty"` // that are no bid requests

	Requests int64 `json:"requests"` // that left
	Unsent   int64 `json:"unsent"`   // due, but too many were under way; they count as late
	Answers  int64 `json:"answers"`
	Late     int64 `json:"late"` // of these, more than tmax after they were due
	Bids     int64 `json:"bids"`
	Wins     int64 `json:"wins"`

	SentBytes     int64 `json:"sent_bytes"`     // of bid requests, with HTTP's headers
	ReceivedBytes int64 `json:"received_bytes"` // of the answers

	// Targets is what became of requests at each of several bidders; of steps
	// that of all.
	Targets []loadtest.TargetCounts `json:"targets,omitempty"`

	NoBids     map[string]int64 `json:"no_bids"`
	HTTPErrors map[string]int64 `json:"http_errors"`
	Violations int64            `json:"violations"`
	Kinds      map[string]int64 `json:"violation_kinds"`

	LatencyUS loadtest.Percentiles  `json:"latency_us"` // from the intended send time
	Curve     []loadtest.Quantile   `json:"latency_curve"`
	Notices   loadtest.NoticeCounts `json:"notices"`

	Timeline   []Second `json:"timeline,omitempty"`
	Steps      []Step   `json:"steps,omitempty"`
	Saturation float64  `json:"saturation_rate,omitempty"`     // the highest rate that was kept up with; 0: not looked for, or none
	AtLeast    bool     `json:"saturation_at_least,omitempty"` // no rate failed: saturation is there or beyond
	Usual      float64  `json:"usual_shed_share,omitempty"`    // of the first step, answered 204: more than a step may shed, and taken for the bidder's way to say no
	Shed       *Shed    `json:"shed,omitempty"`                // with Overload; all other figures are of the whole run

	Spans []loadtest.StageBooks `json:"spans,omitempty"` // with Spans: each quarter second

	played  time.Duration
	spans   int    // of the timeline, since its last one
	each    int    // of how many one stays
	slowest Second // of those
	last    float64
}

// Second is a span of the run, half as long as its name. Of runs above half an
// hour there is one of two, of four and so on: that with the highest p99.
type Second struct {
	At       float64              `json:"at"`      // seconds since the beginning
	Rate     float64              `json:"rate"`    // asked, per second
	Answered float64              `json:"answers"` // per second
	Latency  loadtest.Percentiles `json:"latency_us"`
}

// Step is one rate of a search for saturation.
type Step struct {
	Rate       float64              `json:"rate"`
	Due        int64                `json:"due"`
	Answers    int64                `json:"answers"`
	Unsent     int64                `json:"unsent"`
	Shed       int64                `json:"shed"`  // answered 204, or that too little time was left
	Empty      int64                `json:"empty"` // of these, answered 204
	Late       int64                `json:"late"`  // not answered within tmax, or later
	Lag        int64                `json:"generator_lag_p99_us"`
	Bids       int64                `json:"bids"`
	Errors     int64                `json:"errors"`
	Violations int64                `json:"violations"`
	Latency    loadtest.Percentiles `json:"latency_us"`
	OK         bool                 `json:"ok"`
	Why        string               `json:"why,omitempty"` // it is not
}

func newReport(cfg *Config) *Report {
	t := &cfg.Traffic
	target := t.Target
	if len(t.Targets) > 0 {
		target = strings.Join(t.Targets, ",")
	}
	r := &Report{Target: target, Asked: conditions(cfg), Begun: time.Now().UTC(), WarmUp: t.WarmUp.Seconds(), BidsOnly: t.BidsOnly, CheckOf: max(1, t.CheckEvery), Seed: t.Seed, HTTPErrors: map[string]int64{}, Kinds: map[string]int64{}}
	if t.Recorded != nil {
		r.Recorded, r.Skipped = t.Recorded.Len(), t.Recorded.Skipped
	}
	return r
}

// maxTimeline bounds the list of seconds: a longer run thins it out.
const maxTimeline = 3600

// second adds a span of the run. Of as many as the length of the run makes
// needful the slowest stays.
func (r *Report) second(s loadtest.Stats, rate float64) {
	took := s.ElapsedSeconds - r.last
	if took < .45 {
		return // the last report, which comes when it is over
	}
	p := Second{s.ElapsedSeconds, rate, float64(s.Answers-r.Answers) / took, s.RecentLatencyUS}
	r.Answers, r.last = s.Answers, s.ElapsedSeconds
	if r.spans == 0 || p.Latency.P99 > r.slowest.Latency.P99 {
		r.slowest = p
	}
	if r.spans++; r.spans < r.each {
		return
	}
	r.spans = 0
	if r.Timeline = append(r.Timeline, r.slowest); len(r.Timeline) < maxTimeline {
		return
	}
	for i := range maxTimeline / 2 {
		r.Timeline[i] = slices.MaxFunc(r.Timeline[2*i:2*i+2], func(a, b Second) int { return cmp.Compare(a.Latency.P99, b.Latency.P99) })
	}
	r.Timeline, r.each = r.Timeline[:maxTimeline/2], max(1, r.each)*2
}

// addFaults adds the errors and violations of a step, and what became of its
// requests by target.
func (r *Report) addFaults(b *loadtest.Books) {
	for k, n := range b.HTTPErrors {
		r.HTTPErrors[k] += n
	}
	for k, n := range b.Violations {
		r.Kinds[k] += n
	}
	if len(b.Targets) < 2 {
		return
	}
	if r.Targets == nil {
		r.Targets = b.Targets
		return
	}
	for i, t := range b.Targets {
		to := &r.Targets[i]
		to.Answers, to.Errors, to.Refused = to.Answers+t.Answers, to.Errors+t.Errors, to.Refused+t.Refused
	}
}

// Dead are the bidders, of several, of which nothing was answered.
func (r *Report) Dead() (all []loadtest.TargetCounts) {
	for _, t := range r.Targets {
		if t.Answers == 0 && t.Errors+t.Refused > 0 {
			all = append(all, t)
		}
	}
	return all
}

func (r *Report) finish(b *loadtest.Books, begun time.Time) {
	r.Seconds, r.Generator = time.Since(begun).Seconds(), b.CPUSeconds
	if len(r.Steps) == 0 {
		r.addFaults(b)
		r.Seconds = b.ElapsedSeconds // without the warm-up
	}
	r.Requests, r.Unsent, r.Answers, r.Late, r.Bids, r.Wins = b.Requests, b.Unsent, b.Answers, b.Late, b.Bids, b.Wins
	r.LagP99, r.played = b.LagUS.P99, b.Played
	r.Interrupted = r.Interrupted || b.Interrupted
	r.SentBytes, r.ReceivedBytes = b.SentBytes, b.ReceivedBytes
	r.NoBids, r.LatencyUS, r.Curve, r.Notices = b.NoBids, b.LatencyUS, b.Curve, b.Notices
	r.Violations = sum(r.Kinds)
}
