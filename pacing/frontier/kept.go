package frontier

import (
	"slices"

	"github.com/tangent-dsp/tangent/landscape"
)

// samples are those of one line item, in 40 bytes each where a Sample has 64:
// what is the same for most of them is kept once, as their kind.
type samples struct {
	all   []kept
	kinds []kind
}

type kept struct {
	context                                   landscape.Key
	at, hash                                  uint32
	value, outcomes, floor, rival, multiplier float32
	kind                                      uint16 // where it is among the kinds: there are no more than samples
	level                                     uint8
}

// kind is how opportunities are bought: by exchange, currency and fees.
type kind struct {
	mechanism                    landscape.Mechanism
	shade                        bool
	quantity, rate, fixed, slope float32
}

func (s *samples) add(x *Sample) {
	s.all = append(s.all, kept{
		context: x.Context, at: x.At, hash: x.Hash, level: x.Level, value: x.Value, outcomes: x.Outcomes,
		floor: x.Floor, rival: x.Rival, multiplier: x.Multiplier,
		kind: s.kindOf(kind{x.Mechanism, x.Shade, x.Quantity, x.Rate, x.Fixed, x.Slope}),
	})
}

func (s *samples) at(i int) Sample {
	x := &s.all[i]
	k := &s.kinds[x.kind]
	return Sample{
		At: x.at, Hash: x.hash, Level: x.level, Mechanism: k.mechanism, Shade: k.shade, Context: x.context,
		Value: x.value, Outcomes: x.outcomes, Floor: x.floor, Rival: x.rival, Quantity: k.quantity, Rate: k.rate,
		Multiplier: x.multiplier, Fixed: k.fixed, Slope: k.slope,
	}
}

// grow makes room for so many.
func (s *samples) grow(to int) { s.all = append(make([]kept, 0, to), s.all...) }

func (s *samples) drop(unless func(*kept) bool) {
	left := s.all[:0]
	for i := range s.all {
		if unless(&s.all[i]) {
			left = append(left, s.all[i])
		}
	}
	s.all = left
}

// kindOf returns where a kind is. Exchange rates and fees change: before there
// is room for more of them, those that no sample is of any more go.
func (s *samples) kindOf(k kind) uint16 {
	if i := slices.Index(s.kinds, k); i >= 0 {
		return uint16(i)
	}
	if len(s.kinds) == cap(s.kinds) {
		s.tidy()
	}
	s.kinds = append(s.kinds, k)
	return uint16(len(s.kinds) - 1)
}

func (s *samples) tidy() {
	to := make([]uint16, len(s.kinds)) // where each goes, and 1; 0: nobody is of it
	for i := range s.all {
		to[s.all[i].kind] = 1
	}
	n := 0
	for i, k := range s.kinds {
		if to[i] > 0 {
			s.kinds[n] = k
			n++
			to[i] = uint16(n)
		}
	}
	s.kinds = s.kinds[:n]
	for i := range s.all {
		s.all[i].kind = to[s.all[i].kind] - 1
	}
}
