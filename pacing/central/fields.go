package central

import (
	"math"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// A pacing.Sum on the wire is its line item and these fields, in this order.
// New ones go to the end: who does not know them yet skips them.
const (
	sumInts, sumFloats = 5, 2
	nodeInts           = 7

	// Of the fields of a NodeSum: before nodeOwn stands the ledger's word, from
	// it how things stand with the bidder, from nodeCounts what counts.
	nodeOwn, nodeCounts = 2, 5
)

// sumFields are what of a Sum counts, to be changed in place.
func sumFields(s *pacing.Sum) ([sumInts]*int64, [sumFloats]*float64) {
	return [...]*int64{&s.Opportunities, &s.Bids, &s.Censored, (*int64)(&s.Offered), (*int64)(&s.Expected)},
		[...]*float64{&s.Value, &s.Outcomes}
}

// nodeFields are the amounts of a NodeSum.
func nodeFields(n *pacing.NodeSum) [nodeInts]*int64 {
	return [...]*int64{
		(*int64)(&n.Limit), (*int64)(&n.Booked), (*int64)(&n.Own),
		(*int64)(&n.Pending), (*int64)(&n.Young), (*int64)(&n.Matured), (*int64)(&n.Worth),
	}
}

// addSum adds what b counted to a.
func addSum(a *pacing.Sum, b pacing.Sum) {
	ai, af := sumFields(a)
	bi, bf := sumFields(&b)
	for i := range ai {
		*ai[i] = plus(*ai[i], *bi[i])
	}
	for i := range af {
		*af[i] += *bf[i]
	}
}

// since returns what was counted between two looks at a running sum, and
// nothing if it went back, which no bidder's does.
func since(now, before pacing.Sum) pacing.Sum {
	d := pacing.Sum{LineItem: now.LineItem}
	di, df := sumFields(&d)
	ni, nf := sumFields(&now)
	bi, bf := sumFields(&before)
	for i := range di {
		*di[i] = max(0, *ni[i]-*bi[i])
	}
	for i := range df {
		*df[i] = max(0, *nf[i]-*bf[i])
	}
	return d
}

// scale multiplies what was counted.
func scale(s *pacing.Sum, by float64) {
	ints, floats := sumFields(s)
	for _, p := range ints {
		*p = times(*p, by)
	}
	for _, p := range floats {
		*p *= by
	}
}

// plus adds, and stays at the ends of what an int64 can be.
func plus(a, b int64) int64 {
	switch c := a + b; {
	case a > 0 && b > 0 && c < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && c >= 0:
		return math.MinInt64
	default:
		return c
	}
}

// times multiplies to the nearest, and stays well within an int64.
func times(n int64, by float64) int64 {
	if by == 1 {
		return n
	}
	return int64(math.Round(min(1<<62, max(-1<<62, float64(n)*by))))
}

// price is one budget's dual price, and how much its line items meet.
type price struct {
	pacing.Price
	rate float64 // opportunities per second: of the bidder, or of all
}

// multiplier is what a line item bids of its value.
type multiplier struct {
	lineItem event.LineItemID
	of       float64
}

// brief returns a price of half the bytes, which is exact enough to go on from.
func brief(p pacing.Price, rate float64) price {
	p.Log = float64(float32(p.Log))
	return price{p, float64(float32(rate))}
}
