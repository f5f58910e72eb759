package bench

import (
	"os"
	"runtime"
	"slices"
	"time"
)

// Result is what came out. Times are microseconds. The figures of the top are
// those of the table's size.
type Result struct {
	LineItems int     `json:"line_items"`
	CPUEcho   float64 `json:"cpu_us_echo"`
	CPUNull   float64 `json:"cpu_us_null"`
	CPUBid    float64 `json:"cpu_us_bid"`
	Ratio     float64 `json:"ratio"`      // of CPU, over the null bidder
	RatioEcho float64 `json:"ratio_echo"` // over a bare echo
	// Ratio100k is the CPU per request at 100,000 line items over that at
	// 1,000, each over the null bidder's in the same rounds; 0: not measured.
	Ratio100k float64 `json:"ratio_100k_over_1k"`
	P99Null   float64 `json:"p99_us_null"`
	P99Bid    float64 `json:"p99_us_bid"`
	// Allocs is the bidder process's allocations per request less the null
	// bidder's: HTTP and the Redis client apart.
	Allocs     float64          `json:"allocs_per_request"`
	Resident   int64            `json:"rss_bytes"` // at the most line items
	Violations int64            `json:"violations"`
	Kinds      map[string]int64 `json:"violation_kinds"`
	Shed       Shed             `json:"shed"`

	Rate       float64    `json:"rate"` // requests per second of CPU and latency
	Saturation float64    `json:"saturation_rate"`
	Sizes      []Size     `json:"sizes"`
	Conditions Conditions `json:"conditions"`
}

// Size is the figures at one number of line items.
type Size struct {
	LineItems int     `json:"line_items"`
	CPUEcho   Spread  `json:"cpu_us_echo"`
	CPUNull   Spread  `json:"cpu_us_null"`
	CPUBid    Spread  `json:"cpu_us_bid"`
	Ratio     Spread  `json:"ratio"`      // round by round
	RatioEcho Spread  `json:"ratio_echo"` // round by round
	P50Null   Spread  `json:"p50_us_null"`
	P50Bid    Spread  `json:"p50_us_bid"`
	P99Null   Spread  `json:"p99_us_null"`
	P99Bid    Spread  `json:"p99_us_bid"`
	RatioP99  Spread  `json:"ratio_p99"`
	Allocs    Spread  `json:"allocs_per_request"`     // less the null bidder's
	AllAllocs Spread  `json:"allocs_per_request_bid"` // all of the process
	Resident  int64   `json:"rss_bytes"`              // after the rounds
	BidShare  float64 `json:"bids_per_answer"`

	bid, null, echo []Measurement
}

// Shed is what happened at twice the saturation rate.
type Shed struct {
	Rate     float64 `json:"rate"`
	Due      int64   `json:"due"`
	Answers  int64   `json:"answers"`
	Overload int64   `json:"overload"` // answered with a no-bid at once, as the bidder counts them
	Timeouts int64   `json:"timeouts"`
	Unsent   int64   `json:"unsent"` // the generator had too many under way
	P99      float64 `json:"p99_us"`
	P99After float64 `json:"p99_us_after"` // at the usual rate, right after
}

// Conditions is what the figures depend on.
type Conditions struct {
	Begun      time.Time `json:"begun"`
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	System     string    `json:"system"`
	CPU        string    `json:"cpu"`
	CPUs       int       `json:"cpus"`
	GOGC       string    `json:"gogc"`
	GOMemLimit string    `json:"gomemlimit"`
	LoadBegin  string    `json:"load_average_begin"`
	LoadEnd    string    `json:"load_average_end"`
	Redis      string    `json:"redis"`
	Rounds     int       `json:"rounds"`
	Seconds    float64   `json:"seconds_each"`
	Users      int       `json:"users"`
	Traffic    string    `json:"traffic"`
	CheckEvery int       `json:"check_every"`
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

func newResult(cfg *Config) *Result {
	r := &Result{Kinds: map[string]int64{}}
	c := &r.Conditions
	c.CPU, c.LoadBegin = machine()
	c.Begun, c.Version, c.Go, c.System, c.CPUs = time.Now().UTC(), cfg.Version, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU()
	c.GOGC, c.GOMemLimit = os.Getenv("GOGC"), os.Getenv("GOMEMLIMIT")
	c.Rounds, c.Seconds, c.Users, c.CheckEvery = cfg.Rounds, cfg.Each.Seconds(), cfg.Users, checkEvery
	c.Traffic = "the defaults of tangent loadtest run: mixed formats, bids only"
	return r
}

// sum makes the figures out of the measurements.
func (r *Result) sum(cfg *Config) {
	_, r.Conditions.LoadEnd = machine()
	for i := range r.Sizes {
		r.Sizes[i].sum()
	}
	home := &r.Sizes[cfg.home()]
	r.LineItems = home.LineItems
	r.CPUEcho, r.CPUNull, r.CPUBid = home.CPUEcho.Median, home.CPUNull.Median, home.CPUBid.Median
	r.Ratio, r.RatioEcho, r.Allocs = home.Ratio.Median, home.RatioEcho.Median, home.Allocs.Median
	r.P99Null, r.P99Bid = home.P99Null.Median, home.P99Bid.Median
	small, large := 0., 0.
	most := 0
	for _, s := range r.Sizes {
		if s.LineItems >= most {
			most, r.Resident = s.LineItems, s.Resident
		}
		switch s.LineItems {
		case 1_000:
			small = s.Ratio.Median
		case 100_000:
			large = s.Ratio.Median
		}
	}
	if small > 0 {
		r.Ratio100k = large / small
	}
}

func (s *Size) sum() {
	of := func(all []Measurement, f func(Measurement) float64) Spread { return spread(mapped(all, f)) }
	over := func(a, b []Measurement, f func(Measurement) float64) Spread {
		x, y := mapped(a, f), mapped(b, f)
		for i := range x {
			x[i] /= max(y[i], 1e-9)
		}
		return spread(x)
	}
	cpu := func(m Measurement) float64 { return m.CPU }
	p50, p99 := func(m Measurement) float64 { return m.P50 }, func(m Measurement) float64 { return m.P99 }
	s.CPUEcho, s.CPUNull, s.CPUBid = of(s.echo, cpu), of(s.null, cpu), of(s.bid, cpu)
	s.Ratio, s.RatioEcho, s.RatioP99 = over(s.bid, s.null, cpu), over(s.bid, s.echo, cpu), over(s.bid, s.null, p99)
	s.P50Null, s.P50Bid, s.P99Null, s.P99Bid = of(s.null, p50), of(s.bid, p50), of(s.null, p99), of(s.bid, p99)
	s.AllAllocs = of(s.bid, func(m Measurement) float64 { return m.Allocs })
	own := mapped(s.bid, func(m Measurement) float64 { return m.Allocs })
	for i := range own {
		own[i] -= s.null[i].Allocs
	}
	s.Allocs = spread(own)
	if n := len(s.bid); n > 0 {
		s.BidShare = float64(s.bid[n-1].report.Bids) / float64(max(1, s.bid[n-1].report.Answers))
	}
}

func mapped(all []Measurement, f func(Measurement) float64) []float64 {
	out := make([]float64, len(all))
	for i, m := range all {
		out[i] = f(m)
	}
	return out
}
