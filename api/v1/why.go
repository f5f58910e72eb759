package v1

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Why is why a line item does not spend, or how it does.
type Why struct {
	LineItemID event.LineItemID `json:"line_item_id" doc:"Whose it is." example:"42"`
	From       string           `json:"from" format:"date" doc:"The first day, in UTC, of what is counted; today is the last. Counts are some seconds to minutes old." example:"2026-12-01"`
	Spending   bool             `json:"spending" doc:"Whether an impression was booked in that time."`
	Currency   string           `json:"currency" doc:"ISO 4217 code of spent: the advertiser's." example:"EUR"`
	Spent      money.Nanos      `json:"spent" format:"decimal" doc:"What was booked of notices in that time, fees included, corrections apart." example:"1.25"`
	Bids       int64            `json:"bids" doc:"Bids that left." example:"1200"`
	Won        int64            `json:"won" doc:"Win notices." example:"310"`
	Lost       int64            `json:"lost" doc:"Loss notices." example:"850"`
	Billed     int64            `json:"billed" doc:"Impressions that were booked." example:"290"`

	Obstacles []Obstacle `json:"obstacles" nullable:"false" doc:"What stands in the way whatever request comes, what concerns everybody first. Begin here."`
	Reasons   []WhyNot   `json:"reasons" nullable:"false" doc:"Why it did not bid on imps, the largest share first."`

	Samples     int64       `json:"samples" doc:"Imps at which it was looked at as a sample." example:"400"`
	SampleEvery int         `json:"sample_every" doc:"One request in so many looks at the next line items of the catalog, wherever the index would have found them." example:"32"`
	Requests    int64       `json:"requests" doc:"Bid requests that all bidders answered." example:"100000"`
	Refused     []WhyNoBids `json:"refused" nullable:"false" doc:"Why requests had no bid of any line item, where that was the request's or the imp's own doing."`
}

// Obstacle is something that no request can overcome.
type Obstacle struct {
	Code    string `json:"code" doc:"What it is." example:"line_item_paused"`
	Detail  string `json:"detail" doc:"What it is here." example:"line item 42 is paused"`
	Remedy  string `json:"remedy" doc:"What to do." example:"resume the line item"`
	Partial bool   `json:"partial,omitempty" doc:"It stands in the way at some exchange, or for now, only."`
}

// WhyNot is a reason for which a line item did not bid.
type WhyNot struct {
	Reason  string  `json:"reason" doc:"Its name, as in docs/reasons.md." example:"below_floor"`
	Imps    int64   `json:"imps" doc:"Imps that it refused, of those that the search came to the line item for. The search comes to those that could fit, the most valuable first." example:"5200"`
	Samples int64   `json:"samples" doc:"Sampled imps that it refused, counted apart." example:"120"`
	Sampled bool    `json:"sampled,omitempty" doc:"It is known of samples alone: the search never came to the line item."`
	Share   float64 `json:"share" doc:"Of how many imps that came it is the cause, estimated from samples, of 1." example:"0.3"`
	When    string  `json:"when" doc:"What the reason means." example:"the bid would be below the imp's floor"`
	Remedy  string  `json:"remedy,omitempty" doc:"What to do." example:"raise the goal's amount"`
}

// WhyNoBids is a reason for which requests had no bid at all.
type WhyNoBids struct {
	Reason   string  `json:"reason" doc:"Its name, as in docs/reasons.md." example:"no_time"`
	Requests int64   `json:"requests" doc:"Requests that it refused." example:"77"`
	Share    float64 `json:"share" doc:"Of all requests, of 1." example:"0.001"`
	When     string  `json:"when" doc:"What the reason means."`
}
