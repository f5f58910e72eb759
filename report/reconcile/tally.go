package reconcile

import (
	"math/bits"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// tally is money, and how many impressions it is known to be for.
type tally struct {
	amount      money.Nanos
	impressions event.Impressions
}

func (t tally) plus(u tally) tally  { return tally{t.amount + u.amount, t.impressions + u.impressions} }
func (t tally) minus(u tally) tally { return t.plus(u.opposite()) }
func (t tally) opposite() tally     { return tally{-t.amount, -t.impressions} }

// part returns some of the money, with its share of the impressions: all of
// them with all of it.
func (t tally) part(n money.Nanos) tally {
	if t.amount == 0 || abs(n) > abs(t.amount) {
		return tally{amount: n}
	}
	all, whole := uint64(max(t.impressions, -t.impressions)), uint64(abs(t.amount))
	hi, lo := bits.Mul64(all, uint64(abs(n)))
	lo, carry := bits.Add64(lo, whole/2, 0)
	share, _ := bits.Div64(hi+carry, lo, whole)
	if (t.impressions < 0) != ((n < 0) != (t.amount < 0)) {
		return tally{n, -event.Impressions(share)}
	}
	return tally{n, event.Impressions(share)}
}

// within returns as much of n as there is of most: nothing, if one adds and the
// other takes away.
func within[T ~int64](n, most T) T {
	if n < 0 {
		return min(0, max(n, most))
	}
	return max(0, min(n, most))
}

// reasonSums is a tally per reason.
type reasonSums [reasons]tally

func (s *reasonSums) add(r Reason, t tally) { s[r] = s[r].plus(t) }

func (s reasonSums) plus(u reasonSums) reasonSums {
	for r := range u {
		s[r] = s[r].plus(u[r])
	}
	return s
}

func (s reasonSums) minus(u reasonSums) reasonSums {
	for r := range u {
		s[r] = s[r].minus(u[r])
	}
	return s
}

func (s *reasonSums) sum() (all tally) {
	for _, t := range s {
		all = all.plus(t)
	}
	return all
}

func abs(n money.Nanos) money.Nanos { return max(n, -n) }
