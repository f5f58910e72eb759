package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Pacing is how a line item's money stands beside its plan, and who steers it.
type Pacing struct {
	LineItemID event.LineItemID `json:"line_item_id" doc:"Whose it is." example:"42"`
	Name       string           `json:"name" doc:"The line item's name." example:"Runners, evening"`
	Currency   string           `json:"currency" doc:"ISO 4217 code of every amount: the advertiser's." example:"EUR"`
	At         time.Time        `json:"at" format:"date-time" doc:"Now, in market time." example:"2026-12-01T12:00:00Z"`
	Multiplier float64          `json:"multiplier" doc:"From value to money: what it bids with. 1 / the highest lambda, less where limits hold it back. 0 where no controller has stepped for it, or it does not bid." example:"0.42"`
	Stopped    string           `json:"stopped,omitempty" doc:"Why it does not bid now, whatever its budgets say: paused, outside of its flight or dayparts. Missing where it may." example:"campaign 7 is paused"`
	Limits     *PacingLimits    `json:"limits,omitempty" doc:"What limits on outcomes do; missing where it has none."`
	Budgets    []PacingBudget   `json:"budgets" nullable:"false" doc:"Every budget over it, in the period that is now: its own, its campaign's, its advertiser's funding."`

	Even          *FrontierEven   `json:"even,omitempty" doc:"What spreading a day's money by the clock would cost; missing where too little of a day was seen."`
	CannotBeSpent []FrontierLimit `json:"cannot_be_spent" nullable:"false" doc:"Why a day's money cannot be spent, what would help most first. Empty if it can."`

	Controllers []PacingController `json:"controllers" nullable:"false" doc:"Who steps for it, the one that did last first: it is the one told of above. Empty before the first did."`
}

// PacingController is one that moves prices.
type PacingController struct {
	By         string    `json:"by" enum:"central,local" doc:"central steps for all bidders; local is a bidder's own, while it hears no other."`
	Bidder     string    `json:"bidder,omitempty" doc:"Name of the bidder; none for central." example:"bidder-1"`
	SteppedAt  time.Time `json:"stepped_at" format:"date-time" doc:"When it stepped last, in market time, as it wrote some seconds ago." example:"2026-12-01T11:59:58Z"`
	Multiplier float64   `json:"multiplier" doc:"That it published." example:"0.42"`
}

// PacingLimits is what limits on the cost of outcomes do to bids.
type PacingLimits struct {
	Most  float64 `json:"most" doc:"Multiplier at which no single bid can break them." example:"0.3"`
	Price float64 `json:"price" doc:"Their dual price, in units of lambda. 0 where they do not hold it back." example:"0.8"`
}

// PacingBudget is how a budget stands beside its plan.
type PacingBudget struct {
	Of     string `json:"of" enum:"line_item_daily,line_item_lifetime,campaign_daily,campaign_lifetime,balance" doc:"Which budget it is."`
	Date   string `json:"date,omitempty" format:"date" doc:"The day of a daily budget, in the advertiser's time zone." example:"2026-12-01"`
	Pacing string `json:"pacing,omitempty" enum:"traffic,even,ahead,asap" doc:"How it is spread. Funding is not."`

	Budget      money.Nanos `json:"budget" format:"decimal" doc:"What may be spent." example:"250"`
	Booked      money.Nanos `json:"booked" format:"decimal" doc:"What the advertiser pays for what was billed." example:"101.25"`
	Outstanding money.Nanos `json:"outstanding" format:"decimal" doc:"Held by bidders: bids under way and unspent slices." example:"12.5"`
	Left        money.Nanos `json:"left" format:"decimal" doc:"Neither booked nor held; below zero where the budget was cut, or overrun." example:"136.25"`

	State  string `json:"state" enum:"binds,merged,slack,wall,spent,paused,off_hours,closed,unknown" doc:"binds: the line item bids by its price. merged: another budget's price is higher. slack: money is not what is short. wall: it is not spread over time. spent: nothing is left. paused, off_hours, closed: the line item does not bid (see stopped). unknown: no controller has stepped for it."`
	Detail string `json:"detail" doc:"Why." example:"this budget binds: bids are values divided by 2.4"`

	Lambda      float64     `json:"lambda" doc:"Its dual price, from 1 where money is not short to 1e9: value per money of the last auctions that it buys. 0 where unknown." example:"2.4"`
	Planned     money.Nanos `json:"planned" format:"decimal" doc:"What should be spent by now." example:"110"`
	Spent       money.Nanos `json:"spent" format:"decimal" doc:"Booked, and what open bids will probably cost, at the last step." example:"108.75"`
	Seen        float64     `json:"seen" doc:"Opportunities that came in the period." example:"51000"`
	Forecast    float64     `json:"forecast" doc:"Opportunities that are forecast until its end. 0 for a budget of the line item's own of which none may be bid on." example:"69000"`
	Calibration float64     `json:"calibration" doc:"What bids are billed over what they were expected to cost. 0 where unknown." example:"1.02"`

	Slots []PacingSlot `json:"slots" nullable:"false" doc:"The plan by hours of a day, or days of a flight. Empty where nothing is spread."`
}

// PacingSlot is a part of a plan.
type PacingSlot struct {
	From    time.Time    `json:"from" format:"date-time" doc:"Its beginning." example:"2026-12-01T08:00:00Z"`
	To      time.Time    `json:"to" format:"date-time" doc:"Its end." example:"2026-12-01T09:00:00Z"`
	Planned money.Nanos  `json:"planned" format:"decimal" doc:"What should be spent at its end: as it was planned then, or is now." example:"12.25"`
	Spent   *money.Nanos `json:"spent,omitempty" format:"decimal" doc:"What was spent at its end, or so far: booked, and what open bids would probably cost. Missing of slots to come, and of those that no controller saw." example:"11.9"`
}
