package predict

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
)

// Model predicts clicks and orders. A model is immutable and safe for concurrent use;
// newer ones replace it as a whole.
type Model interface {
	// Version grows with every model that replaces another.
	Version() uint64

	// ClickRate returns the clicks expected per impression of a line item in
	// this situation, within [0, 1].
	ClickRate(li *catalog.LineItem, q *catalog.Query) float64

	// OrderRate returns the orders expected per impression, within [0, 1].
	OrderRate(li *catalog.LineItem, q *catalog.Query) float64

	// OrderValue returns the nanos of the advertiser's currency that an order
	// is expected to be worth.
	OrderValue(li *catalog.LineItem, q *catalog.Query) float64
}

// Outcomes returns how many outcomes of its goal an impression of a line item
// is expected to bring: nanos, where the goal is the value of orders.
func Outcomes(m Model, li *catalog.LineItem, q *catalog.Query) float64 {
	switch li.Outcome {
	case campaign.Clicks:
		return m.ClickRate(li, q)
	case campaign.Orders:
		return m.OrderRate(li, q)
	case campaign.OrderValue:
		return m.OrderRate(li, q) * m.OrderValue(li, q)
	}
	return 1
}

// Allowed returns what the limits of a line item let an impression cost, as a
// value: nanos that its CostLimit is per nano of.
func Allowed(m Model, li *catalog.LineItem, q *catalog.Query) float64 {
	if li.CostLimit == 0 {
		return 0
	}
	orders := m.OrderRate(li, q)
	return li.Allowed(m.ClickRate(li, q), orders, orders*m.OrderValue(li, q)) / li.CostLimit
}

// Fixed predicts the rates that the line item states.
type Fixed struct{}

// Version returns 1: the model never changes.
func (Fixed) Version() uint64 { return 1 }

// ClickRate returns the line item's configured click rate.
func (Fixed) ClickRate(li *catalog.LineItem, _ *catalog.Query) float64 { return li.ClickRate }

// OrderRate returns the line item's configured conversion rate.
func (Fixed) OrderRate(li *catalog.LineItem, _ *catalog.Query) float64 { return li.OrderRate }

// OrderValue returns the line item's configured value of an order.
func (Fixed) OrderValue(li *catalog.LineItem, _ *catalog.Query) float64 {
	return float64(li.OrderValue)
}
