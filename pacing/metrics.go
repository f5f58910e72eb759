package pacing

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
)

// metrics is what operators see of pacing.
type metrics struct {
	failures  prometheus.Counter
	seconds   prometheus.Histogram
	standings standings
}

func newMetrics(r prometheus.Registerer, p *Pacer) (*metrics, error) {
	m := &metrics{
		failures: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "pacing", Name: "failures_total",
			Help: "Ticks in which the ledger did not answer."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "tangent", Subsystem: "pacing", Name: "tick_seconds",
			Help: "Real time that a tick took.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 7)}),
	}
	if r == nil {
		return m, nil
	}
	held := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: "open_holds",
		Help: "Bids that may still be billed."}, func() float64 { return float64(p.holds.Open()) })
	ready := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: "ready",
		Help: "1 while money may be spent: the ledger answered within the lease."}, func() float64 {
		if p.Ready() {
			return 1
		}
		return 0
	})
	behind := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: "notices_behind_seconds",
		Help: "Market time by which bids are waited for longer, of the exchange whose notices are furthest behind."}, func() float64 { return p.holds.Behind().Seconds() })
	for _, c := range []prometheus.Collector{multipliersShown{p}, m.failures, m.seconds, held, behind, ready, risks{p}, &m.standings} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("cannot register pacing metrics: %w", err)
		}
	}
	return m, nil
}

// risks collects what may still arrive late, when it is asked for.
type risks struct{ p *Pacer }

var (
	lateRisk = prometheus.NewDesc("tangent_pacing_late_risk_nanos",
		"At most this much of a budget may still be billed beyond what is set aside for it.", []string{"budget"}, nil)
	lateRiskSum = prometheus.NewDesc("tangent_pacing_late_risk_sum_nanos",
		"The sum of tangent_pacing_late_risk_nanos: a bid is in the risk of each of its budgets.", nil, nil)
)

func (r risks) Describe(c chan<- *prometheus.Desc) {
	c <- lateRisk
	c <- lateRiskSum
}

func (r risks) Collect(c chan<- prometheus.Metric) {
	sum, of := 0.0, make(map[event.NodeID]float64)
	for _, x := range r.p.Risks(nil) {
		if late := float64(x.Late()); late > 0 {
			of[x.Node] += late
			sum += late
		}
	}
	for n, late := range of {
		c <- prometheus.MustNewConstMetric(lateRisk, prometheus.GaugeValue, late, strconv.FormatInt(int64(n), 10))
	}
	c <- prometheus.MustNewConstMetric(lateRiskSum, prometheus.GaugeValue, sum)
}

// multipliersShown collects the multipliers when they are asked for: those
// below 1, as of 100,000 line items most are not paced, and series cost memory
// and CPU here and where they are kept.
type multipliersShown struct{ p *Pacer }

var multiplierDesc = prometheus.NewDesc("tangent_pacing_multiplier",
	"What a line item bids of its value now, within (0, 1); line items without one bid all of it.", []string{"line_item"}, nil)

func (s multipliersShown) Describe(c chan<- *prometheus.Desc) { c <- multiplierDesc }

func (s multipliersShown) Collect(c chan<- prometheus.Metric) {
	m := s.p.Load()
	if m == nil {
		return
	}
	for id, place := range m.places {
		if v := m.values[place]; v < 1 {
			c <- prometheus.MustNewConstMetric(multiplierDesc, prometheus.GaugeValue, v, strconv.FormatInt(int64(id), 10))
		}
	}
}

func (m *metrics) tick(took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	if err != nil {
		m.failures.Inc()
	}
}
