package money

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// ErrSyntax says that a text is not a decimal number.
var ErrSyntax = errors.New("not a decimal number")

// maxDigits bounds the texts that parse: longer ones are hostile or broken.
const maxDigits = 40

// Parse reads a decimal number of currency units: "12.34", "-0.5", "1e-3".
// Digits below one nano are rounded half away from zero. The result is
// within [-Cap, Cap]; otherwise the error is ErrOverflow or ErrSyntax.
func Parse[T ~string | ~[]byte](s T) (Nanos, error) { return parse(s, 9) }

// ParseCPM reads a price per thousand impressions, as OpenRTB states it, and
// returns the amount for one impression. Six decimals are exact.
func ParseCPM[T ~string | ~[]byte](s T) (Nanos, error) { return parse(s, 6) }

// parse returns s * 10^scale as an integer.
func parse[T ~string | ~[]byte](s T, scale int) (Nanos, error) {
	if len(s) == 0 || len(s) > maxDigits {
		return 0, ErrSyntax
	}
	i, neg := 0, false
	if s[0] == '-' || s[0] == '+' {
		neg, i = s[0] == '-', 1
	}
	// The value is digits * 10^exp; at most 19 significant digits are kept,
	// which is beyond Cap at any scale, and the first dropped one rounds.
	var digits uint64
	exp, kept, seen, point := 0, 0, false, false
	roundUp := false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		if kept < 19 {
			digits = digits*10 + uint64(c-'0')
			if digits > 0 {
				kept++
			}
			if point {
				exp--
			}
			continue
		}
		if kept == 19 {
			roundUp = c >= '5'
			kept++
		}
		if !point {
			exp++
		}
	}
	if !seen {
		return 0, ErrSyntax
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		e, err := strconv.Atoi(string(s[i+1:]))
		if err != nil || e < -1000 || e > 1000 {
			return 0, ErrSyntax
		}
		exp += e
		i = len(s)
	}
	if i != len(s) {
		return 0, ErrSyntax
	}
	exp += scale
	if exp >= 0 && roundUp {
		digits++
	}
	for ; exp > 0 && digits > 0; exp-- {
		if digits > uint64(Cap) {
			return 0, ErrOverflow
		}
		digits *= 10
	}
	for ; exp < 0 && digits > 0; exp++ {
		if exp == -1 {
			digits += 5
		}
		digits /= 10
	}
	if digits > uint64(Cap) {
		return 0, ErrOverflow
	}
	if neg {
		return -Nanos(digits), nil
	}
	return Nanos(digits), nil
}

// String returns the exact decimal number of currency units, without
// trailing zeros: "12.34", "-0.000000001", "0".
func (n Nanos) String() string { return string(n.Append(nil)) }

// Append appends the text of String to b.
func (n Nanos) Append(b []byte) []byte { return n.appendDecimal(b, 9) }

// AppendCPM appends the price per thousand impressions of an amount per
// impression, as OpenRTB wants it: six decimals at most, exact.
func (n Nanos) AppendCPM(b []byte) []byte { return n.appendDecimal(b, 6) }

func (n Nanos) appendDecimal(b []byte, scale int) []byte {
	u := uint64(n)
	if n < 0 {
		b, u = append(b, '-'), -u
	}
	pow := uint64(1)
	for range scale {
		pow *= 10
	}
	b = strconv.AppendUint(b, u/pow, 10)
	frac := u % pow
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	for pow /= 10; frac > 0; pow /= 10 {
		b = append(b, byte('0'+frac/pow))
		frac %= pow
	}
	return b
}

// MarshalText makes amounts cross JSON as decimal strings of currency units.
func (n Nanos) MarshalText() ([]byte, error) { return n.Append(nil), nil }

// UnmarshalText reads a decimal string of currency units. A text with digits
// below one nano is refused rather than rounded: what an advertiser states
// must be what is stored.
func (n *Nanos) UnmarshalText(b []byte) error {
	v, err := Parse(b)
	if err != nil {
		return fmt.Errorf("cannot read amount %q: %w", clip(b), err)
	}
	if hasExponent(b) {
		return fmt.Errorf("cannot read amount %q: write it out, without an exponent", clip(b))
	}
	if decimalsBelow(b, 9) {
		return fmt.Errorf("cannot read amount %q: at most nine decimals are allowed", clip(b))
	}
	*n = v
	return nil
}

// decimalsBelow says whether a text has more decimals than so many.
func decimalsBelow(b []byte, most int) bool {
	after := -1
	for _, c := range b {
		switch {
		case c == '.':
			after = 0
		case after >= 0:
			if after++; after > most && c != '0' {
				return true
			}
		}
	}
	return false
}

// hasExponent says whether a number has an exponent: those are for wires that we
// do not own.
func hasExponent(b []byte) bool { return bytes.ContainsAny(b, "eE") }

func clip(b []byte) []byte {
	if len(b) > maxDigits {
		return b[:maxDigits]
	}
	return b
}
