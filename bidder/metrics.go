package bidder

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
)

// stage is a part of a request's way whose time is measured.
type stage int

const (
	stageDecode stage = iota
	stageAudience
	stageSelect
	stageEncode
	stageCount
)

var stageNames = [stageCount]string{"decode", "audience", "select", "encode"}

// metrics are the bidder's, with every label bound before traffic meets it: a
// look-up by label value on the way of a request costs more than the bid.
type metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	bids      *prometheus.CounterVec
	dryRun    *prometheus.CounterVec
	shaded    *prometheus.HistogramVec
	noBids    *prometheus.CounterVec
	refusals  *prometheus.CounterVec
	stages    [stageCount]prometheus.Observer
	wait      prometheus.Histogram
	panics    prometheus.Counter
	users     *prometheus.CounterVec
	nobodies  *prometheus.CounterVec
	cuts      *prometheus.CounterVec
	mu        sync.Mutex
	exchanges atomic.Pointer[map[string]*exchangeMetrics]
}

// exchangeMetrics are one exchange's, bound.
type exchangeMetrics struct {
	requests, bids prometheus.Counter
	dryRun         prometheus.Counter
	shaded         prometheus.Observer
	duration       prometheus.Observer
	noBids         []prometheus.Counter // by reason
	refusals       []prometheus.Counter // by reason
	met            [audience.SourceCount][metCount]prometheus.Counter
	nobody         prometheus.Counter
	cut            prometheus.Counter

	throttle throttle // not measured, but kept as long
}

// fromMicro are buckets in seconds, from 10 us to 0.3 s.
var fromMicro = prometheus.ExponentialBuckets(10e-6, 2, 16)

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "tangent", Subsystem: "bidder", Name: name, Help: help}
	}
	m := &metrics{
		requests: prometheus.NewCounterVec(opts("requests_total", "Bid requests received."), []string{"exchange"}),
		bids:     prometheus.NewCounterVec(opts("bids_total", "Bids sent; a request may have several."), []string{"exchange"}),
		dryRun:   prometheus.NewCounterVec(opts("dry_run_bids_total", "Bids that were not sent, since the exchange is set to dry_run."), []string{"exchange"}),
		noBids:   prometheus.NewCounterVec(opts("no_bids_total", "Bid requests answered without a bid, by the reason of the line item or imp that came furthest."), []string{"exchange", "reason"}),
		refusals: prometheus.NewCounterVec(opts("refusals_total", "Imps, line items and creatives refused on the way, by reason."), []string{"exchange", "reason"}),
		users: prometheus.NewCounterVec(opts("users_total", "Bid requests whose user may be known, by where the id that counted stood and what is stored of it: known, new, opted_out, unread (no answer in time, or no leave to read)."),
			[]string{"exchange", "source", "user"}),
		nobodies: prometheus.NewCounterVec(opts("nobody_total", "Bid requests without a usable user id or the permit to use one."), []string{"exchange"}),
		cuts:     prometheus.NewCounterVec(opts("walks_cut_total", "Walks over the catalog that ended for want of time before they came to all line items that could bid."), []string{"exchange"}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "tangent", Subsystem: "bidder", Name: "wait_seconds",
			Help: "Time from a request's arrival at this machine until work on it began; 0 where the kernel does not say.", Buckets: fromMicro}),
		panics: prometheus.NewCounter(opts("panics_total", "Bid requests that met a bug and were answered without a bid.")),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "tangent", Subsystem: "bidder", Name: "request_seconds",
			Help: "Time from a request's arrival to its answer.", Buckets: fromMicro}, []string{"exchange"}),
	}
	m.shaded = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "tangent", Subsystem: "bidder", Name: "shading_factor",
		Help: "First-price bids as a share of what the impression was worth.", Buckets: prometheus.LinearBuckets(0.1, 0.1, 10)}, []string{"exchange"})
	stages := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "tangent", Subsystem: "bidder", Name: "stage_seconds",
		Help: "Time spent per stage of a request.", Buckets: fromMicro}, []string{"stage"})
	for s, name := range stageNames {
		m.stages[s] = stages.WithLabelValues(name)
	}
	m.exchanges.Store(&map[string]*exchangeMetrics{})
	m.of(nil)
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.bids, m.dryRun, m.shaded, m.noBids, m.refusals, m.users, m.nobodies, m.cuts, m.wait, m.panics, m.duration, stages} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("cannot register the bidder's metrics: %w", err)
		}
	}
	return m, nil
}

// unknownExchange is the label of requests to an exchange that is not set up.
const unknownExchange = "unknown"

// of returns an exchange's metrics; nil is one that is not set up. The first
// request of an exchange binds them: exchanges come from our own catalog, so
// there are few.
func (m *metrics) of(ex *catalog.Exchange) *exchangeMetrics {
	name := unknownExchange
	if ex != nil {
		name = ex.Name
	}
	if e, ok := (*m.exchanges.Load())[name]; ok {
		return e
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := *m.exchanges.Load()
	if e, ok := old[name]; ok {
		return e
	}
	e := &exchangeMetrics{
		requests: m.requests.WithLabelValues(name),
		bids:     m.bids.WithLabelValues(name),
		dryRun:   m.dryRun.WithLabelValues(name),
		shaded:   m.shaded.WithLabelValues(name),
		duration: m.duration.WithLabelValues(name),
		noBids:   make([]prometheus.Counter, len(openrtb.Reasons())+1),
		refusals: make([]prometheus.Counter, len(openrtb.Reasons())+1),
	}
	for _, r := range openrtb.Reasons() {
		e.noBids[r] = m.noBids.WithLabelValues(name, r.String())
		e.refusals[r] = m.refusals.WithLabelValues(name, r.String())
	}
	e.nobody = m.nobodies.WithLabelValues(name)
	e.cut = m.cuts.WithLabelValues(name)
	for source := range audience.SourceCount {
		for what, label := range metNames {
			e.met[source][what] = m.users.WithLabelValues(name, source.String(), label)
		}
	}
	next := maps.Clone(old)
	next[name] = e
	m.exchanges.Store(&next)
	return e
}

func (e *exchangeMetrics) observe(why openrtb.Reason, bids int, took time.Duration) {
	e.requests.Inc()
	e.duration.Observe(took.Seconds())
	if why != openrtb.None {
		e.noBids[why].Inc()
		return
	}
	e.bids.Add(float64(bids))
}

// shade notes by how much a bid was shaded.
func (e *exchangeMetrics) shade(c *choice) {
	if c.quote.Arm == landscape.ArmShaded {
		e.shaded.Observe(float64(c.quote.Bid) / float64(c.worth))
	}
}

func (e *exchangeMetrics) refuse(why openrtb.Reason) { e.refusals[why].Inc() }

// lap ends a stage.
func (a *auction) lap(s stage) {
	now := time.Now()
	a.b.metrics.stages[s].Observe(now.Sub(a.lapped).Seconds())
	a.lapped = now
}
