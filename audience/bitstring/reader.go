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
		if sixBits(c) == notSixBits && strings.IndexByte(also, c) < 0 {
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
	end := r.at + n
	if r.bad || end > 6*len(r.text) {
		r.bad = true
		return 0
	}
	last := (end + 5) / 6
	var all byte
	for _, c := range r.text[r.at/6 : last] { // at most 7, which is 42 bits
		six := sixBits(c)
		all |= six
		v = v<<6 | uint64(six&63)
	}
	if all&notSixBits != 0 {
		r.bad = true
		return 0
	}
	r.at = end
	return v >> (6*last - end) & (1<<n - 1)
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

// notSixBits is set in what sixBits returns of other characters.
const notSixBits = 1 << 6

// sixBits returns the value of a character of web-safe base64.
func sixBits(c byte) byte { return values[c] }

// values are what the characters of the alphabet stand for.
const values = "" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x3e\x40\x40" +
	"\x34\x35\x36\x37\x38\x39\x3a\x3b\x3c\x3d\x40\x40\x40\x40\x40\x40" +
	"\x40\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e" +
	"\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x40\x40\x40\x40\x3f" +
	"\x40\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28" +
	"\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30\x31\x32\x33\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40" +
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40"
