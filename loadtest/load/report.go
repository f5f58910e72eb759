package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Report is what came out of a run. With steps, the figures of the whole are
// those of the best step, but for violations and errors, which are of all.
type Report struct {
	Target    string    `json:"target"`
	Begun     time.Time `json:"begun"`
	Seconds   float64   `json:"seconds"`
	WarmUp    float64   `json:"warm_up_seconds"` // before it, of each step; not counted
	BidsOnly  bool      `json:"bids_only"`
	CheckOf   int       `json:"check_every"`
	Seed      uint64    `json:"seed"`
	Generator float64   `json:"generator_cpu_seconds"` // of this process

	Recorded int `json:"recorded,omitempty"`         // requests that were read to be sent over and over
	Skipped  int `json:"recorded_skipped,omitempty"` // that are no bid requests

	Requests int64 `json:"requests"` // that left
	Unsent   int64 `json:"unsent"`   // due, but too many were under way; they count as late
	Answers  int64 `json:"answers"`
	Bids     int64 `json:"bids"`
	Wins     int64 `json:"wins"`

	SentBytes     int64 `json:"sent_bytes"`     // of bid requests, with HTTP's headers
	ReceivedBytes int64 `json:"received_bytes"` // of the answers

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
	r := &Report{Target: target, Begun: time.Now().UTC(), WarmUp: t.WarmUp.Seconds(), BidsOnly: t.BidsOnly, CheckOf: max(1, t.CheckEvery), Seed: t.Seed, HTTPErrors: map[string]int64{}, Kinds: map[string]int64{}}
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

// addFaults adds the errors and violations of a step.
func (r *Report) addFaults(b *loadtest.Books) {
	for k, n := range b.HTTPErrors {
		r.HTTPErrors[k] += n
	}
	for k, n := range b.Violations {
		r.Kinds[k] += n
	}
}

func (r *Report) finish(b *loadtest.Books, begun time.Time) {
	r.Seconds, r.Generator = time.Since(begun).Seconds(), b.CPUSeconds
	if len(r.Steps) == 0 {
		r.addFaults(b)
		r.Seconds = b.ElapsedSeconds // without the warm-up
	}
	r.Requests, r.Unsent, r.Answers, r.Bids, r.Wins = b.Requests, b.Unsent, b.Answers, b.Bids, b.Wins
	r.SentBytes, r.ReceivedBytes = b.SentBytes, b.ReceivedBytes
	r.NoBids, r.LatencyUS, r.Curve, r.Notices = b.NoBids, b.LatencyUS, b.Curve, b.Notices
	r.Violations = sum(r.Kinds)
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	var s strings.Builder
	if len(r.Steps) > 0 {
		fmt.Fprintf(&s, "%10s %10s %8s %8s %8s %8s %8s %8s %8s\n", "rate/s", "answered", "p50 ms", "p99 ms", "p99.9", "shed", "late", "errors", "unsent")
		for _, p := range r.Steps {
			fmt.Fprintf(&s, "%10.0f %9.2f%% %8s %8s %8s %8d %8d %8d %8d  %s\n", p.Rate, 100*float64(p.Answers)/float64(max(1, p.Due)),
				ms(p.Latency.P50), ms(p.Latency.P99), ms(p.Latency.P999), p.Shed, p.Late, p.Errors, p.Unsent, p.Why)
		}
		switch {
		case r.AtLeast:
			fmt.Fprintf(&s, "saturation  at least %.0f requests per second, the highest rate that was tried; what follows is at that rate\n", r.Saturation)
		case r.Saturation > 0:
			fmt.Fprintf(&s, "saturation  %.0f requests per second; what follows is at that rate\n", r.Saturation)
		case r.Steps[len(r.Steps)-1].Why == noBids:
			s.WriteString("saturation  unknown: there were no bids\n")
		default:
			s.WriteString("saturation  below the first step\n")
		}
		if r.Usual > 0 {
			fmt.Fprintf(&s, "            %.1f%% of the first step were answered without a body (204), which is taken for this bidder's way to say no.\n            Begin lower if it sheds already\n", 100*r.Usual)
		}
	}
	if d := r.Shed; d != nil {
		d.print(&s)
	}
	if r.WarmUp > 0 {
		each := ""
		if len(r.Steps) > 0 {
			each = " each step"
		}
		fmt.Fprintf(&s, "warm-up     %v s before%s, not counted\n", r.WarmUp, each)
	}
	if r.Recorded > 0 {
		fmt.Fprintf(&s, "recorded    %d requests, sent over and over; %d left out that are no bid requests\n", r.Recorded, r.Skipped)
	}
	fmt.Fprintf(&s, "requests    %d sent, %d answered, %d due but not sent (too many were under way)\n", r.Requests, r.Answers, r.Unsent)
	fmt.Fprintf(&s, "bids        %d", r.Bids)
	if r.Wins > 0 {
		fmt.Fprintf(&s, ", %d won", r.Wins)
	}
	fmt.Fprintf(&s, "\nno bids     %s\nerrors      %s\n", counts(r.NoBids), counts(r.HTTPErrors))
	fmt.Fprintf(&s, "violations  %s", counts(r.Kinds))
	if r.CheckOf > 1 {
		fmt.Fprintf(&s, " (every %dth answer was checked)", r.CheckOf)
	}
	s.WriteString("\nlatency     from the intended send time, ms\n")
	for _, q := range r.Curve {
		fmt.Fprintf(&s, "  %-7s %10s\n", shareText(q.Share), ms(q.US))
	}
	if !r.BidsOnly {
		n := &r.Notices
		fmt.Fprintf(&s, "notices     %d sent, %d acknowledged, %d unanswered, failures %s\n", n.Sent, n.Acknowledged, n.Unanswered, counts(n.Failures))
	}
	fmt.Fprintf(&s, "generator   %.2f s of CPU\n", r.Generator)
	_, err := io.WriteString(w, s.String())
	return err
}

// counts writes a map in the order of its keys.
func counts(m map[string]int64) string {
	if len(m) == 0 {
		return "none"
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

// ms writes microseconds as milliseconds.
func ms(us int64) string { return fmt.Sprintf("%.2f", float64(us)/1000) }

func shareText(share float64) string {
	if share == 1 {
		return "max"
	}
	return "p" + strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*share), "0"), ".")
}
