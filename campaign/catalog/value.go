package catalog

import (
	"errors"
	"fmt"
	"math"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// openWorth is how many times its highest bid an impression of the stated rates
// is worth where a goal has no amount. Where lambda is 1, impressions of a
// thousandth of the stated rate still bid the most; lambda has to go beyond
// it until it says what an outcome may cost.
const openWorth = 1000

// outcomes returns the outcomes of the goal per impression, by stated rates.
func (li *own) outcomes() float64 {
	switch li.Outcome {
	case campaign.Clicks:
		return li.ClickRate
	case campaign.Orders:
		return li.OrderRate
	case campaign.OrderValue:
		return li.OrderRate * float64(li.OrderValue)
	}
	return 1
}

// setValue takes the goal and the highest factor of its modifiers.
func (li *own) setValue(goal campaign.Goal, factor float64) error {
	li.Outcome = goal.Outcome()
	outcomes := li.outcomes()
	switch amount := float64(goal.Amount); goal.Kind {
	case campaign.CPM:
		li.Worth = amount / 1000
	case campaign.CPC, campaign.CPA:
		li.Worth = amount
	case campaign.ROAS:
		li.Worth = 1 / goal.Return
	case campaign.MaxClicks, campaign.MaxConversions, campaign.MaxValue:
		li.Worth = openWorth * float64(li.MaxBid) / outcomes
	default:
		return fmt.Errorf("no goal %q", goal.Kind)
	}
	v := li.Worth * outcomes
	if !(v > 0) || math.IsInf(v, 1) || li.MaxBid <= 0 {
		return errors.New("an impression has no positive value")
	}
	li.Value = min(v, float64(li.MaxBid))
	li.Most = v * factor
	li.CostLimit = li.Allowed(li.ClickRate, li.OrderRate, li.OrderRate*float64(li.OrderValue)) / v
	return nil
}

// Allowed returns the nanos that so many clicks and orders, and nanos of order
// value, may cost by the tightest of the limits; 0 without limits.
func (li *terms) Allowed(clicks, orders, value float64) float64 {
	allowed, limited := 0.0, false
	allow := func(cost float64) {
		if !limited || cost < allowed {
			allowed, limited = cost, true
		}
	}
	if l := li.Limits.CostPerClick; l > 0 {
		allow(clicks * float64(l))
	}
	if l := li.Limits.CostPerAction; l > 0 {
		allow(orders * float64(l))
	}
	if l := li.Limits.ReturnOnSpend; l > 0 {
		allow(value / l)
	}
	return allowed
}

// OutcomeCost returns what one of the outcomes that are limited may cost: of
// several the one that is the most, since it comes most seldom.
func (li *terms) OutcomeCost() money.Nanos {
	l := li.Limits
	most := max(l.CostPerClick, l.CostPerAction)
	if l.ReturnOnSpend > 0 {
		most = max(most, money.FromFloat(float64(li.OrderValue)/l.ReturnOnSpend))
	}
	return most
}
