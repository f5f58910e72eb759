package app

import (
	"context"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
	"github.com/tangent-dsp/tangent/report/plans"
)

// Where bidders share an event log, they share a controller too: the worker
// that leads steps it, and each bidder has one of its own for when that is
// away. A process that has its log for itself is the only bidder.

// Of silence, in ticks: until a bidder paces by itself, and until the
// controller takes a bidder for gone. And over how many ticks traffic is
// counted to know each bidder's part.
const (
	silentTicks = 5
	shareTicks  = 64
)

// newController returns what moves the prices, wherever it does.
func newController() (pacing.Controller, error) { return pacing.NewDual(pacing.DualConfig{}) }

// bidderController returns the controller of this process's bidder.
func (a *App) bidderController(ctx context.Context) (pacing.Controller, error) {
	own, err := a.keptController(ctx, a.cfg.Events != "")
	if err != nil {
		return nil, err
	}
	if a.cfg.Events == "" {
		a.onClose(func() error { own.Close(context.Background()); return nil })
		return own, a.openPlans(own, nil)
	}
	r, err := central.NewRemote(central.RemoteConfig{
		Local: own, Bus: a.events, Registerer: a.metrics,
		Fresh: silentTicks * a.market(a.cfg.Tick), Window: shareTicks * a.market(a.cfg.Tick),
	})
	if err != nil {
		return nil, err
	}
	a.onClose(func() error { r.Close(); return nil })
	return r, a.openPlans(own, r.Alone)
}

// keptController returns a controller that goes on from what was learned
// before this start. One at a time keeps what it learns for the next: the one
// that steps for all.
func (a *App) keptController(ctx context.Context, readOnly bool) (*pacing.Kept, error) {
	c, err := newController()
	if err != nil {
		return nil, err
	}
	return pacing.NewKept(ctx, pacing.KeptConfig{
		Controller: c, Memory: a.ledger, Name: "controller", Clock: a.clock,
		Every: a.market(time.Minute), ReadOnly: readOnly,
		Failed: func(err error) { a.log.Warn("pacing", "error", err) },
	})
}

// pace steps the controller of all bidders while this worker leads. Where it
// cannot, bidders pace by themselves, and it is tried again.
func (a *App) pace(ctx context.Context) error {
	if a.cfg.Events == "" {
		return nil
	}
	for {
		if err := a.stepCentral(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("central pacing", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(workerLeaseTime):
		}
	}
}

func (a *App) stepCentral(ctx context.Context) error {
	epoch, err := a.ledger.Epoch(ctx)
	if err != nil {
		return err
	}
	steps, err := a.keptController(ctx, false)
	if err != nil {
		return err
	}
	c, err := central.New(central.Config{
		Controller: steps, Bus: a.events, Clock: a.clock, LineItems: pacedLineItems(a.catalog), Observed: a.outcomes.load,
		Epoch: epoch, Interval: a.cfg.Tick, Registerer: a.metrics,
		Silent: silentTicks * a.market(a.cfg.Tick), Window: shareTicks * a.market(a.cfg.Tick),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	plans, err := a.plans(plans.Central, steps, nil)
	if err != nil {
		return err
	}
	var writing sync.WaitGroup
	writing.Go(func() { plans.run(ctx, a.log) })
	c.Run(ctx)
	writing.Wait()
	steps.Close(context.WithoutCancel(ctx))
	return nil
}

// sharePrices has bidders tell each other the prices that they met, until ctx
// ends.
func (a *App) sharePrices(ctx context.Context) error {
	if a.cfg.Events == "" {
		return nil
	}
	s, err := central.NewSharing(central.SharingConfig{
		Counter: a.prices, Bus: a.events, Every: silentTicks * a.market(a.cfg.Tick), Registerer: a.metrics,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	tick := time.NewTicker(a.cfg.Tick)
	defer tick.Stop()
	for {
		_ = s.Step(a.clock.Now()) // what cannot be told is lost to the others, and no more
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
