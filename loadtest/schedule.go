package loadtest

import (
	"math/rand/v2"
	"time"

	"github.com/tangent-dsp/tangent/clock"
)

// schedule says when requests are due. It knows nothing of answers: that is
// what makes the load open-loop.
type schedule struct {
	rng   *rand.Rand
	clock *clock.Market
	start time.Time
	rate  float64 // per real second, averaged over a market day
	even  bool
	plan  []Stage       // instead of rate and the hours
	at    time.Duration // since start
}

func newSchedule(cfg *ExchangeConfig) *schedule {
	return &schedule{
		rng: draws(cfg.Seed, 0, forArrival), clock: cfg.Clock,
		start: cfg.Start, rate: cfg.Rate, even: cfg.Even, plan: cfg.Stages,
	}
}

// next returns when the next request is due, in real time since the start.
// The gaps follow the traffic of the hour at the last request, or the stages.
func (s *schedule) next() time.Duration {
	gap := 1.0
	if !s.even {
		gap = s.rng.ExpFloat64()
	}
	if s.plan != nil {
		s.at = after(s.plan, s.at, gap)
		return s.at
	}
	rate := s.rate * traffic(s.clock.At(s.start.Add(s.at)))
	s.at += time.Duration(gap / rate * float64(time.Second))
	return s.at
}

// trafficByHour is how busy each hour of the day begins, in UTC, relative to
// the others: quiet before dawn, busiest in the evening.
var trafficByHour = [24]float64{
	.55, .42, .35, .32, .35, .48, .70, .92, 1.05, 1.12, 1.17, 1.20,
	1.22, 1.20, 1.18, 1.20, 1.24, 1.30, 1.38, 1.48, 1.55, 1.45, 1.15, .80,
}

// traffic returns the traffic at t relative to the day's mean, which is 1.
func traffic(t time.Time) float64 {
	total := 0.0
	for _, w := range trafficByHour {
		total += w
	}
	hour := t.Hour()
	into := (float64(t.Minute()) + float64(t.Second())/60) / 60
	now := trafficByHour[hour]*(1-into) + trafficByHour[(hour+1)%24]*into
	return now * 24 / total
}
