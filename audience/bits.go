package audience

// bits reads numbers from web-safe base64 text, most significant bit first,
// without decoding it into memory. Once it has run past the end or into a
// character that is not base64, bad is set and every read is zero.
type bits struct {
	text []byte // unpadded
	at   int    // bit position
	bad  bool
}

// uint reads a number of n bits, at most 36 in one read.
func (b *bits) uint(n int) (v uint64) {
	for n > 0 && !b.bad {
		char := b.at / 6
		if char >= len(b.text) {
			b.bad = true
			break
		}
		six, ok := sixBits(b.text[char])
		if !ok {
			b.bad = true
			break
		}
		left := 6 - b.at%6 // unread bits of this character
		take := min(left, n)
		v = v<<take | uint64(six)>>(left-take)&(1<<take-1)
		b.at += take
		n -= take
	}
	if b.bad {
		return 0
	}
	return v
}

// bit reads one bit.
func (b *bits) bit() bool { return b.uint(1) == 1 }

// skip moves forward by n bits.
func (b *bits) skip(n int) {
	b.at += n
	if b.at > 6*len(b.text) {
		b.bad = true
	}
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
