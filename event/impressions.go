package event

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// Impressions is a number of impressions, in millionths: a showing out of home
// counts for as many as people are said to see it (OpenRTB's qty), which need
// not be a whole number.
type Impressions int64

// OneImpression is what all other showings count for.
const OneImpression Impressions = 1_000_000

// ErrImpressions says that a text is no number of impressions.
var ErrImpressions = errors.New("want a number without separators, of at most six decimals")

// ParseImpressions reads a decimal number with at most six decimals.
func ParseImpressions(text string) (Impressions, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, point := strings.Cut(digits, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	if err != nil || len(part) > 6 || point && part == "" {
		return 0, ErrImpressions
	}
	m, err := strconv.ParseUint((part + "000000")[:6], 10, 63)
	hi, lo := bits.Mul64(n, uint64(OneImpression))
	if err != nil || hi > 0 || lo > 1<<63-1-m {
		return 0, ErrImpressions
	}
	if negative {
		return -Impressions(lo + m), nil
	}
	return Impressions(lo + m), nil
}

// String returns the decimal number, without zeros at its end.
func (n Impressions) String() string { return string(n.append(nil)) }

// MarshalJSON writes a number.
func (n Impressions) MarshalJSON() ([]byte, error) { return n.append(nil), nil }

// UnmarshalJSON reads a number.
func (n *Impressions) UnmarshalJSON(text []byte) (err error) {
	*n, err = ParseImpressions(string(text))
	return err
}

func (n Impressions) append(dst []byte) []byte {
	all := uint64(n)
	if n < 0 {
		dst, all = append(dst, '-'), -all
	}
	dst = strconv.AppendUint(dst, all/uint64(OneImpression), 10)
	if part := all % uint64(OneImpression); part > 0 {
		text := strconv.FormatUint(uint64(OneImpression)+part, 10)
		dst = append(append(dst, '.'), strings.TrimRight(text[1:], "0")...)
	}
	return dst
}
