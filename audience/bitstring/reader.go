package bitstring

import (
	"bytes"
	"strings"
)

// Reader reads numbers from one segment of text. Once it has run past the end
// or into a character that is not base64, it is bad for good, and every read
// is zero. The zero Reader has nothing to read.
type Reader struct {
	text []byte // unpadded
	at   int    // bit position
	bad  bool
}

// New returns a reader of a segment. Padding should not be there, but is
// unambiguous.
func New(text []byte) Reader { return Reader{text: bytes.TrimRight(text, "=")} }

// Valid says whether all of a text is base64 characters, or in also.
func Valid(text []byte, also string) bool {
	for _, c := range text {
		if _, ok := sixBits(c); !ok && strings.IndexByte(also, c) < 0 {
			return false
		}
	}
	return true
}

// Bad says whether a read has failed.
func (r *Reader) Bad() bool { return r.bad }

// Fail makes the reader bad, for a number that may not be there.
func (r *Reader) Fail() { r.bad = true }

// At returns a reader of the same text from another bit on.
func (r *Reader) At(bit int) Reader { return Reader{text: r.text, at: bit} }

// Pos returns the position in bits.
func (r *Reader) Pos() int { return r.at }

// Uint reads a number of n bits, at most 36 in one read.
func (r *Reader) Uint(n int) (v uint64) {
	for n > 0 && !r.bad {
		char := r.at / 6
		if char >= len(r.text) {
			r.bad = true
			break
		}
		six, ok := sixBits(r.text[char])
		if !ok {
			r.bad = true
			break
		}
		left := 6 - r.at%6 // unread bits of this character
		take := min(left, n)
		v = v<<take | uint64(six)>>(left-take)&(1<<take-1)
		r.at += take
		n -= take
	}
	if r.bad {
		return 0
	}
	return v
}

// Int is Uint for numbers that count.
func (r *Reader) Int(n int) int { return int(r.Uint(n)) }

// Bit reads one bit.
func (r *Reader) Bit() bool { return r.Uint(1) == 1 }

// Advance moves forward by n bits.
func (r *Reader) Advance(n int) {
	r.at += n
	if r.at > 6*len(r.text) {
		r.bad = true
	}
}

// maxFibonacci is the greatest number that a Fibonacci code may stand for: a
// vendor id, or the distance of two.
const maxFibonacci = 1<<16 - 1

// Fibonacci reads a number in Fibonacci coding, as the Global Privacy
// Platform's "Consent String Specification" has it: a sum of Fibonacci numbers,
// smallest first, no two of them neighbours; so two ones in a row end it.
func (r *Reader) Fibonacci() int {
	sum, f, next := 0, 1, 2
	for last := false; !r.bad; {
		bit := r.Bit()
		if bit && last {
			return sum
		}
		if bit {
			sum += f
		}
		if f > maxFibonacci || sum > maxFibonacci {
			r.bad = true
		}
		last, f, next = bit, next, f+next
	}
	return 0
}

// maxPadding is how many bits may follow the last field: writers fill up the
// last byte, and then the last character.
const maxPadding = 7 + 4

// Ends says whether nothing but padding is left.
func (r *Reader) Ends() bool {
	left := 6*len(r.text) - r.at
	if r.bad || left < 0 || left > maxPadding {
		return false
	}
	rest := *r
	return rest.Uint(left) == 0 && !rest.bad
}

// sixBits returns the value of a character of web-safe base64.
func sixBits(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '-':
		return 62, true
	case c == '_':
		return 63, true
	}
	return 0, false
}
