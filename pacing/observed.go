package pacing

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Observed is what came of a line item's bids since it began, whoever made
// them, as far as it is booked. Outcomes come after the spend that brought
// them: orders by days.
type Observed struct {
	LineItem event.LineItemID
	Spent    money.Nanos
	Outcomes float64 // nanos of value, as those of [Sum]: its CostLimit times so much may have been spent
	// Arrived is how many of the outcomes come how late; nil: all at once, as
	// clicks do.
	Arrived *Arrived
}
