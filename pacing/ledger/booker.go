package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// BookerConfig is what a Booker works with.
type BookerConfig struct {
	Ledger     *Ledger
	Source     event.Source
	Clock      clock.Clock
	Consumer   string                // what Ledger.Consumer returns; default Consumer
	Registerer prometheus.Registerer // nil: no metrics
}

// Booker books what the event log delivers. One runs per event log. Because a
// bid books once, it does not matter what is delivered again.
type Booker struct {
	ledger   *Ledger
	source   event.Source
	clock    clock.Clock
	consumer string
	metrics  bookerMetrics
}

// NewBooker returns a booker that does nothing until Run.
func NewBooker(c BookerConfig) (*Booker, error) {
	if c.Ledger == nil || c.Source == nil || c.Clock == nil {
		return nil, errors.New("cannot make a booker: ledger, source and clock are needed")
	}
	if c.Consumer == "" {
		c.Consumer = Consumer
	}
	b := &Booker{ledger: c.Ledger, source: c.Source, clock: c.Clock, consumer: c.Consumer, metrics: newBookerMetrics()}
	if c.Registerer != nil {
		for _, m := range b.metrics.all() {
			if err := c.Registerer.Register(m); err != nil {
				return nil, fmt.Errorf("cannot register booking metrics: %w", err)
			}
		}
	}
	return b, nil
}

// Run books until ctx ends, then returns nil. A batch that cannot be booked
// is delivered again by the log.
func (b *Booker) Run(ctx context.Context) error {
	if err := b.source.Consume(ctx, b.consumer, b.handle); err != nil {
		return fmt.Errorf("cannot consume events for booking: %w", err)
	}
	return nil
}

func (b *Booker) handle(ctx context.Context, batch event.Batch) error {
	r, err := b.ledger.Book(ctx, batch.Events)
	if err != nil {
		b.metrics.failures.Inc()
		return err
	}
	b.metrics.count(r)
	if n := len(batch.Events); n > 0 {
		b.metrics.lag.Set(max(0, b.clock.Now().Sub(batch.Events[n-1].ReceivedAt)).Seconds())
	}
	return nil
}

// Pending returns how many log messages wait to be booked.
func (b *Booker) Pending(ctx context.Context) (uint64, error) {
	return b.source.Pending(ctx, b.consumer)
}

type bookerMetrics struct {
	booked, duplicates, expired, ignored prometheus.Counter
	late, unpriced                       prometheus.Counter
	amount, disputed, overrun            prometheus.Counter
	failures                             prometheus.Counter
	lag                                  prometheus.Gauge
	events                               *prometheus.CounterVec
}

func newBookerMetrics() bookerMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "booking", Name: name, Help: help})
	}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "booking", Name: "events_total",
		Help: "Events that were handled, by what became of them."}, []string{"outcome"})
	return bookerMetrics{
		events:     events,
		booked:     events.WithLabelValues("booked"),
		duplicates: events.WithLabelValues("duplicate"),
		expired:    events.WithLabelValues("expired"),
		ignored:    events.WithLabelValues("ignored"),
		late:       counter("late_total", "Bookings after their hold's horizon."),
		unpriced:   counter("unpriced_total", "Bookings at the bid price because the notice told none."),
		amount:     counter("amount_nanos_total", "Media cost booked, in nanos of its currency."),
		disputed:   counter("disputed_nanos_total", "What notices said beyond the bid, in nanos."),
		overrun:    counter("overrun_nanos_total", "What was booked beyond a budget, in nanos."),
		failures:   counter("failures_total", "Batches that could not be booked and come again."),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "booking", Name: "lag_seconds",
			Help: "Market time between the receipt of the last event that was handled and now."}),
	}
}

func (m *bookerMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.events, m.late, m.unpriced, m.amount, m.disputed, m.overrun, m.failures, m.lag}
}

func (m *bookerMetrics) count(r Result) {
	m.booked.Add(float64(r.Booked))
	m.duplicates.Add(float64(r.Duplicates))
	m.expired.Add(float64(r.Expired))
	m.ignored.Add(float64(r.Ignored))
	m.late.Add(float64(r.Late))
	m.unpriced.Add(float64(r.Unpriced))
	m.amount.Add(float64(r.Amount))
	m.disputed.Add(float64(r.Disputed))
	m.overrun.Add(float64(r.Overrun))
}
