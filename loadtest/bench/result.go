package bench

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Result is what came out. Times are microseconds. The figures of the top are
// medians, those of bid requests at the table's size; [Series] has how far
// they spread.
type Result struct {
	LineItems int     `json:"line_items"`
	Rate      float64 `json:"rate"`            // requests per second of CPU and latency
	Kept      float64 `json:"saturation_rate"` // the highest that the bidder kept up with

	CPUEcho    float64 `json:"cpu_us_echo"`
	CPUNull    float64 `json:"cpu_us_null"`
	CPUBid     float64 `json:"cpu_us_bid"`
	CPUNotice  float64 `json:"cpu_us_notice"`        // of a win, a bill, a pixel, a click or a loss, until it is booked
	Notice     Spread  `json:"cpu_us_notice_rounds"` // its spread; below 0 is noise
	Ratio      float64 `json:"ratio"`                // of CPU, over the null bidder
	RatioEcho  float64 `json:"ratio_echo"`           // over a bare echo
	RatioCache float64 `json:"ratio_cache_echo"`     // with a warm near-cache, over a bare echo
	// Ratio100k is the CPU per request at 100,000 line items over that at
	// 1,000, round by round; 0: not measured.
	Ratio100k  float64 `json:"ratio_100k_over_1k"`
	Growth     Spread  `json:"growth_100k_over_1k"` // its spread
	P99Null    float64 `json:"p99_us_null"`
	P99Bid     float64 `json:"p99_us_bid"`
	RatioP99   float64 `json:"ratio_p99"`
	AllocsNull float64 `json:"allocs_per_request_null"`
	// Allocs is the bidder process's allocations per request less the null
	// bidder's: HTTP and the Redis client apart.
	Allocs     float64          `json:"allocs_per_request"`
	Resident   int64            `json:"rss_bytes"` // at the most line items
	Violations int64            `json:"violations"`
	Kinds      map[string]int64 `json:"violation_kinds"`
	Shed       *load.Shed       `json:"shed"`                 // at twice the saturation rate
	ShedKept   float64          `json:"shed_saturation_rate"` // 0: none
	ShedApart  bool             `json:"shed_cores_apart"`     // the bidder and Redis had half of a core then, and the generator others
	Disturbed  []Disturbance    `json:"disturbances"`
	Cached     *Cached          `json:"near_cache,omitempty"`
	Soak       *Soak            `json:"soak,omitempty"`

	RedisCPU      float64 `json:"redis_cpu_us"`         // per bid request
	RedisPerUser  float64 `json:"redis_bytes_per_user"` // of those who have segments
	RequestBytes  float64 `json:"request_bytes"`        // with HTTP's headers, TCP's apart
	ResponseBytes float64 `json:"response_bytes"`
	EventBytes    float64 `json:"event_bytes"` // of the log on disk, per notice

	Partial    string     `json:"partial,omitempty"` // it ended before its time: what of it was measured
	Quiet      bool       `json:"quiet"`             // false: others had much of the machine, and the figures are not to be relied on
	Series     []*Series  `json:"series"`
	Conditions Conditions `json:"conditions"`
}

// Conditions is what the figures depend on.
type Conditions struct {
	Begun      time.Time `json:"begun"`
	Seconds    float64   `json:"seconds"` // the whole benchmark
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	System     string    `json:"system"`
	Kernel     string    `json:"kernel"`
	CPU        string    `json:"cpu"`
	CPUs       int       `json:"cpus"`
	GOGC       string    `json:"gogc"`       // of the environment; empty: as tangent chooses
	GOMemLimit string    `json:"gomemlimit"` // of the environment; empty is none
	LoadBegin  string    `json:"load_average_begin"`
	LoadEnd    string    `json:"load_average_end"`
	Others     float64   `json:"others_cpu_share"` // of the machine's CPU during the rounds, taken by what is not the benchmark
	Redis      string    `json:"redis"`
	Rounds     int       `json:"rounds"`
	Each       float64   `json:"seconds_each"`
	WarmUp     float64   `json:"warm_up_seconds"` // before each of them, not counted
	Users      int       `json:"users"`
	NearUsers  int       `json:"near_cache_users"` // who come where a near-cache is measured
	Traffic    string    `json:"traffic"`
	CheckEvery int       `json:"check_every"`
}

