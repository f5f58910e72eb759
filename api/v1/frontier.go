package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Frontier is what a line item gets for its budget in a day like the last, and
// would for another.
type Frontier struct {
	LineItemID    event.LineItemID `json:"line_item_id" doc:"Whose it is." example:"42"`
	Name          string           `json:"name" doc:"The line item's name." example:"Runners, evening"`
	Currency      string           `json:"currency" doc:"ISO 4217 code of every amount: the advertiser's." example:"EUR"`
	At            time.Time        `json:"at" format:"date-time" doc:"When the newest sample was written, in market time; the answer's own time if there is none." example:"2026-12-01T11:59:40Z"`
	Since         time.Time        `json:"since" format:"date-time" doc:"From when on opportunities are known, 24 hours before at the earliest. What was seen is scaled to a day." example:"2026-11-30T13:00:00Z"`
	Samples       int              `json:"samples" doc:"Opportunities that the estimates rest on." example:"256"`
	Priced        int              `json:"priced" doc:"Samples of which win prices are known. For the others the chance of winning is a guess: do not rely on it." example:"256"`
	Opportunities float64          `json:"opportunities" doc:"Imps a day on which it could bid." example:"120000"`
	Outcome       string           `json:"outcome" enum:"impressions,clicks,orders,order_value" doc:"What outcomes are: what the goal counts. Order value is in units of the currency."`

	Budget   money.Nanos `json:"budget" format:"decimal" doc:"What it may spend in a day: its own budgets, or what those that it shares leave for it; of a lifetime budget, what is left over the days that are left. 0 where no budget binds it, or it may spend nothing." example:"250"`
	BudgetOf string      `json:"budget_of" enum:",line_item_daily,line_item_lifetime,campaign_daily,campaign_lifetime,balance" doc:"Which budget that is. Empty where none binds."`

	W             FrontierPoint     `json:"w" doc:"Where the line of the budget touches the curve: the most that it buys."`
	StandardError float64           `json:"standard_error" doc:"Of what W brings, as a part of it, by the number of samples, and of impressions billed that calibrate it." example:"0.06"`
	Lambda        float64           `json:"lambda" doc:"The dual price of money at W: value is divided by it to bid. 0 where nothing is known." example:"2.4"`
	NextOutcome   money.Nanos       `json:"next_outcome" format:"decimal" doc:"What the next outcome beyond W costs; 0 where the curve ends." example:"0.41"`
	Now           FrontierPoint     `json:"now" doc:"A day at the multiplier that it bids with at this moment."`
	Delivered     FrontierDelivered `json:"delivered" doc:"What was billed since then."`

	Curve   []FrontierPoint  `json:"curve" nullable:"false" doc:"From nothing to all that it could buy, by spend: rising, and flatter and flatter."`
	WhatIfs []FrontierWhatIf `json:"what_ifs" nullable:"false" doc:"W with one thing changed."`
	Limits  []FrontierLimit  `json:"limits" nullable:"false" doc:"Why the budget cannot be spent, what would help most first. Empty if it can."`
	Even    *FrontierEven    `json:"even,omitempty" doc:"A day of the same money spread by the clock; missing where too little of a day was seen."`
}

// FrontierPoint is a day.
type FrontierPoint struct {
	Spend       money.Nanos `json:"spend" format:"decimal" doc:"What the advertiser pays, fees included." example:"250"`
	Impressions float64     `json:"impressions" doc:"That are won and shown." example:"41000"`
	Outcomes    float64     `json:"outcomes" doc:"Of the goal." example:"82.5"`
	Cost        money.Nanos `json:"cost" format:"decimal" doc:"Of an outcome; 0 where there is none." example:"0.31"`
	Value       float64     `json:"value" doc:"What they are worth before the multiplier, in units of the currency. Of goals without an amount only ratios mean something." example:"610.2"`
	Multiplier  float64     `json:"multiplier" doc:"From value to money: what it would bid with. 1 / lambda." example:"0.42"`
}

// FrontierDelivered is what was billed.
type FrontierDelivered struct {
	Impressions int64       `json:"impressions" doc:"Notices by which an impression is billed." example:"20500"`
	Spend       money.Nanos `json:"spend" format:"decimal" doc:"What the advertiser pays for them. What is booked is in delivery." example:"121.75"`
	OfOptimum   float64     `json:"of_optimum,omitempty" doc:"Their value, of what the same money buys on the curve, of 1. Above 1 is luck, or traffic that fell since. Missing where too little was billed." example:"0.98"`
}

// FrontierWhatIf is W with one thing changed.
type FrontierWhatIf struct {
	Change    string        `json:"change" enum:"budget,max_bid" doc:"What is changed."`
	Factor    float64       `json:"factor" doc:"To so many times what it is." example:"1.2"`
	Then      FrontierPoint `json:"then" doc:"W then."`
	Gain      float64       `json:"gain" doc:"Outcomes a day more, or less." example:"11.4"`
	GainError float64       `json:"gain_error" doc:"Standard error of gain, in outcomes, by the number of samples alone." example:"0.8"`
	Spends    bool          `json:"spends" doc:"Whether all of the budget could be spent then."`
}

// FrontierLimit is something that keeps a line item from spending its budget.
type FrontierLimit struct {
	Code   string      `json:"code" doc:"What it is: max_bid, worth, price, floor, rival, cost_limit, traffic, shared_budget, mixed_goals, no_opportunity, or a reason of docs/reasons.md." example:"max_bid"`
	Detail string      `json:"detail" doc:"What it is here." example:"the maximum bid keeps it below what impressions cost; without that, up to 410.00 EUR a day"`
	Remedy string      `json:"remedy" doc:"What to do." example:"raise max_bid_cpm"`
	Spend  money.Nanos `json:"spend,omitzero" format:"decimal" doc:"A day without it, at most; prices are lifted fourfold." example:"410"`
}

// FrontierEven is a day of money spread by the clock.
type FrontierEven struct {
	Spend    money.Nanos `json:"spend" format:"decimal" doc:"What can be spent so." example:"250"`
	Outcomes float64     `json:"outcomes" doc:"Of the goal." example:"77.9"`
	Price    float64     `json:"price" doc:"The part of W's value that evenness costs, of 1." example:"0.056"`
}
