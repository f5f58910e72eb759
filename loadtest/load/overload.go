package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Overload plays more than the bidder keeps up with: half of its saturation
// rate, twice that rate, and half of it again, all in one run.
type Overload struct {
	Saturation float64       // requests per second that it just keeps up with
	Each       time.Duration // how long each of the three parts lasts
}

// Shed is what came of it. An answer without a body (204) counts as shed, as
// does one that too little time was left (nbr 15): the exchanges that Populate
// makes want a body that says why for every request that was looked at.
// Latencies count from the intended send time.
type Shed struct {
	Rate     float64 `json:"rate"`     // twice the saturation, per second; what follows is at that rate
	Due      int64   `json:"due"`      // requests; the sum of the next five
	Accepted int64   `json:"accepted"` // answered within tmax with bids, or the reason why there is none
	Shed     int64   `json:"shed"`     // answered within tmax that it would not, or had no time
	Timeouts int64   `json:"timeouts"` // not answered within tmax, or later
	Unsent   int64   `json:"unsent"`   // too many were under way
	Errors   int64   `json:"errors"`   // refused, reset, other statuses

	AcceptedShare float64 `json:"accepted_share"` // of those due
	ShedShare     float64 `json:"shed_share"`
	AcceptedP50   int64   `json:"accepted_p50_us"`
	AcceptedP99   int64   `json:"accepted_p99_us"`
	ShedP50       int64   `json:"shed_p50_us"`
	ShedP99       int64   `json:"shed_p99_us"`
	// LagP99 is how late the generator itself was: from the time at which a
	// request was to leave until it began to send it.
	LagP99 int64 `json:"generator_lag_p99_us"`

	// At half the saturation, by spans of a quarter second: the median span's
	// 99th percentile before the overload, that of the worst span, the median
	// after it; and what was shed before it.
	CalmRate  float64 `json:"calm_rate"`
	CalmP99   int64   `json:"calm_p99_us"`
	WorstP99  int64   `json:"calm_worst_p99_us"`
	AfterP99  int64   `json:"after_p99_us"`
	CalmShed  int64   `json:"calm_shed"`
	AfterShed int64   `json:"after_shed"` // in the second half of that part

	// From the fall of the rate to the end of the first span that was answered
	// in full and no slower than the worst span before; -1: there was none.
	Recovery float64 `json:"recovery_seconds"`
}

func (o *Overload) validate() error {
	switch {
	case !(o.Saturation > 0 && 2*o.Saturation <= MaxRate):
		return fmt.Errorf("saturation at %v: allowed is above 0, to %v per second", o.Saturation, float64(MaxRate)/2)
	case o.Each < 4*Span || o.Each > 100*Span:
		return fmt.Errorf("an overload of %v, in three parts: allowed is %v to %v", (3 * o.Each).Round(time.Millisecond), 3*4*Span, 3*100*Span)
	}
	return nil
}

// spans is how many spans one part has.
func (o *Overload) spans() int { return int(o.Each / Span) }

// stages are those of the run: spans of calm, one overload, spans of calm.
func (o *Overload) stages() (all []loadtest.Stage) {
	calm := loadtest.Stage{From: o.Saturation / 2, To: o.Saturation / 2, For: Span}
	all = slices.Repeat([]loadtest.Stage{calm}, 2*o.spans()+1)
	all[o.spans()] = loadtest.Stage{From: 2 * o.Saturation, To: 2 * o.Saturation, For: o.Each}
	return all
}

// judge reads the result out of the books of the stages.
func (o *Overload) judge(books []loadtest.StageBooks) (*Shed, error) {
	n := o.spans()
	if len(books) != 2*n+1 || books[n].Due == 0 {
		return nil, errors.New("the overload was not played")
	}
	before, over, after := books[n/4:n], books[n], books[n+1:] // without the time in which connections open
	s := &Shed{
		Rate: 2 * o.Saturation, Due: over.Due, Accepted: over.Full, Shed: shedOf(over), Timeouts: over.Timeouts + over.Late, Unsent: over.Unsent, Errors: over.Errors,
		AcceptedShare: float64(over.Full) / float64(over.Due), ShedShare: float64(shedOf(over)) / float64(over.Due),
		AcceptedP50: over.FullUS.P50, AcceptedP99: over.FullUS.P99, ShedP50: over.ShedUS.P50, ShedP99: over.ShedUS.P99, LagP99: over.LagUS.P99,
		CalmRate: o.Saturation / 2, Recovery: -1,
	}
	s.CalmP99, s.WorstP99, s.CalmShed = spansOf(before)
	s.AfterP99, _, s.AfterShed = spansOf(after[n/2:])
	for i, b := range after {
		if asBefore(b, s.WorstP99) {
			s.Recovery = (time.Duration(i+1) * Span).Seconds()
			break
		}
	}
	return s, nil
}

// shedOf is how many requests were refused fast.
func shedOf(b loadtest.StageBooks) int64 { return b.Empty + b.NoTime }

// tooLate is the lag of the generator from which on it is the generator that
// is overloaded: what its bidder is said to have done was not asked of it.
const tooLate = 10 * time.Millisecond

// GeneratorLimits says whether the generator could not send at the rate.
func (s *Shed) GeneratorLimits() bool { return generatorLimits(s.LagP99) }

func generatorLimits(lagUS int64) bool { return time.Duration(lagUS)*time.Microsecond > tooLate }

// printLimit warns where the generator was too late itself.
func printLimit(w io.Writer, lagUS int64) {
	if generatorLimits(lagUS) {
		fmt.Fprintf(w, "            the generator was the limit: its requests left %s ms late (p99). Give it cores of its own, or play a lower rate\n", ms(lagUS))
	}
}

// spansOf returns the median and the worst 99th percentile, and the sheds.
func spansOf(all []loadtest.StageBooks) (median, worst, shed int64) {
	var p99 []int64
	for _, b := range all {
		p99 = append(p99, b.LatencyUS.P99)
		shed += shedOf(b)
	}
	slices.Sort(p99)
	return p99[len(p99)/2], p99[len(p99)-1], shed
}

func (s *Shed) print(w io.Writer) {
	fmt.Fprintf(w, "overload    at %.0f per second %.1f%% accepted (p50 %s ms, p99 %s), %.1f%% shed (p50 %s ms), %d late, %d unsent, %d errors\n",
		s.Rate, 100*s.AcceptedShare, ms(s.AcceptedP50), ms(s.AcceptedP99), 100*s.ShedShare, ms(s.ShedP50), s.Timeouts, s.Unsent, s.Errors)
	printLimit(w, s.LagP99)
	fmt.Fprintf(w, "at half     p99 %s ms before (at worst %s), %s after; shed %d before, %d after; ", ms(s.CalmP99), ms(s.WorstP99), ms(s.AfterP99), s.CalmShed, s.AfterShed)
	if s.Recovery < 0 {
		fmt.Fprintln(w, "not recovered")
		return
	}
	fmt.Fprintf(w, "recovered after %.2f s\n", s.Recovery)
}

// overload plays it.
func overload(ctx context.Context, cfg Config) (*Report, error) {
	r, begun := newReport(&cfg), time.Now()
	cfg.Traffic.Stages = cfg.Overload.stages()
	books, err := play(ctx, cfg, 0, func(s loadtest.Stats, rate float64) { r.second(s, rate) })
	if books == nil {
		return nil, err
	}
	r.finish(books, begun)
	r.Interrupted = r.Interrupted || err != nil
	if err != nil || r.Interrupted {
		return r, err
	}
	r.Shed, err = cfg.Overload.judge(books.Stages)
	return r, err
}