// tooBusy is the share of the machine above which others disturb what is
// measured.
const tooBusy = .05

func newResult(cfg *Config) *Result {
	r := &Result{Kinds: map[string]int64{}}
	c := &r.Conditions
	c.CPU, c.Kernel, c.LoadBegin = machine()
	c.Begun, c.Version, c.Go, c.System, c.CPUs = time.Now().UTC(), cfg.Version, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU()
	c.GOGC, c.GOMemLimit = os.Getenv("GOGC"), os.Getenv("GOMEMLIMIT")
	c.Rounds, c.Each, c.WarmUp, c.Users, c.NearUsers, c.CheckEvery = cfg.Rounds, cfg.Each.Seconds(), cfg.warmUp().Seconds(), cfg.Users, min(nearUsers, cfg.Users), checkEvery
	c.Traffic = "the defaults of tangent loadtest run: mixed formats, bids only but where it says notices"
	return r
}

// Failures says which disturbances failed; nil: none.
func (r *Result) Failures() error {
	all := r.Disturbed
	if r.Soak != nil && r.Soak.Failover != nil {
		all = append(all[:len(all):len(all)], r.Soak.Failover.Disturbance)
	}
	var failed []error
	for _, d := range all {
		if d.Failed != "" {
			failed = append(failed, fmt.Errorf("cannot measure how %s: %s", d.What, d.Failed))
		}
	}
	return errors.Join(failed...)
}

// find returns the series of a kind and of a number of line items, 0 for any,
// or one of zeros.
func (r *Result) find(kind string, lineItems int) *Series {
	i := slices.IndexFunc(r.Series, func(s *Series) bool {
		return s.Kind == kind && (lineItems == 0 || s.LineItems == lineItems)
	})
	if i < 0 {
		return &Series{Kind: kind}
	}
	return r.Series[i]
}

// largest returns the bidder with the most line items.
func (r *Result) largest() *Series {
	most := &Series{}
	for _, s := range r.Series {
		if s.Kind == ofBid && s.LineItems >= most.LineItems {
			most = s
		}
	}
	return most
}

// sum makes the figures out of the measurements.
func (r *Result) sum(cfg *Config) {
	echo, null := r.find(ofEcho, 0), r.find(ofNull, 0)
	for _, s := range r.Series {
		s.sum(null, echo)
	}
	r.LineItems = cfg.Sizes[cfg.home()]
	bid, notices := r.find(ofBid, r.LineItems), r.find(ofNotices, 0)
	r.CPUEcho, r.CPUNull, r.CPUBid = echo.CPU.Median, null.CPU.Median, bid.CPU.Median
	r.Ratio, r.RatioEcho, r.RatioP99 = bid.OverNull.Median, bid.OverEcho.Median, bid.P99Over.Median
	r.RatioCache = r.find(ofCache, 0).OverEcho.Median
	r.P99Null, r.P99Bid = null.P99.Median, bid.P99.Median
	r.AllocsNull, r.Allocs = null.Allocs.Median, bid.AllocOver.Median
	r.Growth = over(r.find(ofBid, 100_000), r.find(ofBid, 1_000), func(m Measurement) float64 { return m.CPU }, func(a, b float64) float64 { return a / b })
	r.Ratio100k = r.Growth.Median
	r.Resident = r.largest().Resident
	r.RedisCPU = bid.RedisCPU.Median
	if n := notices.Notices; n > 0 {
		r.Notice = over(notices, r.find(ofUntold, 0), func(m Measurement) float64 { return m.CPU / n }, func(a, b float64) float64 { return a - b })
		r.CPUNotice = r.Notice.Median
	}
	var requests, sent, received float64
	for _, m := range bid.rounds {
		requests += float64(m.report.Requests)
		sent, received = sent+float64(m.report.SentBytes), received+float64(m.report.ReceivedBytes)
	}
	r.RequestBytes, r.ResponseBytes = sent/max(1, requests), received/max(1, requests)
	r.Quiet = r.Conditions.Others <= tooBusy
	c := &r.Conditions
	_, _, c.LoadEnd = machine()
	c.Seconds = time.Since(c.Begun).Seconds()
}
