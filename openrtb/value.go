package openrtb

import (
	"bytes"
	"strconv"
	"unsafe"

	"github.com/tangent-dsp/tangent/money"
)

// sent says what became of a member that is there. Exchanges are careless
// with types, so the readers below take what is clear: numbers in quotes,
// whole floats for integers, numbers for text, one text for a list of one.
// Null, empty text and the empty array are how many writers say nothing.
type sent uint8

const (
	absent     sent = iota // nothing was said
	read                   // the value is good
	unreadable             // something was said that we cannot read; counted in unread
)

// spoil steps over a value that cannot be read and counts it.
func (c *cursor) spoil() sent {
	c.skip()
	return c.bad()
}

// bad counts a value that was stepped over and cannot be read.
func (c *cursor) bad() sent {
	c.unread++
	return unreadable
}

// nothing steps over a value that says nothing, if the cursor is at one.
func (c *cursor) nothing() bool {
	switch c.b[c.i] {
	case 'n':
		c.literal("null")
		return true
	case '"':
		if c.b[c.i+1] == '"' {
			c.i += 2
			return true
		}
	case '[':
		i := c.i + 1
		for c.b[i] == ' ' || c.b[i] == '\n' || c.b[i] == '\t' || c.b[i] == '\r' {
			i++
		}
		if c.b[i] == ']' {
			c.i = i + 1
			return true
		}
	}
	return false
}

// isObject returns read when the cursor is at an object, which the caller
// must then walk. Anything else is stepped over.
func (c *cursor) isObject() sent {
	switch {
	case c.b[c.i] == '{':
		return read
	case c.nothing():
		return absent
	}
	return c.spoil()
}

// isArray is isObject for arrays; an empty one is absent.
func (c *cursor) isArray() sent {
	switch {
	case c.nothing():
		return absent
	case c.b[c.i] == '[':
		return read
	}
	return c.spoil()
}

// text reads a text, or a number as it is written.
func (c *cursor) text() ([]byte, sent) {
	switch b := c.b[c.i]; {
	case b == '"':
		s := c.str()
		if len(s) == 0 {
			return nil, absent
		}
		return s, read
	case b == '-' || isDigit(b):
		return c.number(), read
	case c.nothing():
		return nil, absent
	}
	return nil, c.spoil()
}

// numeral returns the text of a number, in quotes or not.
func (c *cursor) numeral() ([]byte, sent) {
	switch b := c.b[c.i]; {
	case b == '-' || isDigit(b):
		return c.number(), read
	case c.nothing():
		return nil, absent
	case b == '"':
		return c.str(), read
	}
	return nil, c.spoil()
}

// integer reads a whole number.
func (c *cursor) integer() (int, sent) {
	text, s := c.numeral()
	if s != read {
		return 0, s
	}
	n, whole, ok := parseInt(text)
	if !ok || !whole {
		return 0, c.bad()
	}
	return n, read
}

// duration reads a number of milliseconds or seconds; what is below one is
// dropped, and negative ones cannot be read.
func (c *cursor) duration() (int, sent) {
	text, s := c.numeral()
	if s != read {
		return 0, s
	}
	n, _, ok := parseInt(text)
	if !ok || n < 0 {
		return 0, c.bad()
	}
	return n, read
}

// flag reads 0 or 1, or a boolean.
func (c *cursor) flag() (bool, sent) {
	switch c.b[c.i] {
	case 't':
		c.literal("true")
		return true, read
	case 'f':
		c.literal("false")
		return false, read
	}
	n, s := c.integer()
	if s == read && n != 0 && n != 1 {
		return false, c.bad()
	}
	return n == 1, s
}

// price reads a CPM and returns the amount per impression, rounded up: a bid
// at the result is never below what was asked. Negative prices cannot be read.
func (c *cursor) price() (money.Nanos, sent) {
	text, s := c.numeral()
	if s != read {
		return 0, s
	}
	n, ok := parsePrice(text)
	if !ok {
		return 0, c.bad()
	}
	return n, read
}

