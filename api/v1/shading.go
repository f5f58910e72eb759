package v1

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// ShadingReport is what shading did.
type ShadingReport struct {
	Items []Shading `json:"items" nullable:"false" doc:"One per line item, exchange, day or all of them, currency and kind of goals, in that order."`
}

// Shading compares first-price bids that were shaded with those that were left
// at what the impression was worth.
type Shading struct {
	LineItemID event.LineItemID `json:"line_item_id,omitempty" doc:"Whose bids, where the report is by line item." example:"1"`
	ExchangeID event.ExchangeID `json:"exchange_id,omitempty" doc:"Where, if the report is by exchange." example:"1"`
	Day        string           `json:"day,omitempty" format:"date" doc:"The UTC day on which the bids left, if the report is by day." example:"2026-12-01"`
	Currency   string           `json:"currency" doc:"ISO 4217 code of every amount; empty until an impression was booked." example:"EUR"`
	Goals      string           `json:"goals" enum:"amount,max" doc:"Of the line items, as they are now. amount: values are money. max: max_clicks and its like, whose values are a thousand times what the highest bid would pay; surplus_cpm is no money there, and saving holds as it is. Never added to each other." example:"amount"`

	Shaded  ShadingArm     `json:"shaded" doc:"Bids that were shaded."`
	Control ShadingArm     `json:"control" doc:"Bids that a hash left as they were, to compare with."`
	Saving  *ShadingSaving `json:"saving,omitempty" doc:"What shading saved. Absent below 30 impressions of either kind."`
}

// ShadingArm is what bids of one kind came to. Costs are media cost, without
// fees.
type ShadingArm struct {
	Bids        int64       `json:"bids" doc:"That were sent; counted some seconds late." example:"12000"`
	Impressions int64       `json:"impressions" doc:"Of them, booked." example:"3000"`
	WinRate     *float64    `json:"win_rate,omitempty" doc:"Impressions per bid. Absent without a bid." example:"0.25"`
	Cost        money.Nanos `json:"cost" format:"decimal" doc:"Of all impressions." example:"6.3"`
	CPM         money.Nanos `json:"cpm" format:"decimal" doc:"Average cost of a thousand." example:"2.1"`
	SurplusCPM  money.Nanos `json:"surplus_cpm" format:"decimal" doc:"Average predicted value of a thousand, less what they cost." example:"0.9"`
}

// ShadingSaving is an estimate: what the shaded impressions' predicted value
// would have cost at what the control paid for a unit of value, less what it
// cost. Intervals are of 95 %, by the delta method.
type ShadingSaving struct {
	Amount     money.Nanos `json:"amount" format:"decimal" doc:"What was saved; below 0 if more was paid." example:"2.7"`
	AmountLow  money.Nanos `json:"amount_low" format:"decimal" doc:"Lower end of its interval." example:"2.2"`
	AmountHigh money.Nanos `json:"amount_high" format:"decimal" doc:"Upper end." example:"3.2"`
	Share      float64     `json:"share" doc:"Of what it would have cost." example:"0.3"`
	ShareLow   float64     `json:"share_low" doc:"Lower end of its interval." example:"0.26"`
	ShareHigh  float64     `json:"share_high" doc:"Upper end." example:"0.34"`
}
