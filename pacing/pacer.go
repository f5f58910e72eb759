package pacing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Config is what a Pacer works with. Durations are market time unless they
// say otherwise: where the market clock is scaled, so must they be.
type Config struct {
	Name   string // of the bidder: a second start under it fences the first
	Ledger Ledger
	Clock  clock.Clock
	// LineItems returns the line items that may bid, and a version that
	// changes with them. Archived ones are left out; paused ones and flights
	// that have not begun may stay.
	LineItems func() (version uint64, items []LineItem)

	// Observed returns what came of line items with a CostLimit, as far as that
	// is known now; it does not wait. Nil: nothing is ever known.
	Observed func() []Observed

	Controller        Controller    // default: NewDual
	Holds             HoldsConfig   // what unbilled bids hold
	Memory            Memory        // where what was learned of late bills outlives this start, under the bidder's name; nil: nowhere
	StrictImpressions int           // a budget with fewer bids left holds them in full; default 10
	Interval          time.Duration // real time between ticks; default 1 s
	Lease             time.Duration // how long a grant is good without the next; at most the ledger's. Default 30 s
	Lead              time.Duration // how much spending a slice is for; default 3 s, give about 3 intervals
	// Booked returns up to which market time what bidders received is booked.
	// Holds age up to it and no further: a bill that waits to be booked is no
	// bill that did not come. Nil: booking is always up to date.
	Booked     func(context.Context) (time.Time, error)
	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
}

func (c *Config) setDefaults() error {
	if c.Ledger == nil || c.Clock == nil || c.LineItems == nil || c.Name == "" {
		return errors.New("name, ledger, clock and line items are needed")
	}
	if c.Interval < 0 || c.Lease < 0 || c.Lead < 0 || c.StrictImpressions < 0 {
		return errors.New("interval, lease, lead and strict impressions must not be negative")
	}
	if c.Observed == nil {
		c.Observed = func() []Observed { return nil }
	}
	if c.Controller == nil {
		c.Controller, _ = NewDual(DualConfig{}) // the default cannot fail
	}
	if c.StrictImpressions == 0 {
		c.StrictImpressions = 10
	}
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Lead == 0 {
		c.Lead = 3 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Pacer ties ledger, holds and controller together: every tick it settles
// what was booked, asks the ledger for slices, and publishes multipliers.
type Pacer struct {
	cfg         Config
	incarnation uint64
	holds       *Holds
	collector   *Collector
	multipliers atomic.Pointer[Multipliers]
	metrics     *metrics

	// Of the one goroutine that ticks.
	items    []LineItem
	version  uint64
	started  bool
	cursor   int64
	last     time.Time
	aged     time.Time // holds are as old as they were then
	ticked   time.Time // real: when the last tick began
	woke     bool      // it came far too late
	kept     time.Time // what was learned of late bills was
	turn     int
	budgets  *budgets
	unsynced bool // an error left it open what the ledger did
	accounts []Account
	sums     []Sum
}

// New opens a new incarnation of the bidder. It may not spend until the first
// tick of Run has its answer from the ledger.
func New(ctx context.Context, c Config) (*Pacer, error) {
	if err := c.setDefaults(); err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	holds, err := NewHolds(c.Holds)
	if err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	p := &Pacer{cfg: c, holds: holds, collector: NewCollector(), budgets: newBudgets()}
	if p.metrics, err = newMetrics(c.Registerer, p); err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	if p.incarnation, err = c.Ledger.Open(ctx, c.Name); err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	p.recall(ctx)
	return p, nil
}

// Incarnation returns this start of the bidder: the first half of its bid ids.
func (p *Pacer) Incarnation() uint64 { return p.incarnation }

// Holds returns the memory of what is held.
func (p *Pacer) Holds() *Holds { return p.holds }

// Collector returns where the bid path counts.
func (p *Pacer) Collector() *Collector { return p.collector }

// Load returns the multipliers to bid with now. Before the first tick it is
// nil, which bids values as they are; but nothing can be held then.
func (p *Pacer) Load() *Multipliers { return p.multipliers.Load() }

// Ready says whether money may be spent now: the ledger has answered within
// the lease. Holds.Hold asks the same of every bid.
func (p *Pacer) Ready() bool { return p.holds.Leased(p.cfg.Clock.Now()) }

// Run ticks until ctx ends, then returns to the ledger what is not held and
// closes the incarnation. It returns ErrFenced when the incarnation was
// fenced: the process must stop bidding, and start again if it wants to.
// Other failures of the ledger are tried again at the next tick.
func (p *Pacer) Run(ctx context.Context) error {
	t := time.NewTicker(p.cfg.Interval)
	defer t.Stop()
	failing := false
	for {
		p.wake(time.Now())
		err := p.Step(ctx)
		switch {
		case errors.Is(err, ErrFenced):
			return fmt.Errorf("cannot go on spending: %w", err)
		case ctx.Err() != nil:
			return p.stop(context.WithoutCancel(ctx))
		case err != nil && !failing: // once per outage
			p.cfg.Logger.Warn("the ledger does not answer; bidding stops when the lease ends", "error", err)
		case err == nil && failing:
			p.cfg.Logger.Info("the ledger answers again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return p.stop(context.WithoutCancel(ctx))
		case <-t.C:
		}
	}
}

// stopTimeout bounds, in real time, how long the last words may take.
const stopTimeout = 5 * time.Second

// stop ends spending and gives back what is not held. What is held stays with
// the incarnation: its bids may still be billed.
func (p *Pacer) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	p.holds.Extend(time.Time{})
	if err := p.settle(ctx); err != nil {
		return err
	}
	if err := p.resync(ctx); err != nil { // the end may have cut the last tick off
		return err
	}
	p.accounts = p.holds.Accounts(p.accounts[:0])
	var back []Want
	for _, a := range p.accounts {
		if amount := p.holds.TakeBack(a.NodePeriod, 0); amount > 0 {
			back = append(back, Want{a.NodePeriod, amount})
		}
	}
	if len(back) > 0 {
		if err := p.cfg.Ledger.Return(ctx, p.incarnation, back); err != nil {
			return err
		}
	}
	return p.cfg.Ledger.Close(ctx, p.incarnation)
}

// idsOf returns the ids of line items, for the collector.
func idsOf(items []LineItem) []event.LineItemID {
	ids := make([]event.LineItemID, 0, len(items))
	for i := range items {
		ids = append(ids, items[i].ID)
	}
	return ids
}
