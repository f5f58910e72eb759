package openrtb

import "unicode/utf8"

// cursor walks a JSON text (RFC 8259) once, from front to back. It is strict:
// what it steps over is checked as closely as what it reads. After the first
// failure it stands at the end, where nothing matches, so that loops over
// members and elements end without asking.
//
// The text is followed by padding zeros. No JSON token holds a zero byte, so
// a scan stops there without comparing its index, and eight bytes can be
// loaded at any index within the text.
type cursor struct {
	b     []byte // the text and its padding
	i     int
	end   int // length of the text
	depth int // levels that may still be entered

	key    []byte // of the member that object or member stepped to, unescaped
	unread int    // values that were there and could not be read

	msg string // what is wrong, empty as long as nothing is
	at  int    // where
}

// padding is how many zeros follow the text.
const padding = 8

// What can be wrong with a text.
const (
	msgValue   = "a value is missing or not JSON"
	msgKey     = "an object's key is missing or not followed by a colon"
	msgMember  = "an object is not closed, or a comma is missing"
	msgElement = "an array is not closed, or a comma is missing"
	msgString  = "a string is not closed, or holds a control character or a bad escape"
	msgUTF8    = "a string is not UTF-8"
	msgNumber  = "a number is not JSON"
	msgDepth   = "objects and arrays are nested too deep"
	msgRepeat  = "a key that we read is there twice in one object"
	msgTail    = "there is more after the request"
)

// fail records the first failure and moves to the end.
func (c *cursor) fail(msg string) {
	if c.msg == "" {
		c.msg, c.at = msg, c.i
	}
	c.i = c.end
}

// space steps over white space.
func (c *cursor) space() {
	for {
		switch c.b[c.i] {
		case ' ', '\n', '\t', '\r':
			c.i++
		default:
			return
		}
	}
}

// object steps into the object that the cursor is at, to its first member's
// value. It returns false when there is none, and the object is then behind.
//
//	for more := c.object(); more; more = c.member() {
//		switch string(c.key) { ... each case reads or skips the value
func (c *cursor) object() bool {
	if c.depth--; c.depth < 0 {
		c.fail(msgDepth)
		return false
	}
	c.i++
	c.space()
	if c.b[c.i] == '}' {
		c.i++
		c.depth++
		return false
	}
	return c.name()
}

// member steps from behind one member's value to the next one's.
func (c *cursor) member() bool {
	if c.b[c.i] <= ' ' {
		c.space()
	}
	switch c.b[c.i] {
	case ',':
		if c.i++; c.b[c.i] <= ' ' {
			c.space()
		}
		return c.name()
	case '}':
		c.i++
		c.depth++
		return false
	}
	c.fail(msgMember)
	return false
}

// name reads a key and its colon.
func (c *cursor) name() bool {
	if c.b[c.i] != '"' {
		c.fail(msgKey)
		return false
	}
	c.key = c.str()
	if c.b[c.i] != ':' {
		if c.space(); c.b[c.i] != ':' {
			c.fail(msgKey)
			return false
		}
	}
	if c.i++; c.b[c.i] <= ' ' {
		c.space()
	}
	return true
}

// array steps into the array that the cursor is at, to its first element. It
// returns false when there is none, and the array is then behind.
func (c *cursor) array() bool {
	if c.depth--; c.depth < 0 {
		c.fail(msgDepth)
		return false
	}
	c.i++
	c.space()
	if c.b[c.i] == ']' {
		c.i++
		c.depth++
		return false
	}
	return true
}

// element steps from behind one element to the next.
func (c *cursor) element() bool {
	if c.b[c.i] <= ' ' {
		c.space()
	}
	switch c.b[c.i] {
	case ',':
		if c.i++; c.b[c.i] <= ' ' {
			c.space()
		}
		return true
	case ']':
		c.i++
		c.depth++
		return false
	}
	c.fail(msgElement)
	return false
}

// skip steps over one value of any kind.
func (c *cursor) skip() {
	switch b := c.b[c.i]; {
	case b == '"':
		c.scan()
	case b == '{':
		for more := c.object(); more; more = c.member() {
			c.skip()
		}
	case b == '[':
		for more := c.array(); more; more = c.element() {
			c.skip()
		}
	case b == 't':
		c.literal("true")
	case b == 'f':
		c.literal("false")
	case b == 'n':
		c.literal("null")
	default:
		c.number()
	}
}

func (c *cursor) literal(word string) {
	if stop := c.i + len(word); stop <= c.end && string(c.b[c.i:stop]) == word {
		c.i = stop
		return
	}
	c.fail(msgValue)
}

// number steps over a number and returns its text.
func (c *cursor) number() []byte {
	b, i := c.b, c.i
	if b[i] == '-' {
		i++
	}
	switch {
	case b[i] == '0':
		i++
	case isDigit(b[i]):
		i = digits(b, i)
	case i == c.i:
		c.fail(msgValue)
		return nil
	default:
		c.fail(msgNumber)
		return nil
	}
	if b[i] == '.' {
		if i++; !isDigit(b[i]) {
			c.fail(msgNumber)
			return nil
		}
		i = digits(b, i)
	}
	if b[i]|0x20 == 'e' {
		if i++; b[i] == '+' || b[i] == '-' {
			i++
		}
		if !isDigit(b[i]) {
			c.fail(msgNumber)
			return nil
		}
		i = digits(b, i)
	}
	text := b[c.i:i]
	c.i = i
	return text
}

func isDigit(b byte) bool { return b-'0' < 10 }

// digits returns the index behind the digits at i.
func digits(b []byte, i int) int {
	for isDigit(b[i]) {
		i++
	}
	return i
}

// str steps over a string and returns its text, unescaped. Escapes are
// replaced in place: the result is never longer.
func (c *cursor) str() []byte {
	from := c.i + 1
	i := plain(c.b, from)
	if c.b[i] == '"' {
		c.i = i + 1
		return c.b[from:i:i]
	}
	escaped, ok := c.scanFrom(i)
	if !ok {
		return nil
	}
	raw := c.b[from : c.i-1 : c.i-1]
	if escaped {
		return unescape(raw)
	}
	return raw
}

// scan steps over a string.
func (c *cursor) scan() {
	i := plain(c.b, c.i+1)
	if c.b[i] == '"' {
		c.i = i + 1
		return
	}
	c.scanFrom(i)
}

// scanFrom steps over the rest of a string from its first byte that is not
// plain, and returns whether the rest holds escapes, and is good.
func (c *cursor) scanFrom(i int) (escaped, ok bool) {
	b := c.b
	for {
		switch ch := b[i]; {
		case ch == '"':
			c.i = i + 1
			return escaped, true
		case ch == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				c.i = i
				c.fail(msgString)
				return false, false
			}
			escaped = true
			i += n
		case ch >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(b[i:c.end])
			if r == utf8.RuneError && n <= 1 {
				c.i = i
				c.fail(msgUTF8)
				return false, false
			}
			i += n
		default:
			c.i = i
			c.fail(msgString)
			return false, false
		}
		i = plain(b, i)
	}
}
