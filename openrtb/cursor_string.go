package openrtb

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Every byte of a word at once: a byte's high bit is set where the byte is
// what is looked for. Above the first hit there may be false ones, so only
// the first is used.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the bytes of w that a JSON string cannot hold as they are, or
// that need a look: quotes, backslashes, control characters, not ASCII.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return (w | (w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// plain returns the index, from i on, of the first special byte. There is
// one: the padding.
func plain(b []byte, i int) int {
	for {
		if hit := special(binary.LittleEndian.Uint64(b[i:])); hit != 0 {
			return i + bits.TrailingZeros64(hit)>>3
		}
		i += 8
	}
}

// escapeLen returns the length of the escape at the front of b, or 0 when it
// is not one of JSON's.
func escapeLen(b []byte) int {
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && hexRune(b[2:]) >= 0 {
			return 6
		}
	}
	return 0
}

// hexRune returns the value of four hexadecimal digits, or -1.
func hexRune(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// unescape replaces the escapes of a checked string in place and returns the
// shorter text. A surrogate without its other half becomes U+FFFD, so that
// the result is UTF-8 always.
func unescape(s []byte) []byte {
	to := 0
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			s[to] = s[i]
			to++
			i++
			continue
		}
		if s[i+1] != 'u' {
			s[to] = simpleEscape(s[i+1])
			to++
			i += 2
			continue
		}
		r := hexRune(s[i+2:])
		i += 6
		if utf16.IsSurrogate(r) {
			second := rune(-1)
			if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
				second = hexRune(s[i+2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				i += 6
			}
		}
		to += utf8.EncodeRune(s[to:], r)
	}
	return s[:to]
}

func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c // the quote, the backslash and the slash stand for themselves
}
