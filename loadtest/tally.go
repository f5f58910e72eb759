package loadtest

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/tangent-dsp/tangent/money"
)

// tally is the exchange's books while they are kept. It is safe for
// concurrent use; at the few thousand entries a second that one process plays,
// one lock costs less than anything cleverer.
type tally struct {
	mu            sync.Mutex
	stats         Stats
	exchanges     map[string]*Account
	campaigns     map[string]*Account
	latency       *hdrhistogram.Histogram
	recent        *hdrhistogram.Histogram // the latency since report asked last
	noticeLatency *hdrhistogram.Histogram
	lag           *hdrhistogram.Histogram
	keep          bool    // list sales
	sales         []*sale // in the order of the wins
	stages        []stageTally
}

// maxLatency is the longest latency that is told apart.
const maxLatency = time.Minute

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, maxLatency.Microseconds(), 3)
}

// newTally keeps the books by target, and by stage, too, if there are any
// stages.
func newTally(keepSales bool, stages int, targets ...string) *tally {
	t := &tally{
		stats: Stats{
			NoBids: map[string]int64{}, HTTPErrors: map[string]int64{}, Violations: map[string]int64{},
			Notices: NoticeCounts{Failures: map[string]int64{}},
		},
		exchanges: map[string]*Account{}, campaigns: map[string]*Account{},
		latency: newHistogram(), recent: newHistogram(), noticeLatency: newHistogram(), lag: newHistogram(), keep: keepSales,
		stages: make([]stageTally, stages),
	}
	for _, url := range targets {
		t.stats.Targets = append(t.stats.Targets, TargetCounts{URL: url})
	}
	return t
}

// count changes the counters that concern no money.
func (t *tally) count(change func(s *Stats)) {
	t.mu.Lock()
	change(&t.stats)
	t.mu.Unlock()
}

// took records how long a bid request took since it was due.
func (t *tally) took(d time.Duration) {
	t.mu.Lock()
	record(t.latency, d)
	record(t.recent, d)
	t.mu.Unlock()
}

func record(h *hdrhistogram.Histogram, d time.Duration) {
	us := min(max(d, 0), maxLatency).Microseconds()
	_ = h.RecordValue(us) // within the range by the line above
}

// sale is an imp that we won. What is mutable belongs to the tally's lock.
type sale struct {
	bid, exchange, campaign string
	price                   money.Nanos // at most the bid
	over                    money.Nanos // asked beyond the bid
	at                      time.Time   // market time of the render, if there is one
	promised                time.Time   // real time until which a render is to be told of
	billed, notified        bool
}

// won books a win.
func (t *tally) won(s *sale) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Wins++
	if t.keep {
		t.sales = append(t.sales, s)
	}
	t.each(s, func(a *Account) { a.Wins++ })
}

// happened books what a notice tells of, at the time it is due and whether or
// not it will be sent: a render bills, since it is the exchange's books that
// these are.
func (t *tally) happened(n *notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case n.renders:
		t.stats.Impressions++
		t.stats.BilledUnnotifiedNanos += int64(n.sale.price + n.sale.over)
		n.sale.billed = true
		t.each(n.sale, func(a *Account) {
			a.Impressions++
			a.BilledUnnotifiedNanos += int64(n.sale.price + n.sale.over)
		})
	case n.kind == clickNotice:
		t.stats.Clicks++
		t.each(n.sale, func(a *Account) { a.Clicks++ })
	}
	if n.withheld {
		t.stats.Notices.Withheld++
	}
}

// attempted books the answer to one attempt at a notice. failure is empty
// when the notice was acknowledged.
func (t *tally) attempted(n *notice, took time.Duration, failure string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &t.stats.Notices
	c.Sent++
	switch {
	case n.attempt > 0:
		c.Retried++
	case n.again:
		c.Duplicated++
	}
	if failure != "" {
		c.Failures[failure]++
		return
	}
	record(t.noticeLatency, took)
	c.Acknowledged++
	if !n.renders || n.sale.notified {
		return
	}
	n.sale.notified = true
	t.stats.BilledUnnotifiedNanos -= int64(n.sale.price + n.sale.over)
	t.stats.BilledNotifiedNanos += int64(n.sale.price)
	t.stats.OverchargedNanos += int64(n.sale.over)
	t.each(n.sale, func(a *Account) {
		a.BilledUnnotifiedNanos -= int64(n.sale.price + n.sale.over)
		a.BilledNotifiedNanos += int64(n.sale.price)
		if time.Now().After(n.sale.promised) {
			a.BilledLateNanos += int64(n.sale.price)
		}
	})
}

// each changes the two accounts that a sale is booked on.
func (t *tally) each(s *sale, change func(*Account)) {
	for _, books := range []struct {
		accounts map[string]*Account
		name     string
	}{{t.exchanges, s.exchange}, {t.campaigns, s.campaign}} {
		a := books.accounts[books.name]
		if a == nil {
			a = &Account{}
			books.accounts[books.name] = a
		}
		change(a)
	}
}

// snapshot returns the statistics as they are.
func (t *tally) snapshot() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.NoBids, s.HTTPErrors, s.Violations = maps.Clone(s.NoBids), maps.Clone(s.HTTPErrors), maps.Clone(s.Violations)
	s.Notices.Failures, s.Targets = maps.Clone(s.Notices.Failures), slices.Clone(s.Targets)
	s.LatencyUS, s.RecentLatencyUS, s.NoticeLatencyUS = percentiles(t.latency), percentiles(t.recent), percentiles(t.noticeLatency)
	return s
}

// turn begins a new span of recent latencies.
func (t *tally) turn() {
	t.mu.Lock()
	t.recent.Reset()
	t.mu.Unlock()
}

// curve returns the latencies of all requests, by share.
func (t *tally) curve() (all []Quantile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latency.TotalCount() == 0 {
		return nil
	}
	for _, share := range []float64{.5, .6, .7, .75, .8, .85, .9, .925, .95, .97, .98, .985, .99, .995, .997, .999, .9995, .9997, .9999, 1} {
		all = append(all, Quantile{share, t.latency.ValueAtQuantile(100 * share)})
	}
	return all
}

func (t *tally) lags() Percentiles {
	t.mu.Lock()
	defer t.mu.Unlock()
	return percentiles(t.lag)
}

func percentiles(h *hdrhistogram.Histogram) Percentiles {
	return Percentiles{
		P50: h.ValueAtQuantile(50), P90: h.ValueAtQuantile(90), P99: h.ValueAtQuantile(99),
		P999: h.ValueAtQuantile(99.9), P9999: h.ValueAtQuantile(99.99), Max: h.Max(),
	}
}

// accounts returns copies of both sets of accounts.
func (t *tally) accounts() (exchanges, campaigns map[string]Account) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return values(t.exchanges), values(t.campaigns)
}

func values(accounts map[string]*Account) map[string]Account {
	all := make(map[string]Account, len(accounts))
	for name, a := range accounts {
		all[name] = *a
	}
	return all
}

// listSales returns every imp that was won, if they are kept.
func (t *tally) listSales() []Sale {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Sale, len(t.sales))
	for i, s := range t.sales {
		all[i] = Sale{Bid: s.bid, Exchange: s.exchange, Campaign: s.campaign, Price: s.price, Over: s.over, At: s.at, Billed: s.billed, Notified: s.notified}
	}
	return all
}
