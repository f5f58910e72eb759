package campaign

import "github.com/tangent-dsp/tangent/money"

// GoalKind says what the advertiser values.
type GoalKind string

// The goals. The first four say what an outcome is worth: beyond that nothing
// is bid, even if money is left. The max goals take as much as the budget buys:
// what an outcome costs then follows from the budget, the maximum bid and the
// limits.
const (
	CPM  GoalKind = "cpm"  // a thousand impressions are worth Amount
	CPC  GoalKind = "cpc"  // a click is worth Amount
	CPA  GoalKind = "cpa"  // an order is worth Amount
	ROAS GoalKind = "roas" // an order is worth its value divided by Return

	MaxClicks      GoalKind = "max_clicks"
	MaxConversions GoalKind = "max_conversions"
	MaxValue       GoalKind = "max_value" // the sum of the values of orders
)

// Outcome is what a goal, or a limit, counts.
type Outcome uint8

// The outcomes.
const (
	Impressions Outcome = iota
	Clicks
	Orders
	OrderValue // nanos of the advertiser's currency
)

// Goal is what an outcome is worth to the advertiser. What is paid is what
// the auction asks: a goal is the bid's value, not a billing model.
type Goal struct {
	Kind   GoalKind    `json:"kind"`
	Amount money.Nanos `json:"amount,omitzero"` // of CPM, CPC and CPA
	Return float64     `json:"return,omitzero"` // of ROAS: order value per amount spent
}

// Outcome returns what the goal counts.
func (g Goal) Outcome() Outcome {
	switch g.Kind {
	case CPC, MaxClicks:
		return Clicks
	case CPA, MaxConversions:
		return Orders
	case ROAS, MaxValue:
		return OrderValue
	}
	return Impressions
}

// Open says that the goal puts no amount on an outcome: it wants as many as
// the budget buys.
func (g Goal) Open() bool {
	return g.Kind == MaxClicks || g.Kind == MaxConversions || g.Kind == MaxValue
}

// RatePer is what a conversion rate is measured by.
type RatePer string

// The bases of conversion rates.
const (
	PerClick      RatePer = "click" // empty is the same
	PerImpression RatePer = "impression"
)

// Limits are what outcomes may cost on the whole. Single ones may cost more:
// pacing holds the limits in the sum. Zero is no limit.
type Limits struct {
	CostPerClick  money.Nanos `json:"max_cost_per_click,omitzero"`
	CostPerAction money.Nanos `json:"max_cost_per_action,omitzero"` // of orders
	ReturnOnSpend float64     `json:"min_return_on_spend,omitzero"` // order value per amount spent
}

// OrdersPerImpression returns the stated conversion rate by impressions; 0 if
// none is stated.
func (li *LineItem) OrdersPerImpression() float64 {
	if li.ConversionRatePer == PerImpression {
		return li.ConversionRate
	}
	return li.ConversionRate * li.ClickRate
}
