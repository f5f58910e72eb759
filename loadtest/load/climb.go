package load

import (
	"context"
	"math"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// climb looks for saturation. The rate is multiplied by Factor until a step
// fails; then the middle between the last that was kept up with and the first
// that was not is tried, until they are no further apart than Fine. A step that
// fails is tried once more: a neighbour on the machine may have been at fault.
func climb(ctx context.Context, cfg Config, play player) (*Report, error) {
	r, begun := newReport(&cfg), time.Now()
	var best *loadtest.Books
	s := cfg.Steps
	failed := math.Inf(1) // the lowest rate that was not kept up with
	again := false
	for rate := s.From; rate > 0; {
		cfg.Traffic.Stages = []loadtest.Stage{{From: rate, To: rate, For: s.Each}}
		books, err := play(ctx, cfg, len(r.Steps)+1, func(loadtest.Stats, float64) {})
		if books == nil {
			return nil, err
		}
		step := s.judge(rate, books, r.Steps)
		cfg.Traffic.Skip += step.Due
		r.Steps = append(r.Steps, step)
		if usual := r.Steps[0].usual(); usual > 1-s.Answered {
			r.Usual = usual
		}
		r.addFaults(books)
		if step.OK || best == nil {
			best = books
		}
		if err != nil || books.Interrupted || stopped(cfg.Traffic.Stop) {
			r.Interrupted = true
			r.finish(best, begun)
			return r, err
		}
		switch {
		case step.OK:
			r.Saturation, again = rate, false
		case !again:
			again = true
			continue
		default:
			failed, again = rate, false
		}
		rate = s.next(r.Saturation, failed)
	}
	r.AtLeast = r.Saturation > 0 && math.IsInf(failed, 1)
	r.finish(best, begun)
	return r, nil
}

// next is the rate to try when one was kept up with and one was not; 0: the
// search is over.
func (s *Steps) next(kept, failed float64) float64 {
	switch rate := kept * s.Factor; {
	case kept == 0 || kept >= s.Most || failed <= kept*s.Fine:
		return 0
	case failed < math.Inf(1):
		return math.Sqrt(kept * failed)
	default:
		return min(rate, s.Most)
	}
}

// judge says how a step at a rate went, after others.
func (s *Steps) judge(rate float64, b *loadtest.Books, before []Step) Step {
	stage := b.Stages[0]
	step := Step{
		Rate: rate, Due: stage.Due, Answers: b.Answers, Unsent: b.Unsent, Bids: b.Bids, Shed: shedOf(stage), Empty: stage.Empty, Late: stage.Late + stage.Timeouts,
		Latency: b.LatencyUS, Errors: sum(b.HTTPErrors), Violations: sum(b.Violations), Lag: stage.LagUS.P99,
	}
	// A bidder may answer 204 whenever it does not bid. What it refuses for its
	// load is what it refuses more often than at the first step.
	usual := step.usual()
	if len(before) > 0 {
		usual = before[0].usual()
	}
	due, inTime := float64(step.Due), float64(stage.Full+stage.Empty+stage.NoTime)
	switch {
	case b.Interrupted:
		step.Why = "interrupted"
		return step
	case step.Due == 0 || inTime < s.Answered*due:
		step.Why = "not answered in time"
	case b.Bids == 0 && step.Violations == 0: // a bidder that is stopped says no as fast as one likes
		step.Why = noBids
	case step.shed()-usual > 1-s.Answered:
		step.Why = "shed"
	case time.Duration(b.LatencyUS.P99)*time.Microsecond > s.P99:
		step.Why = "p99 above " + s.P99.String()
	default:
		step.OK = true
		return step
	}
	if generatorLimits(step.Lag) {
		step.Why += "; the generator was late itself"
	}
	return step
}

// noBids is why a step fails in which the bidder bought nothing.
const noBids = "no bids"

// shed is the share of the requests that were refused.
func (s *Step) shed() float64 { return float64(s.Shed) / float64(max(1, s.Due)) }

// usual is the share of them that may be the bidder's way to say no.
func (s *Step) usual() float64 { return float64(s.Empty) / float64(max(1, s.Due)) }

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
