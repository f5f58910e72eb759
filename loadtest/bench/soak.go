package bench

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Soak is how a bidder fares that plays for long. It is flat if the last third
// is what the first was. One that was ended is as far as it came.
type Soak struct {
	Planned    float64     `json:"planned_seconds"` // without warm-ups and the failover
	Seconds    float64     `json:"seconds"`         // that it took
	Rate       float64     `json:"rate"`
	Resident   [2]Spread   `json:"rss_bytes"` // of the first third and of the last
	P99        [2]Spread   `json:"p99_us"`
	CPU        [2]Spread   `json:"cpu_us"`
	Requests   int64       `json:"requests"`
	Unanswered int64       `json:"unanswered"` // of those due: not within tmax, not sent, or an error
	Errors     int64       `json:"errors"`     // refused, reset, other statuses
	Violations int64       `json:"violations"`
	Points     []SoakPoint `json:"points"`
	Cluster    bool        `json:"redis_cluster"` // so that one can fail over: redis-server is installed
	Failover   *Failover   `json:"failover"`      // in the middle; its part is none of the points
	// Ended is how far one came that has an end before its time.
	Ended string `json:"ended,omitempty"`
}

// SoakPoint is a part of it.
type SoakPoint struct {
	At       float64 `json:"at"` // seconds since the beginning, at the part's end
	CPU      float64 `json:"cpu_us"`
	P99      float64 `json:"p99_us"`
	Resident int64   `json:"rss_bytes"`
}

// soakParts is how often a soak is looked at.
const soakParts = 30

// soak plays the usual rate on and on. Half-way Redis fails over.
func (b *bench) soak(ctx context.Context) (err error) {
	each := b.cfg.Soak / soakParts
	if each < time.Second {
		each = b.cfg.Soak / 3
	}
	b.say("a soak of %v", b.cfg.Soak)
	s, cluster, err := b.soaker(ctx)
	if err != nil {
		return err
	}
	if cluster != nil {
		defer cluster.Close()
	}
	out := &Soak{Rate: b.result.Rate, Planned: b.cfg.Soak.Seconds(), Cluster: cluster != nil}
	b.result.Soak = out
	begun := time.Now()
	broken := b.result.Violations
	var done time.Duration
	over := "before Redis was to fail over"
	defer func() {
		out.Seconds, out.Violations = time.Since(begun).Seconds(), b.result.Violations-broken
		out.sum()
		if err != nil {
			out.end(done, over)
		}
	}()
	for done < b.cfg.Soak {
		if cluster != nil && done+each > b.cfg.Soak/2 && out.Failover == nil {
			over = "while Redis failed over"
			if err := b.failover(ctx, s, cluster, min(max(each, min(failoverLooks, 2*b.cfg.Soak)), time.Minute)); err != nil {
				return err
			}
			over = "after Redis had failed over"
			continue
		}
		m, err := b.measure(ctx, s, b.result.Rate, each, b.fresh(each)...)
		if err != nil {
			return err
		}
		rss, err := residentOf(s.cmd.Process.Pid)
		if err != nil {
			return err
		}
		out.count(m.report)
		out.Points = append(out.Points, SoakPoint{time.Since(begun).Seconds(), m.CPU, m.P99, rss})
		done += each
		b.did()
	}
	return nil
}

// end says that a soak ended before its time: when so much of it was played.
func (s *Soak) end(done time.Duration, over string) {
	s.Ended = "after " + lasting(done.Seconds())
	if s.Cluster {
		s.Ended += ", " + over
	}
}

func (s *Soak) count(r *load.Report) {
	s.Requests += r.Requests
	s.Unanswered += r.Unsent + r.Requests - r.Answers
	for kind, n := range r.HTTPErrors {
		if kind != "timeout" {
			s.Errors += n
		}
	}
}

func (s *Soak) sum() {
	third := len(s.Points) / 3
	if third == 0 {
		return
	}
	for i, part := range [2][]SoakPoint{s.Points[:third], s.Points[len(s.Points)-third:]} {
		var rss, p99, cpu []float64
		for _, p := range part {
			rss, p99, cpu = append(rss, float64(p.Resident)), append(p99, p.P99), append(cpu, p.CPU)
		}
		s.Resident[i], s.P99[i], s.CPU[i] = spread(rss), spread(p99), spread(cpu)
	}
}
