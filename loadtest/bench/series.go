package bench

import (
	"slices"

	"github.com/tangent-dsp/tangent/loadtest"
)

// What a series is of.
const (
	ofEcho    = "echo"
	ofNull    = "null"
	ofBid     = "bid"
	ofNotices = "bid+notices" // auctions are held: wins, bills, pixels and clicks come back
	ofUntold  = "bid-notices" // the same server at the same rate, without auctions
	ofCache   = "bid+cache"   // users who come often are kept near
	ofBeside  = "beside"      // another build
)

// Series is the figures of one server under one load. Times are microseconds;
// CPU and allocations are all of the process, per bid request that was sent.
type Series struct {
	Kind      string  `json:"kind"`
	LineItems int     `json:"line_items,omitempty"`
	Rate      float64 `json:"rate"` // requests per second
	CPU       Spread  `json:"cpu_us"`
	OverNull  Spread  `json:"over_null"` // of CPU, round by round
	OverEcho  Spread  `json:"over_echo"` // of CPU, round by round
	P50       Spread  `json:"p50_us"`
	P99       Spread  `json:"p99_us"`
	P99Over   Spread  `json:"p99_over_null"`
	Allocs    Spread  `json:"allocs_per_request"`
	AllocOver Spread  `json:"allocs_over_null"` // less the null bidder's
	RedisCPU  Spread  `json:"redis_cpu_us"`     // of Redis's process, per request
	Resident  int64   `json:"rss_bytes"`        // after the rounds
	Due       int64   `json:"due"`              // requests of all rounds
	Lost      int64   `json:"lost"`             // of them: not answered within tmax, in full
	BidShare  float64 `json:"bids_per_answer"`
	Notices   float64 `json:"notices_per_request"`
	Wins      float64 `json:"wins_per_request"`
	NearShare float64 `json:"near_reads"` // share of reads of users that the near-cache answered
	// Curve is of the round whose p99 is the median, from the intended send time.
	Curve []loadtest.Quantile `json:"latency_curve"`

	rounds []Measurement
	server *server
	load   []string // of the generator, beside what all get
	pace   float64  // of the rate
}

// sum makes the figures out of the rounds.
func (s *Series) sum(null, echo *Series) {
	cpu := func(m Measurement) float64 { return m.CPU }
	p99 := func(m Measurement) float64 { return m.P99 }
	s.CPU, s.P99 = of(s.rounds, cpu), of(s.rounds, p99)
	s.P50 = of(s.rounds, func(m Measurement) float64 { return m.P50 })
	s.Allocs = of(s.rounds, func(m Measurement) float64 { return m.Allocs })
	s.RedisCPU = of(s.rounds, func(m Measurement) float64 { return m.RedisCPU })
	ratio, difference := func(a, b float64) float64 { return a / max(b, 1e-9) }, func(a, b float64) float64 { return a - b }
	s.OverNull, s.OverEcho, s.P99Over = over(s, null, cpu, ratio), over(s, echo, cpu, ratio), over(s, null, p99, ratio)
	s.AllocOver = over(s, null, func(m Measurement) float64 { return m.Allocs }, difference)
	var requests, answers, bids, notices, wins float64
	for _, m := range s.rounds {
		requests, answers, bids = requests+float64(m.report.Requests), answers+float64(m.report.Answers), bids+float64(m.report.Bids)
		s.Due, s.Lost = s.Due+m.Due, s.Lost+m.Lost
		notices, wins = notices+float64(m.report.Notices.Sent), wins+float64(m.report.Wins)
	}
	s.BidShare, s.Notices, s.Wins = bids/max(1, answers), notices/max(1, requests), wins/max(1, requests)
	s.NearShare = of(s.rounds, func(m Measurement) float64 { return m.Near }).Median
	byP99 := slices.Clone(s.rounds)
	slices.SortFunc(byP99, func(a, b Measurement) int { return int(a.P99 - b.P99) })
	if n := len(byP99); n > 0 {
		s.Curve = byP99[(n-1)/2].report.Curve
	}
}

// of is the spread of a figure of all rounds.
func of(rounds []Measurement, f func(Measurement) float64) Spread {
	values := make([]float64, len(rounds))
	for i, m := range rounds {
		values[i] = f(m)
	}
	return spread(values)
}

// over is the spread of a figure compared with another series's of the same
// round: what a neighbour takes from one it takes from the other.
func over(s, by *Series, f func(Measurement) float64, compare func(a, b float64) float64) Spread {
	var values []float64
	for i := range min(len(s.rounds), len(by.rounds)) {
		values = append(values, compare(f(s.rounds[i]), f(by.rounds[i])))
	}
	return spread(values)
}

// Spread is a median and what it lies between.
type Spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	v := slices.Sorted(slices.Values(values))
	return Spread{(v[(len(v)-1)/2] + v[len(v)/2]) / 2, v[0], v[len(v)-1]}
}
