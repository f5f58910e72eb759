package predict

import "github.com/tangent-dsp/tangent/campaign/catalog"

// Model predicts clicks. A model is immutable and safe for concurrent use;
// newer ones replace it as a whole.
type Model interface {
	// Version grows with every model that replaces another.
	Version() uint64

	// ClickRate returns the clicks expected per impression of a line item in
	// this situation, within [0, 1].
	ClickRate(li *catalog.LineItem, q *catalog.Query) float64
}

// Fixed predicts the rate that the line item states.
type Fixed struct{}

// Version returns 1: the model never changes.
func (Fixed) Version() uint64 { return 1 }

// ClickRate returns the line item's configured click rate.
func (Fixed) ClickRate(li *catalog.LineItem, _ *catalog.Query) float64 { return li.ClickRate }
