package openrtb

import (
	"math"
	"math/bits"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Quantity is how many impressions one showing counts for (imp.qty), in
// millionths: a screen out of home is seen by many at once. 0 is one
// impression.
type Quantity uint64

const oneImpression = 1_000_000

// QuantityOf returns a multiplier as a quantity, rounded up to a millionth.
func QuantityOf(multiplier float64) Quantity {
	// What lies within a thousandth of a millionth is the error of the float.
	q := Quantity(math.Ceil(min(max(multiplier, 0), maxQuantity)*oneImpression - 0.001))
	if q == oneImpression {
		return 0
	}
	return max(q, 1)
}

// Of returns what a showing costs at a price per impression, rounded up, at
// most [money.Cap].
func (q Quantity) Of(perImpression money.Nanos) money.Nanos {
	if q == 0 || perImpression <= 0 {
		return perImpression
	}
	hi, lo := bits.Mul64(uint64(perImpression), uint64(q))
	lo, carry := bits.Add64(lo, oneImpression-1, 0)
	if hi += carry; hi >= oneImpression {
		return money.Cap
	}
	cost, _ := bits.Div64(hi, lo, oneImpression)
	return money.Nanos(min(cost, uint64(money.Cap)))
}

// Impressions returns how many impressions it is.
func (q Quantity) Impressions() event.Impressions {
	if q == 0 {
		return event.OneImpression
	}
	return event.Impressions(min(q, maxQuantity*oneImpression))
}

// Float returns the multiplier.
func (q Quantity) Float() float64 {
	if q == 0 {
		return 1
	}
	return float64(q) / oneImpression
}
