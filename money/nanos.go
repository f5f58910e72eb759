package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Nanos is an amount of money in billionths (1e-9) of a currency unit.
type Nanos int64

// Units of amounts.
const (
	Nano  Nanos = 1
	Micro Nanos = 1e3
	Unit  Nanos = 1e9

	// Cap is the largest amount that a budget, price or goal may state: one
	// billion currency units. Nine such amounts can be added without overflow.
	Cap Nanos = 1e9 * Unit
)

// ErrOverflow says that a sum does not fit an amount. The caller must treat
// the operation as not done.
var ErrOverflow = errors.New("amount out of range")

// Add returns a+b, or ErrOverflow.
func Add(a, b Nanos) (Nanos, error) {
	s := a + b
	if (s > a) != (b > 0) && b != 0 {
		return 0, fmt.Errorf("cannot add %v and %v: %w", a, b, ErrOverflow)
	}
	return s, nil
}

// Sub returns a-b, or ErrOverflow.
func Sub(a, b Nanos) (Nanos, error) {
	d := a - b
	if (d < a) != (b > 0) && b != 0 {
		return 0, fmt.Errorf("cannot subtract %v from %v: %w", b, a, ErrOverflow)
	}
	return d, nil
}

// MulDiv returns a*num/den rounded half away from zero, without overflow in
// between. num and den count things (nanoseconds of a flight, parts of a
// split) and must not be negative; den must not be zero.
func MulDiv(a Nanos, num, den int64) (Nanos, error) {
	if num < 0 || den <= 0 {
		return 0, fmt.Errorf("cannot scale %v by %d/%d: %w", a, num, den, ErrOverflow)
	}
	neg := a < 0
	abs := uint64(a)
	if neg {
		abs = -abs
	}
	hi, lo := bits.Mul64(abs, uint64(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	hi += carry
	if hi >= uint64(den) {
		return 0, fmt.Errorf("cannot scale %v by %d/%d: %w", a, num, den, ErrOverflow)
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		return 0, fmt.Errorf("cannot scale %v by %d/%d: %w", a, num, den, ErrOverflow)
	}
	if neg {
		return -Nanos(q), nil
	}
	return Nanos(q), nil
}

// FromFloat returns the largest amount not above f nanos, within [0, Cap].
// It is for what we offer (a bid computed from predictions), never for what
// is owed. NaN and negative values offer nothing.
func FromFloat(f float64) Nanos {
	if !(f > 0) {
		return 0
	}
	if f >= float64(Cap) {
		return Cap
	}
	return Nanos(f)
}

// PerMille returns the amount per impression of a price per thousand
// impressions (CPM), rounded half away from zero.
func PerMille(cpm Nanos) Nanos {
	n, _ := MulDiv(cpm, 1, 1000) // a quotient of an int64 fits an int64
	return n
}

// CPM returns the price per thousand impressions of an amount per
// impression, or ErrOverflow.
func CPM(perImpression Nanos) (Nanos, error) { return MulDiv(perImpression, 1000, 1) }
