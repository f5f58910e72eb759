package app

import (
	"context"
	"math"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/report/frontiers"
)

// flushOpportunities is how often, in ticks, a bidder writes samples of what
// line items met.
const flushOpportunities = 10

// openFrontiers makes what writes samples of line items' opportunities.
func (a *App) openFrontiers() error {
	f, err := frontiers.NewFlusher(frontiers.FlusherConfig{
		Rows: frontiers.NewRows(a.store.DB()), Incarnation: a.pacer.Incarnation(), Samples: a.samples, Catalog: a.catalog.Load,
		Multipliers: a.pacer.Load, Landscape: a.prices.Load, Clock: a.clock, Interval: flushOpportunities * a.cfg.Tick,
	})
	a.flushers = append(a.flushers, flusher{"samples of opportunities", f})
	return err
}

// LineItemFrontier tells the API what a line item's budget buys.
func (d *delivery) LineItemFrontier(ctx context.Context, id event.LineItemID) (v1.Frontier, error) {
	r, err := d.frontiers.Of(ctx, id)
	if err != nil {
		return v1.Frontier{}, err
	}
	out := v1.Frontier{
		LineItemID: id, Name: r.LineItem.Name, Currency: r.Currency, At: r.Now, Since: r.Now, Outcome: outcomeName(r.LineItem.Goal.Outcome()),
		BudgetOf: r.Budget.Of,
	}
	if !math.IsInf(r.Budget.PerDay, 1) {
		out.Budget = money.FromFloat(r.Budget.PerDay)
	}
	out.Limits = frontierLimits(r)
	if r.Frontier == nil {
		return out, nil
	}
	f, m := r.Frontier, r.Market
	scale := outcomeScale(r)
	point := func(p frontier.Point) v1.FrontierPoint { return frontierPoint(p, scale) }
	out.At, out.Since, out.Samples, out.Priced, out.Opportunities = m.At, m.Since, m.Samples, m.Priced, m.Met
	out.W, out.StandardError, out.Lambda, out.Now = point(f.W), finite(f.Error), f.Lambda, point(f.Now)
	if slope := f.Curve.Slope(f.W.Spend * (1 + 1e-9)); slope > 0 && f.W.Outcomes > 0 {
		out.NextOutcome = money.FromFloat(f.W.Value / (f.W.Outcomes * scale) / slope)
	}
	out.Delivered = v1.FrontierDelivered{Impressions: m.Delivered.Impressions, Spend: m.Delivered.Spend, OfOptimum: f.Got}
	for _, p := range f.Curve.Points {
		out.Curve = append(out.Curve, point(p))
	}
	for _, x := range f.WhatIfs {
		change, factor := "budget", x.Budget
		if x.MaxBid != 1 {
			change, factor = "max_bid", x.MaxBid
		}
		out.WhatIfs = append(out.WhatIfs, v1.FrontierWhatIf{
			Change: change, Factor: factor, Then: point(x.Point), Gain: x.Gain * scale, GainError: finite(math.Abs(x.Gain) * scale * x.GainError), Spends: x.Spends,
		})
	}
	out.Even = frontierEven(r)
	return out, nil
}

// outcomeScale is what outcomes are told in: order value in units.
func outcomeScale(r *frontiers.Report) float64 {
	if r.LineItem.Goal.Outcome() == campaign.OrderValue {
		return 1 / float64(money.Unit)
	}
	return 1
}

func frontierLimits(r *frontiers.Report) (all []v1.FrontierLimit) {
	for _, l := range r.Binding() {
		all = append(all, v1.FrontierLimit{Code: l.Code, Detail: l.Detail, Remedy: l.Remedy, Spend: money.FromFloat(l.Spend)})
	}
	return all
}

// frontierEven returns nothing where too little of a day was seen.
func frontierEven(r *frontiers.Report) *v1.FrontierEven {
	if r.Frontier == nil || !r.EvenKnown {
		return nil
	}
	even := &v1.FrontierEven{Spend: money.FromFloat(r.Even.Spend), Outcomes: r.Even.Outcomes * outcomeScale(r)}
	if r.W.Value > 0 {
		even.Price = max(0, 1-r.Even.Value/r.W.Value)
	}
	return even
}

func frontierPoint(p frontier.Point, scale float64) v1.FrontierPoint {
	out := v1.FrontierPoint{
		Spend: money.FromFloat(p.Spend), Impressions: p.Impressions, Outcomes: p.Outcomes * scale,
		Value: p.Value / float64(money.Unit), Multiplier: p.Multiplier,
	}
	if out.Outcomes > 0 {
		out.Cost = money.FromFloat(p.Spend / out.Outcomes)
	}
	return out
}

// finite leaves out what JSON cannot write: the error of a single sample.
func finite(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return 1
	}
	return x
}

func outcomeName(o campaign.Outcome) string {
	switch o {
	case campaign.Clicks:
		return "clicks"
	case campaign.Orders:
		return "orders"
	case campaign.OrderValue:
		return "order_value"
	}
	return "impressions"
}
