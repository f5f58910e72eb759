package loadtest

import (
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Stats is what the exchange has seen so far. Amounts are whole nanos of the
// currency unit; JSON carries them as decimal strings of that count.
type Stats struct {
	MarketTime     time.Time `json:"market_time"`
	ElapsedSeconds float64   `json:"elapsed_seconds"` // real time since the schedule began
	CPUSeconds     float64   `json:"cpu_seconds"`     // of this process, over the same time

	Requests    int64 `json:"requests"`    // bid requests sent
	Unsent      int64 `json:"unsent"`      // due, but too many were under way
	Answers     int64 `json:"answers"`     // bid requests that were answered with a bid or none
	Late        int64 `json:"late"`        // of these, more than tmax after they were due
	Bids        int64 `json:"bids"`        // bids that passed the checks
	Unchecked   int64 `json:"unchecked"`   // of them, those that were not looked at (CheckEvery)
	Wins        int64 `json:"wins"`        // imps
	Losses      int64 `json:"losses"`      // bids that passed and were outbid
	Impressions int64 `json:"impressions"` // renders, whether or not we were told
	Clicks      int64 `json:"clicks"`

	SentBytes     int64 `json:"sent_bytes"`     // of bid requests, with HTTP's headers
	ReceivedBytes int64 `json:"received_bytes"` // of the answers

	NoBids     map[string]int64 `json:"no_bids"`     // by "204" or "nbr_N"
	HTTPErrors map[string]int64 `json:"http_errors"` // by "status_N", "timeout", "refused", "reset", "broken"
	Violations map[string]int64 `json:"violations"`  // bids and responses that an exchange refuses, by kind

	Targets []TargetCounts `json:"targets"` // what became of bid requests at each bidder

	LatencyUS       Percentiles  `json:"latency_us"`        // of bid requests but errors, from the time they were due; tmax at least where there was no answer
	RecentLatencyUS Percentiles  `json:"recent_latency_us"` // of those since the last call of Progress
	NoticeLatencyUS Percentiles  `json:"notice_latency_us"` // of notices that were answered, from each attempt's start
	Notices         NoticeCounts `json:"notices"`

	BilledNotifiedNanos   int64 `json:"exchange_billed_notified_nanos,string"` // up to the bids
	BilledUnnotifiedNanos int64 `json:"exchange_billed_unnotified_nanos,string"`
	OverchargedNanos      int64 `json:"exchange_overcharged_nanos,string"` // billed and notified, beyond the bids
}

// TargetCounts is what became of bid requests at one of the bidders. One that
// refuses to connect is passed over, and the next is asked.
type TargetCounts struct {
	URL     string `json:"url"`
	Answers int64  `json:"answers"` // a bid or none
	Errors  int64  `json:"errors"`  // timeouts, resets, other statuses
	Refused int64  `json:"refused"` // connections
}

// Percentiles are latencies in microseconds.
type Percentiles struct {
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	P999  int64 `json:"p999"`
	P9999 int64 `json:"p9999"`
	Max   int64 `json:"max"`
}

// Quantile is a point of a latency curve: the share of requests, within
// (0, 1], that took at most so many microseconds.
type Quantile struct {
	Share float64 `json:"share"`
	US    int64   `json:"us"`
}

// NoticeCounts counts what became of the notices: pixels and clicks are
// notices here too.
type NoticeCounts struct {
	Sent         int64            `json:"sent"`         // attempts
	Acknowledged int64            `json:"acknowledged"` // answered as wanted: 200, or a click's redirect
	Retried      int64            `json:"retried"`      // attempts after a first that was not
	Duplicated   int64            `json:"duplicated"`   // sent again on purpose after they were answered
	Withheld     int64            `json:"withheld"`     // never sent, on purpose
	Outstanding  int64            `json:"outstanding"`  // due later, or waiting for a retry
	Unanswered   int64            `json:"unanswered"`   // given up when the grace was over
	Failures     map[string]int64 `json:"failures"`     // attempts that failed, as HTTPErrors has them
}

// Books is the exchange's account of the whole run.
type Books struct {
	Stats
	Exchanges map[string]Account `json:"exchanges"` // by name
	Campaigns map[string]Account `json:"campaigns"` // by the bids' cid
	Sales     []Sale             `json:"-"`         // with KeepSales
	// Curve is the latency of bid requests, from the median on, closer
	// together the rarer it is.
	Curve []Quantile `json:"latency_curve"`
	// LagUS is how late the requests left: this process's own part of the latency.
	LagUS Percentiles `json:"lag_us"`
	// Played is for how long requests were sent; Interrupted that Stop or the
	// context ended that, and neither the duration nor the number of requests.
	Played      time.Duration `json:"-"`
	Interrupted bool          `json:"-"`
	// Stages is what became of each of the config's Stages.
	Stages []StageBooks `json:"stages,omitempty"`
}

// Sale is one imp that we won, as the exchange's books end.
type Sale struct {
	Bid, Exchange, Campaign string      // the bid's id, the exchange's name, the bid's cid
	Price                   money.Nanos // at most the bid
	Over                    money.Nanos // billed beyond the bid
	At                      time.Time   // market time of the render, if it is planned
	Billed                  bool        // it was rendered, so it is billed
	Notified                bool        // and a notice that says so was answered 200
}

// Account is one party's part of the books.
type Account struct {
	Wins                  int64 `json:"wins"`
	Impressions           int64 `json:"impressions"`
	Clicks                int64 `json:"clicks"`
	BilledNotifiedNanos   int64 `json:"billed_notified_nanos,string"`   // the notice was answered 200
	BilledUnnotifiedNanos int64 `json:"billed_unnotified_nanos,string"` // it was not, or never sent
	// BilledLateNanos is what of the notified came later than promised: the
	// machine, or the bidder, could not keep up.
	BilledLateNanos int64 `json:"billed_late_nanos,string"`
}
