package money

import (
	"fmt"
	"math/bits"
)

// Quote is what one unit of a table's base currency is worth in another, in
// trillionths (1e-12): finer than an amount, so that a quote of six digits is
// exact for every currency there is.
type Quote int64

// QuoteOne is the quote of the base currency itself, and MaxQuote the largest
// that a table may state: a million units.
const (
	QuoteOne Quote = 1e12
	MaxQuote Quote = 1e18
)

// ParseQuote reads a decimal number above zero, at most a million, with at most
// twelve decimals: nothing that a source states is rounded.
func ParseQuote[T ~string | ~[]byte](s T) (Quote, error) {
	n, err := parse(s, 12)
	if err != nil {
		return 0, err
	}
	if n <= 0 {
		return 0, ErrOverflow
	}
	if hasExponent([]byte(s)) || decimalsBelow([]byte(s), 12) {
		return 0, ErrSyntax
	}
	return Quote(n), nil
}

// String returns the exact decimal number of units.
func (q Quote) String() string { return string(Nanos(q).appendDecimal(nil, 12)) }

// MarshalText makes quotes cross JSON as decimal strings.
func (q Quote) MarshalText() ([]byte, error) { return Nanos(q).appendDecimal(nil, 12), nil }

// UnmarshalText reads a decimal string, see [ParseQuote].
func (q *Quote) UnmarshalText(b []byte) error {
	v, err := ParseQuote(b)
	if err != nil {
		return fmt.Errorf("cannot read rate %q: %w", clip(b), err)
	}
	*q = v
	return nil
}

// Rate is what one unit of a currency is worth in another: an exact fraction.
// The zero value converts nothing.
type Rate struct{ num, den uint64 }

// NewRate returns the rate between two currencies that are quoted against the
// same base. Without two quotes above zero it is the zero value.
func NewRate(from, to Quote) Rate {
	if from <= 0 || to <= 0 || from > MaxQuote || to > MaxQuote {
		return Rate{}
	}
	return Rate{uint64(to), uint64(from)}
}

// One is the rate between a currency and itself: what it converts stays what it
// is.
func One() Rate { return Rate{1, 1} }

// Inverse returns the rate of the way back.
func (r Rate) Inverse() Rate { return Rate{r.den, r.num} }

// Float returns the rate as a float: for bounds and metrics, never for an
// amount.
func (r Rate) Float() float64 {
	if r.den == 0 {
		return 0
	}
	return float64(r.num) / float64(r.den)
}

// Down converts an amount that is not negative and rounds towards zero: for
// what we offer. Down and then Up by the inverse never gives more than there
// was. ErrOverflow says that the result is above [Cap], or that there is no rate.
func (r Rate) Down(n Nanos) (Nanos, error) { return r.convert(n, 0) }

// Up converts an amount that is not negative and rounds away from zero: for
// what we owe, and for what we have to reach. ErrOverflow is as in Down.
func (r Rate) Up(n Nanos) (Nanos, error) { return r.convert(n, r.den-1) }

func (r Rate) convert(n Nanos, add uint64) (Nanos, error) {
	if n < 0 || r.den == 0 {
		return 0, fmt.Errorf("cannot convert %v: %w", n, ErrOverflow)
	}
	hi, lo := bits.Mul64(uint64(n), r.num)
	lo, carry := bits.Add64(lo, add, 0)
	hi += carry
	if hi >= r.den {
		return 0, fmt.Errorf("cannot convert %v: %w", n, ErrOverflow)
	}
	q, _ := bits.Div64(hi, lo, r.den)
	if q > uint64(Cap) {
		return 0, fmt.Errorf("cannot convert %v: %w", n, ErrOverflow)
	}
	return Nanos(q), nil
}
