package catalog

import (
	"math"

	"github.com/tangent-dsp/tangent/event"
)

// Ceilings is what a walk needs to pass over line items without looking at
// them: flat, in the order of a snapshot's indexes, what each could be worth
// at most and where its multiplier is. It is immutable.
type Ceilings struct {
	ix [2]*index // base and delta
	of [2][]ceiling
}

// ceiling is of one line item.
type ceiling struct {
	most  float32 // at least its Most
	place int32   // of its multiplier; below 0 where it has none, which is 1
}

// Ceilings returns the ceilings of the snapshot's line items, whose
// multipliers are at the places that place returns, below 0 for none.
func (s *Snapshot) Ceilings(place func(event.LineItemID) int32) *Ceilings {
	c := &Ceilings{ix: [2]*index{s.base, s.delta}}
	for i, ix := range c.ix {
		if ix == nil {
			continue
		}
		c.of[i] = make([]ceiling, len(ix.items))
		for pos, li := range ix.items {
			most := float32(li.Most)
			if float64(most) < li.Most {
				most = math.Nextafter32(most, math.MaxFloat32)
			}
			c.of[i][pos] = ceiling{most, place(li.ID)}
		}
	}
	return c
}

// Are says whether they are of this snapshot.
func (c *Ceilings) Are(s *Snapshot) bool { return c.ix == [2]*index{s.base, s.delta} }

// PassBelow has Next pass over line items that are worth less than so many
// nanos of the auction's currency, whatever their modifiers, by the multipliers
// that they have now. It may be called at any time, with more each time; what
// is passed over saves looking at it and no more.
func (w *Walk) PassBelow(least float64, c *Ceilings, multipliers []float64) {
	for i := range w.legs {
		l := &w.legs[i]
		// A worth is rounded to whole nanos, so to a half above what it is.
		l.least, l.ceilings, l.multipliers = least/(l.factor*slack)-1, c.of[i%2], multipliers
	}
}

// Passed returns how many line items Next passed over since it was asked last.
func (w *Walk) Passed() (n int) {
	for i := range w.legs {
		n += w.legs[i].passed
		w.legs[i].passed = 0
	}
	return n
}

// passes says whether the line item at a position is passed over.
func (l *leg) passes(pos int) bool {
	c := l.ceilings[pos]
	multiplier := 1.0
	if c.place >= 0 {
		multiplier = l.multipliers[c.place]
	}
	return float64(c.most)*multiplier < l.least
}
