package pacing

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
)

// metrics is what operators see of pacing. Its children are bound when the
// catalog changes.
type metrics struct {
	multiplier *prometheus.GaugeVec
	of         map[event.LineItemID]prometheus.Gauge
	failures   prometheus.Counter
	seconds    prometheus.Histogram
	standings  standings
}

func newMetrics(r prometheus.Registerer, p *Pacer) (*metrics, error) {
	m := &metrics{
		multiplier: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: "multiplier",
			Help: "What a line item bids of its value now, within (0, 1]."}, []string{"line_item"}),
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
	for _, c := range []prometheus.Collector{m.multiplier, m.failures, m.seconds, held, behind, ready, risks{p}, &m.standings} {
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

// bind makes a gauge for each line item and drops the others'.
func (m *metrics) bind(items []LineItem) {
	old := m.of
	m.of = make(map[event.LineItemID]prometheus.Gauge, len(items))
	for i := range items {
		id := items[i].ID
		if m.of[id] = old[id]; m.of[id] == nil {
			m.of[id] = m.multiplier.WithLabelValues(strconv.FormatInt(int64(id), 10))
		}
		delete(old, id)
	}
	for id := range old {
		m.multiplier.DeleteLabelValues(strconv.FormatInt(int64(id), 10))
	}
}

func (m *metrics) publish(s *Multipliers) {
	for id, g := range m.of {
		g.Set(s.Of(id))
	}
}

func (m *metrics) tick(took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	if err != nil {
		m.failures.Inc()
	}
}
