package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

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
	// Slack is the market time that an event may take from its receipt into
	// the log, where it does not wait on a bidder's disk. 0: the booker does
	// not say how far it has come, and holds age by the clock.
	Slack time.Duration
	// Arriving returns how many notices are on their way from their receipt to
	// the log, where all that the log gets comes through this process: nothing
	// on its way and nothing to book is certainty, without Slack. nil where
	// others append, too.
	Arriving func() int64
}

// Booker books what the event log delivers. One runs per event log. Because a
// bid books once, it does not matter what is delivered again.
type Booker struct {
	ledger   *Ledger
	source   event.Source
	clock    clock.Clock
	consumer string
	slack    time.Duration
	arriving func() int64
	metrics  bookerMetrics

	mu    sync.Mutex
	said  time.Time // what was last said of how far booking has come
	most  time.Time // what may stand instead, as the answer to a later word was lost
	when  time.Time // real
	moved uint64    // batches that were booked
}

// NewBooker returns a booker that does nothing until Run.
func NewBooker(c BookerConfig) (*Booker, error) {
	if c.Ledger == nil || c.Source == nil || c.Clock == nil {
		return nil, errors.New("cannot make a booker: ledger, source and clock are needed")
	}
	if c.Consumer == "" {
		c.Consumer = Consumer
	}
	b := &Booker{slack: c.Slack, arriving: c.Arriving, ledger: c.Ledger, source: c.Source, clock: c.Clock, consumer: c.Consumer, metrics: newBookerMetrics()}
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
	ctx, cancel := context.WithCancel(ctx)
	var idle sync.WaitGroup
	if b.slack > 0 {
		idle.Go(func() { b.watchIdle(ctx) })
	}
	defer idle.Wait()
	defer cancel()
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
	if b.slack > 0 && len(batch.Events) > 0 {
		b.booked(ctx, batch.Events)
	}
	return nil
}

const (
	// sayEvery is the least real time between two words on progress while
	// events are booked.
	sayEvery = 200 * time.Millisecond
	// idleEvery is the real time between two looks at whether there is nothing
	// to book.
	idleEvery = 500 * time.Millisecond
)

// booked says how far booking has come with these events: the log has those
// of each bidder in about the order of their receipt.
func (b *Booker) booked(ctx context.Context, events []event.Event) {
	first := events[0].ReceivedAt
	for i := range events {
		if at := events[i].ReceivedAt; at.Before(first) {
			first = at
		}
	}
	through := first.Add(-b.slack)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moved++
	if first.Before(b.most) || through.After(b.said) && time.Since(b.when) >= sayEvery {
		b.say(ctx, through)
	}
}

// watchIdle says, while there is nothing to book, that booking is where the
// clock is.
func (b *Booker) watchIdle(ctx context.Context) {
	tick := time.NewTicker(idleEvery)
	defer tick.Stop()
	for {
		b.mu.Lock()
		now, moved := b.clock.Now(), b.moved
		b.mu.Unlock()
		through := now.Add(-b.slack)
		if b.arriving != nil && b.arriving() == 0 { // asked before the log: what arrived is in it
			through = now
		}
		if n, err := b.Pending(ctx); err == nil && n == 0 {
			b.mu.Lock()
			if b.moved == moved && through.After(b.said) {
				b.say(ctx, through)
			}
			b.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// say writes how far booking has come; b.mu is held. If it cannot be written,
// holds keep their age until the next time; and as it may have been written
// all the same, an event that came before it takes it back.
func (b *Booker) say(ctx context.Context, through time.Time) {
	if through.After(b.most) {
		b.most = through
	}
	if b.ledger.SetBooked(ctx, through) == nil {
		b.said, b.most, b.when = through, through, time.Now()
	}
}

// Pending returns how many log messages wait to be booked.
func (b *Booker) Pending(ctx context.Context) (uint64, error) {
	return b.source.Pending(ctx, b.consumer)
}

type bookerMetrics struct {
	booked, duplicates, expired, ignored, orders, clicks prometheus.Counter
	late, unpriced, unrated                              prometheus.Counter
	amount, disputed, overrun                            prometheus.Counter
	failures                                             prometheus.Counter
	events                                               *prometheus.CounterVec
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
		orders:     events.WithLabelValues("order"),
		clicks:     events.WithLabelValues("click"),
		ignored:    events.WithLabelValues("ignored"),
		late:       counter("late_total", "Bookings after their hold's horizon."),
		unpriced:   counter("unpriced_total", "Bookings at the bid price because the notice told none."),
		unrated:    counter("unrated_total", "Bookings at what the bid held because its exchange rates are not in the database."),
		amount:     counter("amount_nanos_total", "Media cost booked, in nanos of the currencies that it was billed in."),
		disputed:   counter("disputed_nanos_total", "What notices said beyond the bid, in nanos of the same."),
		overrun:    counter("overrun_nanos_total", "What was booked beyond a budget, in nanos of advertisers' currencies."),
		failures:   counter("failures_total", "Batches that could not be booked and come again."),
	}
}

func (m *bookerMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.events, m.late, m.unpriced, m.unrated, m.amount, m.disputed, m.overrun, m.failures}
}

func (m *bookerMetrics) count(r Result) {
	m.booked.Add(float64(r.Booked))
	m.duplicates.Add(float64(r.Duplicates))
	m.expired.Add(float64(r.Expired))
	m.ignored.Add(float64(r.Ignored))
	m.orders.Add(float64(r.Orders))
	m.clicks.Add(float64(r.Clicks))
	m.late.Add(float64(r.Late))
	m.unpriced.Add(float64(r.Unpriced))
	m.unrated.Add(float64(r.Unrated))
	m.amount.Add(float64(r.Amount))
	m.disputed.Add(float64(r.Disputed))
	m.overrun.Add(float64(r.Overrun))
}
