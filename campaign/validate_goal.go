package campaign

import (
	"math"

	"github.com/tangent-dsp/tangent/money"
)

// goal checks what a line item wants, what it may cost, and that every rate is
// stated that these are computed by.
func (c check) goal(li *LineItem) {
	c.limits(li.Limits)
	switch li.Goal.Kind {
	case CPM, CPC, CPA, ROAS, MaxClicks, MaxConversions, MaxValue:
	default:
		c.want(false, "goal.kind", "must be cpm, cpc, cpa, roas, max_clicks, max_conversions or max_value")
	}
	switch kind := li.Goal.Kind; kind {
	case ROAS:
		c.want(li.Goal.Amount == 0, "goal.amount", "must be left out with a roas goal: state return")
		c.returns("goal.return", li.Goal.Return)
	case MaxClicks, MaxConversions, MaxValue:
		c.want(li.Goal.Amount == 0, "goal.amount", "must be left out with a %s goal: max_bid_cpm and limits bound what it pays", kind)
		c.want(li.Goal.Return == 0, "goal.return", "must be left out: it is for roas alone")
	default:
		c.want(li.Goal.Amount > 0 && li.Goal.Amount <= money.Cap, "goal.amount", wantAmount, money.Cap)
		c.want(li.Goal.Return == 0, "goal.return", "must be left out: it is for roas alone")
	}
	c.rates(li)
}

// rates checks the stated rates, and that those are given which the goal and
// the limits are expected by.
func (c check) rates(li *LineItem) {
	values := li.Goal.Outcome() == OrderValue || li.Limits.ReturnOnSpend != 0
	orders := values || li.Goal.Outcome() == Orders || li.Limits.CostPerAction != 0
	clicks := li.Goal.Outcome() == Clicks || li.Limits.CostPerClick != 0 || li.ConversionRate != 0 && li.ConversionRatePer != PerImpression
	if c.rate("click_rate", li.ClickRate, "clicks per impression") && clicks {
		c.want(li.ClickRate != 0, "click_rate", "must be given with goals and limits on clicks and with a conversion rate per click: clicks per impression, above 0, at most 1")
	}
	if c.rate("conversion_rate", li.ConversionRate, "orders per click or impression") && orders {
		c.want(li.ConversionRate != 0, "conversion_rate", "must be given with goals and limits on orders: orders per click or impression, above 0, at most 1")
	}
	switch li.ConversionRatePer {
	case "", PerClick, PerImpression:
		c.want(li.ConversionRatePer == "" || li.ConversionRate != 0, "conversion_rate_per", "must be left out without a conversion_rate")
	default:
		c.want(false, "conversion_rate_per", "must be click or impression")
	}
	ok := c.want(li.OrderValue >= 0 && li.OrderValue <= money.Cap, "order_value", wantAmount+", or left out", money.Cap)
	if ok && values {
		c.want(li.OrderValue > 0, "order_value", "must be given with goals and limits on the value of orders: what an order is worth on average")
	}
}

func (c check) rate(field string, rate float64, of string) bool {
	given := rate != 0 // true for NaN too
	return c.want(!math.IsNaN(rate) && (!given || rate > 0 && rate <= 1), field, "must be %s: above 0, at most 1", of)
}

func (c check) limits(l Limits) {
	c = c.in("limits")
	for _, of := range []struct {
		field  string
		amount money.Nanos
	}{{"max_cost_per_click", l.CostPerClick}, {"max_cost_per_action", l.CostPerAction}} {
		c.want(of.amount >= 0 && of.amount <= money.Cap, of.field, wantAmount+", or left out for no limit", money.Cap)
	}
	if l.ReturnOnSpend != 0 { // true for NaN too
		c.returns("min_return_on_spend", l.ReturnOnSpend)
	}
}

func (c check) returns(field string, r float64) bool {
	return c.want(r >= MinReturn && r <= MaxReturn, field, "must be order value per amount spent: %v to %v", MinReturn, MaxReturn)
}