// float reads any number.
func (c *cursor) float() (float64, sent) {
	text, s := c.numeral()
	if s != read {
		return 0, s
	}
	f, ok := parseFloat(text)
	if !ok {
		return 0, c.bad()
	}
	return f, read
}

// texts reads a list of texts onto the slab. Empty ones are left out; a list
// of which any element cannot be read is unreadable, with the rest in it.
func (c *cursor) texts(slab *[][]byte) ([][]byte, sent) { return c.list(slab, false) }

// names is texts for a list in which a number is nothing that we could
// compare, and cannot be read.
func (c *cursor) names(slab *[][]byte) ([][]byte, sent) { return c.list(slab, true) }

func (c *cursor) list(slab *[][]byte, numbersBad bool) ([][]byte, sent) {
	if c.nothing() {
		return nil, absent
	}
	from, state := len(*slab), absent
	add := func() {
		var t []byte
		var s sent
		if b := c.b[c.i]; numbersBad && (b == '-' || isDigit(b)) {
			s = c.spoil()
		} else {
			t, s = c.text()
		}
		if s == read {
			*slab = append(*slab, t)
		}
		state = max(state, s)
	}
	if c.b[c.i] != '[' {
		add()
	} else {
		for more := c.array(); more; more = c.element() {
			add()
		}
	}
	return (*slab)[from:len(*slab):len(*slab)], state
}

// integers reads a list of whole numbers onto the slab, as texts does.
func (c *cursor) integers(slab *[]int) ([]int, sent) {
	if c.nothing() {
		return nil, absent
	}
	from, state := len(*slab), absent
	add := func() {
		n, s := c.integer()
		if s == read {
			*slab = append(*slab, n)
		}
		state = max(state, s)
	}
	if c.b[c.i] != '[' {
		add()
	} else {
		for more := c.array(); more; more = c.element() {
			add()
		}
	}
	return (*slab)[from:len(*slab):len(*slab)], state
}

// parseInt reads a number and returns what is left of the point, and whether
// anything but zeros is right of it.
func parseInt(text []byte) (n int, whole, ok bool) {
	digits := text
	if len(text) > 0 && text[0] == '-' {
		digits = text[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return parseLongInt(text)
	}
	for i, b := range digits {
		if !isDigit(b) {
			if i == 0 || b != '.' {
				return parseLongInt(text)
			}
			for _, b := range digits[i+1:] {
				if b != '0' {
					return parseLongInt(text)
				}
			}
			break
		}
		n = n*10 + int(b-'0')
	}
	if len(digits) < len(text) {
		n = -n
	}
	return n, true, true
}

// parseLongInt is parseInt for the rare: fractions, exponents, long texts.
func parseLongInt(text []byte) (n int, whole, ok bool) {
	if len(bytes.Trim(text, "+-.0123456789eE")) > 0 {
		return 0, false, false // "inf", "0x1": not for us, though for ParseFloat
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f <= -1<<53 || f >= 1<<53 {
		return 0, false, false
	}
	n = int(f)
	return n, float64(n) == f, true
}

// parsePrice returns a CPM as the amount per impression, rounded up.
func parsePrice(text []byte) (money.Nanos, bool) {
	n, err := money.ParseCPM(text)
	if err != nil || text[0] == '-' && n != 0 {
		return 0, false
	}
	point := bytes.IndexByte(text, '.')
	switch {
	case bytes.ContainsAny(text, "eE"):
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return 0, false
		}
		if f*1e6-float64(n) > 1e-6 {
			n++
		}
	case point < 0 || len(text)-point-1 <= 6:
		// exact
	default:
		// What ParseCPM rounded down is one too low.
		rest := text[point+1+6:]
		if rest[0] < '5' && len(bytes.Trim(rest, "0")) > 0 {
			n++
		}
	}
	return n, true
}

// parseFloat reads a decimal number.
func parseFloat(text []byte) (float64, bool) {
	if len(text) == 0 || len(text) > 64 || len(bytes.Trim(text, "+-.0123456789eE")) > 0 {
		return 0, false // "inf", "0x1": not for us, though for ParseFloat
	}
	f, err := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64) // which keeps nothing of it
	return f, err == nil
}
