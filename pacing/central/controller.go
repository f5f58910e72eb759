package central

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing"
)

// Config is what a Controller works with. Durations are market time unless
// they say otherwise.
type Config struct {
	Controller pacing.Controller // steps for all; it is this one's alone
	Bus        Bus
	Clock      clock.Clock
	// LineItems returns the line items that may bid, as [pacing.Config] has it.
	LineItems func() (version uint64, items []pacing.LineItem)
	// Epoch is larger than those of all controllers before this one. It is the
	// high part of the versions of multipliers.
	Epoch    uint64
	Interval time.Duration // real time between ticks; default 1 s
	// Silent is how long a bidder may say nothing before what its open bids may
	// cost begins to fade; default 5 s, give it about 5 intervals.
	Silent     time.Duration
	Registerer prometheus.Registerer // nil: no metrics
}

// Controller steps for all bidders. Only one should: two at a time send the
// bidders two sets of multipliers, of which they take the one with the
// larger epoch.
type Controller struct{ cfg Config }

// New returns a controller that hears bidders from now on. Close it.
func New(c Config) (*Controller, error) {
	if c.Controller == nil || c.Bus == nil || c.Clock == nil || c.LineItems == nil {
		return nil, errors.New("cannot make a central controller: a controller, bus, clock and line items are needed")
	}
	return &Controller{c}, nil
}

// Step is one tick of Run. Simulations that drive the clock themselves call it.
func (c *Controller) Step() error { return fmt.Errorf("cannot step: not built") }

// Run ticks until ctx ends.
func (c *Controller) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Close stops hearing bidders.
func (c *Controller) Close() {}
