package app

import (
	"context"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/report/plans"
)

// flushPlans is how often, in ticks, what steps a controller writes how that
// sees line items.
const flushPlans = 5

// plans makes what writes how a controller sees line items, while it steers.
func (a *App) plans(controller string, of *pacing.Kept, steers func() bool) (flusher, error) {
	f, err := plans.NewFlusher(plans.FlusherConfig{
		Rows: plans.NewRows(a.store.DB()), Controller: controller, Catalog: a.catalog.Load, View: of.View, Steers: steers,
		Clock: a.clock, Interval: flushPlans * a.cfg.Tick,
	})
	return flusher{"plans", f}, err
}

// openPlans makes the one of this bidder's own controller.
func (a *App) openPlans(own *pacing.Kept, steers func() bool) error {
	f, err := a.plans(a.cfg.Name, own, steers)
	a.flushers = append(a.flushers, f)
	return err
}

// LineItemPacing tells the API how a line item's money stands beside its plan.
func (d *delivery) LineItemPacing(ctx context.Context, id event.LineItemID) (v1.Pacing, error) {
	r, err := d.plans.Of(ctx, id)
	if err != nil {
		return v1.Pacing{}, err
	}
	out := v1.Pacing{
		LineItemID: id, Name: r.LineItem.Name, Currency: r.Currency, At: r.Now,
		Stopped: r.Stopped, Even: frontierEven(r.Report), CannotBeSpent: frontierLimits(r.Report),
	}
	for _, s := range r.Steps {
		c := v1.PacingController{By: "local", Bidder: s.Controller, SteppedAt: s.At, Multiplier: s.View.Multiplier}
		if s.Controller == plans.Central {
			c.By = "central"
		}
		out.Controllers = append(out.Controllers, c)
	}
	if v := r.View(); v != nil {
		if r.Stopped == "" {
			out.Multiplier = v.Multiplier
		}
		if v.Limit != nil {
			out.Limits = &v1.PacingLimits{Most: v.Limit.Most, Price: v.Limit.Price}
		}
	}
	for i := range r.Budgets {
		out.Budgets = append(out.Budgets, pacingBudget(&r.Budgets[i]))
	}
	return out, nil
}

func pacingBudget(b *plans.Budget) v1.PacingBudget {
	out := v1.PacingBudget{
		Of: b.Of, Pacing: string(b.Pace), Budget: b.Limit, Booked: b.Booked, Outstanding: b.Outstanding, Left: b.Left,
		State: string(b.State), Detail: b.Detail,
	}
	if b.Daily {
		out.Date = b.Period.Date()
	}
	v := b.View
	if v == nil {
		return out
	}
	part := func(of float64) money.Nanos { return money.FromFloat(of * float64(v.Amount)) }
	out.Lambda, out.Spent = v.Lambda, v.Spent
	if v.Spread {
		out.Planned, out.Seen, out.Forecast, out.Calibration = part(v.Planned), v.Seen, v.Left, v.Calibration
	}
	for i := range v.Slots {
		s := &v.Slots[i]
		slot := v1.PacingSlot{From: s.From, To: s.To, Planned: part(s.Planned)}
		if s.Seen {
			slot.Spent = &s.Spent
		}
		out.Slots = append(out.Slots, slot)
	}
	return out
}
