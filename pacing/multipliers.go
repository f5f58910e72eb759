package pacing

import (
	"reflect"

	"github.com/tangent-dsp/tangent/event"
)

// Multipliers is an immutable set of one multiplier per line item, from value
// to money: bid = value x multiplier. Multipliers are within (0, 1].
type Multipliers struct {
	version uint64
	places  map[event.LineItemID]int32 // of line items in values
	values  []float64
}

// NewMultipliers returns a set.
func NewMultipliers(version uint64, of map[event.LineItemID]float64) *Multipliers {
	m := &Multipliers{version: version, places: make(map[event.LineItemID]int32, len(of)), values: make([]float64, 0, len(of))}
	for id, v := range of {
		m.places[id] = int32(len(m.values))
		m.values = append(m.values, v)
	}
	return m
}

// Version grows with every set that a controller publishes.
func (m *Multipliers) Version() uint64 { return m.version }

// Of returns a line item's multiplier. One that the controller has not met
// yet bids its value: 1. Its budgets still bound what it spends.
func (m *Multipliers) Of(id event.LineItemID) float64 {
	if m == nil {
		return 1
	}
	if i, ok := m.places[id]; ok {
		return m.values[i]
	}
	return 1
}

// Values are the multipliers by place, and must not be changed.
func (m *Multipliers) Values() []float64 {
	if m == nil {
		return nil
	}
	return m.values
}

// Place returns where a line item's multiplier is among the values, or -1.
func (m *Multipliers) Place(id event.LineItemID) int32 {
	if m != nil {
		if i, ok := m.places[id]; ok {
			return i
		}
	}
	return -1
}

// SamePlaces says whether two sets have the same line items at the same
// places, as one that follows another has while line items stay what they are.
func (m *Multipliers) SamePlaces(o *Multipliers) bool {
	if m == nil || o == nil {
		return m == o
	}
	return reflect.ValueOf(m.places).UnsafePointer() == reflect.ValueOf(o.places).UnsafePointer()
}

// Len returns how many line items have a multiplier.
func (m *Multipliers) Len() int {
	if m == nil {
		return 0
	}
	return len(m.values)
}
