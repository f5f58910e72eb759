package central

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics is what operators see of a controller. They go when it does: another
// process may lead.
type metrics struct {
	alive   prometheus.Gauge
	missed  prometheus.Counter
	refused prometheus.Counter
	unsent  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "pacing", Name: name, Help: help})
	}
	m := &metrics{
		alive: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: "bidders",
			Help: "Bidders that the central controller hears; 0 where this process is not it."}),
		missed:  counter("reports_missed_total", "Ticks of bidders that the central controller did not hear of."),
		refused: counter("reports_refused_total", "Messages to the central controller that are none, or from too many bidders."),
		unsent:  counter("words_unsent_total", "Ticks of the central controller that could not be sent."),
	}
	return m, register(r, m.all())
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.alive, m.missed, m.refused, m.unsent}
}

func register(r prometheus.Registerer, all []prometheus.Collector) error {
	if r == nil {
		return nil
	}
	for i, c := range all {
		if err := r.Register(c); err != nil {
			unregister(r, all[:i])
			return fmt.Errorf("cannot register metrics: %w", err)
		}
	}
	return nil
}

func unregister(r prometheus.Registerer, all []prometheus.Collector) {
	if r == nil {
		return
	}
	for _, c := range all {
		r.Unregister(c)
	}
}

// remoteMetrics is what operators see of a bidder's side.
type remoteMetrics struct {
	age, local, share       prometheus.Gauge
	missed, refused, unsent prometheus.Counter
}

func newRemoteMetrics(r prometheus.Registerer) (*remoteMetrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "pacing", Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "pacing", Name: name, Help: help})
	}
	m := &remoteMetrics{
		age:     gauge("word_age_seconds", "Market time since the bidder heard the central controller; -1 if it never did."),
		local:   gauge("local", "1 while the bidder paces by itself, as it does not hear the central controller."),
		share:   gauge("share", "The part of the traffic that the bidder takes for its own, the mean of its budgets."),
		missed:  counter("words_missed_total", "Ticks of the central controller that the bidder did not hear of."),
		refused: counter("words_refused_total", "Messages to the bidder that are none of the central controller's."),
		unsent:  counter("reports_unsent_total", "Ticks that the bidder could not send to the central controller."),
	}
	return m, register(r, m.all())
}

func (m *remoteMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.age, m.local, m.share, m.missed, m.refused, m.unsent}
}

func (m *remoteMetrics) show(r *Remote, now time.Time) {
	m.age.Set(-1)
	if !r.heard.IsZero() {
		m.age.Set(now.Sub(r.heard).Seconds())
	}
	m.local.Set(0)
	if !r.fresh {
		m.local.Set(1)
	}
	m.share.Set(r.shares.mean())
}
