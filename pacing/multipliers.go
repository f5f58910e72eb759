package pacing

import "github.com/tangent-dsp/tangent/event"

// Multipliers is an immutable set of one multiplier per line item, from value
// to money: bid = value x multiplier. Multipliers are within (0, 1].
type Multipliers struct {
	version uint64
	of      map[event.LineItemID]float64
}

// NewMultipliers returns a set. It keeps the map: the caller must not change
// it afterwards.
func NewMultipliers(version uint64, of map[event.LineItemID]float64) *Multipliers {
	return &Multipliers{version: version, of: of}
}

// Version grows with every set that a controller publishes.
func (m *Multipliers) Version() uint64 { return m.version }

// Of returns a line item's multiplier. One that the controller has not met
// yet bids its value: 1. Its budgets still bound what it spends.
func (m *Multipliers) Of(id event.LineItemID) float64 {
	if m == nil {
		return 1
	}
	if v, ok := m.of[id]; ok {
		return v
	}
	return 1
}

// Len returns how many line items have a multiplier.
func (m *Multipliers) Len() int {
	if m == nil {
		return 0
	}
	return len(m.of)
}
