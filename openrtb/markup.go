package openrtb

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/event"
)

// Markup is a creative's HTML, compiled when the catalog is built: escaped for
// a JSON string and split at the macros that the bid fills in:
//
//	${CLICK_URL}    our click redirect
//	${CACHEBUSTER}  digits that differ from bid to bid
//
// Everything else of that shape stays: ${AUCTION_ID} and its like are the
// exchange's to fill in, and scripts have template literals of their own. It
// is immutable.
type Markup struct {
	parts []markupPart
	size  int // bytes of all texts
}

// markupPart is escaped text and the macro that follows it.
type markupPart struct {
	text []byte
	then macro
}

type macro uint8

const (
	macroNone macro = iota // the end
	macroClick
	macroCacheBuster
)

var macroNames = [...]string{macroClick: "${CLICK_URL}", macroCacheBuster: "${CACHEBUSTER}"}

// The impression pixel, around its URL, escaped for a JSON string.
const (
	pixelHead = `<img src=\"`
	pixelTail = `\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">`
)

// CompileMarkup compiles HTML, which must be UTF-8 and not empty.
func CompileMarkup(html string) (*Markup, error) {
	if strings.TrimSpace(html) == "" {
		return nil, errors.New("cannot compile markup: it is empty")
	}
	if !utf8.ValidString(html) {
		return nil, errors.New("cannot compile markup: it is not UTF-8")
	}
	m := &Markup{}
	for {
		at, next := len(html), macroNone
		for k := macroClick; int(k) < len(macroNames); k++ {
			if i := strings.Index(html, macroNames[k]); i >= 0 && i < at {
				at, next = i, k
			}
		}
		text := appendEscaped(nil, []byte(html[:at]))
		m.size += len(text)
		m.parts = append(m.parts, markupPart{text, next})
		if next == macroNone {
			return m, nil
		}
		html = html[at+len(macroNames[next]):]
	}
}

// append appends the markup with b's values, escaped for a JSON string.
func (m *Markup) append(dst []byte, b *Bid) []byte {
	for i := range m.parts {
		p := &m.parts[i]
		dst = append(dst, p.text...)
		switch p.then {
		case macroClick:
			dst = appendEscaped(dst, b.Click)
		case macroCacheBuster:
			dst = strconv.AppendUint(dst, cacheBuster(b.ID), 10)
		}
	}
	if len(b.Pixel) > 0 {
		dst = append(dst, pixelHead...)
		dst = appendEscaped(dst, b.Pixel)
		dst = append(dst, pixelTail...)
	}
	return dst
}

// cacheBuster spreads a bid id over 53 bits, which every script can hold. It
// is a function of the id, so that the same bid encodes to the same bytes.
func cacheBuster(id event.BidID) uint64 {
	x := id.Incarnation() ^ id.Sequence()*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x ^ x>>31) >> 11
}
