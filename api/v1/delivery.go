package v1

import "github.com/tangent-dsp/tangent/money"

// Delivery is what became of a budget.
type Delivery struct {
	Currency    string           `json:"currency" doc:"ISO 4217 code of every amount." example:"EUR"`
	Conversions ConversionSums   `json:"conversions" doc:"Orders after clicks on its ads, within the advertiser's window. They never move budgets."`
	Outcomes    *Outcomes        `json:"outcomes,omitempty" doc:"What came of a line item's bids since it began, which its limits are held by. Campaigns have none."`
	Periods     []DeliveryPeriod `json:"periods" nullable:"false" doc:"The lifetime budget first, then days, oldest first. A day appears once something was granted for it."`
}

// Outcomes is what came of a line item's bids, and what that cost.
type Outcomes struct {
	Spent         money.Nanos `json:"spent" format:"decimal" doc:"Booked for it, fees included, corrections apart." example:"101.25"`
	Clicks        int64       `json:"clicks" doc:"Each impression's once." example:"204"`
	Orders        int64       `json:"orders" doc:"Those that a server of the advertiser told, or all if none did." example:"12"`
	CostPerClick  money.Nanos `json:"cost_per_click,omitzero" format:"decimal" doc:"Not given without a click." example:"0.4963"`
	CostPerAction money.Nanos `json:"cost_per_action,omitzero" format:"decimal" doc:"Not given without an order." example:"8.4375"`
	ReturnOnSpend float64     `json:"return_on_spend,omitzero" doc:"Value of these orders per amount spent." example:"11.7"`
}

// DeliveryPeriod is one budget: a window and its amounts.
type DeliveryPeriod struct {
	Window      string      `json:"window" enum:"lifetime,daily" doc:"What the budget is for."`
	Date        string      `json:"date,omitempty" format:"date" doc:"The day of a daily budget, in the advertiser's time zone." example:"2026-12-01"`
	Budget      money.Nanos `json:"budget" format:"decimal" doc:"What may be spent." example:"250"`
	Booked      money.Nanos `json:"booked" format:"decimal" doc:"What the advertiser pays for what was billed: media cost and fees, credits and other corrections included." example:"101.25"`
	MediaCost   money.Nanos `json:"media_cost" format:"decimal" doc:"The part of it that exchanges bill." example:"88.5"`
	Outstanding money.Nanos `json:"outstanding" format:"decimal" doc:"Granted to bidders and neither booked nor returned: bids under way and unspent slices." example:"12.5"`
	Overrun     money.Nanos `json:"overrun" format:"decimal" doc:"Booked beyond the budget: late bills, or a budget that was cut below its spend." example:"0"`
	Disputed    money.Nanos `json:"disputed" format:"decimal" doc:"What exchanges asked for above our bids: not booked, kept for reconciliation." example:"0"`
	LateRisk    money.Nanos `json:"late_risk" format:"decimal" doc:"At most so much of this budget may still arrive late: bills beyond what is granted and free, as bidders said within the last seconds. An exchange that bills what it reported lost breaks the bound." example:"0.25"`
	Plan        money.Nanos `json:"plan" format:"decimal" doc:"What should have been spent by now." example:"104"`
}
