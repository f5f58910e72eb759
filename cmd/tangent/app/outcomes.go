package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// observeEvery is how often, in real time, the ledger is asked what came of
// line items with limits: outcomes are few, and take long to come.
const observeEvery = 5 * time.Second

// outcomes follows what came of line items with limits on what outcomes cost.
type outcomes struct {
	last atomic.Pointer[[]pacing.Observed]
}

// load returns what was read last, without waiting.
func (o *outcomes) load() []pacing.Observed {
	if all := o.last.Load(); all != nil {
		return *all
	}
	return nil
}

// watchOutcomes reads until ctx ends. What was read stays while the ledger does
// not answer.
func (a *App) watchOutcomes(ctx context.Context) {
	tick := time.NewTicker(min(observeEvery, 5*a.cfg.Tick))
	defer tick.Stop()
	for {
		if err := a.readOutcomes(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("outcomes of line items", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) readOutcomes(ctx context.Context) error {
	snap := a.catalog.Load()
	var limited []event.LineItemID
	for li := range snap.LineItems() {
		if li.CostLimit > 0 && !li.Paused() {
			limited = append(limited, li.ID)
		}
	}
	if len(limited) == 0 {
		a.outcomes.last.Store(nil)
		return nil
	}
	rows, err := a.ledger.Outcomes(ctx, limited)
	if err != nil {
		return err
	}
	all := make([]pacing.Observed, 0, len(rows))
	for _, r := range rows {
		if li, ok := snap.LineItem(r.LineItem); ok {
			all = append(all, observed(li, r))
		}
	}
	a.outcomes.last.Store(&all)
	return nil
}

// observed puts what came of a line item in the terms of its CostLimit.
func observed(li *catalog.LineItem, r ledger.Outcomes) pacing.Observed {
	allowed := li.Allowed(float64(r.Clicks), float64(r.Orders), float64(r.OrderValue))
	o := pacing.Observed{LineItem: li.ID, Spent: r.Spent, Outcomes: allowed / li.CostLimit}
	if li.Allowed(1, 0, 0) == 0 { // by orders, not by clicks
		arrived := r.Arrivals.Arrived()
		o.Arrived = &arrived
	}
	return o
}
