package openrtb

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/event"
)

// Markup is a creative's HTML or VAST, or a piece of its native JSON, compiled
// when the catalog is built: escaped for where it goes and split at the macros
// that the bid fills in:
//
//	${CLICK_URL}      our click redirect
//	${CLICK_URL_ENC}  the same percent-encoded, for a query of another's redirect
//	${PIXEL_URL}      our impression pixel; HTML gets an <img> at its end instead
//	${CACHEBUSTER}    digits that differ from bid to bid
//
// and what third parties ask for, see signalMacros, percent-encoded to be one
// value of a query: so it ends nothing that it stands in, and may be empty.
//
// Everything else of that shape stays: ${AUCTION_ID} and its like are the
// exchange's to fill in, and scripts have template literals of their own. It
// is immutable.
type Markup struct {
	// text is escaped, without the macros and what is a phrase. Behind it, from
	// and to the bytes that follow here, are macros, and references to the text
	// and the phrases, see press.
	text     string
	phrases  *string // what Phrases says; nil where there are none
	from, to uint32
	html     bool // URLs go in as they are, and the pixel is added
}

type macro uint8

const (
	macroNone macro = iota // the end
	macroClick
	macroClickEncoded
	macroCacheBuster
	macroGDPR
	macroGDPRConsent
	macroUSPrivacy
	macroGPP
	macroGPPSections
	macroSite
	macroApp
	macroCampaign
	macroLineItem
	macroCreative
	macroPixel // last, as it is not in HTML
)

var macroNames = [...]string{
	macroClick: "${CLICK_URL}", macroClickEncoded: "${CLICK_URL_ENC}", macroCacheBuster: "${CACHEBUSTER}",
	macroGDPR: "${GDPR}", macroGDPRConsent: consentMacro, macroUSPrivacy: "${US_PRIVACY}", macroGPP: "${GPP_STRING}", macroGPPSections: "${GPP_SID}",
	macroSite: "${SITE_DOMAIN}", macroApp: "${APP_BUNDLE}",
	macroCampaign: "${CAMPAIGN_ID}", macroLineItem: "${LINE_ITEM_ID}", macroCreative: "${CREATIVE_ID}",
	macroPixel: "${PIXEL_URL}",
}

// The impression pixel, around its URL, escaped for a JSON string.
const (
	pixelHead = `<img src=\"`
	pixelTail = `\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">`
)

// CompileMarkup compiles HTML, which must be UTF-8 and not empty.
func CompileMarkup(html string) (*Markup, error) {
	p := press{}
	if err := p.add(html, macroNames[:macroPixel]); err != nil {
		return nil, err
	}
	m := &p.markups()[0]
	m.html = true
	return m, nil
}

// CompileVAST compiles a VAST document, which must be UTF-8, not empty, and
// have ${PIXEL_URL} where our impression is counted. Every macro must stand
// within CDATA but ${CACHEBUSTER}, see package vast.
func CompileVAST(xml string) (*Markup, error) {
	p := &press{at: map[uint64]uint32{}}
	if err := p.addVAST(xml); err != nil {
		return nil, err
	}
	return &p.markups()[0], nil
}

func (p *press) addVAST(xml string) error {
	if !strings.Contains(xml, macroNames[macroPixel]) {
		return errors.New("cannot compile VAST: our impression is not in it")
	}
	return p.add(xml, macroNames[:])
}

// CompileJSON compiles pieces of native JSON that are kept together, in which
// macros stand within strings only. They go within a JSON string, as adm mostly
// does, or with AppendBare into the response as JSON.
func CompileJSON(pieces ...string) ([]Markup, error) {
	p := press{}
	for _, json := range pieces {
		if strings.ContainsFunc(json, func(r rune) bool { return r < ' ' }) {
			return nil, errors.New("cannot compile JSON: it has a control character")
		}
		if err := p.add(json, macroNames[:]); err != nil {
			return nil, err
		}
	}
	return p.markups(), nil
}

// AppendBare appends JSON as Append does, but not as part of a string.
func (m *Markup) AppendBare(dst []byte, b *Bid) []byte {
	from := len(dst)
	dst = m.Append(dst, b)
	text := dst[from:]
	n := 0
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' { // before a quote or another: nothing else in JSON has to be escaped
			i++
		}
		text[n] = text[i]
		n++
	}
	return dst[:from+n]
}

// add compiles a markup beside those that the press has.
func (p *press) add(text string, macros []string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("cannot compile markup: it is empty")
	}
	if !utf8.ValidString(text) {
		return errors.New("cannot compile markup: it is not UTF-8")
	}
	var code, escaped []byte
	for {
		at, length, next := len(text), 0, macroNone
		for k := macroClick; int(k) < len(macros); k++ {
			if i, n := find(text, macros[k]); i >= 0 && i < at {
				at, length, next = i, n, k
			}
		}
		escaped = appendEscaped(escaped[:0], []byte(text[:at]))
		code = p.put(code, escaped)
		if next == macroNone {
			p.codes = append(p.codes, code)
			return nil
		}
		code = append(code, byte(next))
		text = text[at+length:]
	}
}

// markups returns what was added. All of it is in one piece of memory, without
// room to spare: there are many.
func (p *press) markups() []Markup {
	all := string(slices.Concat(append([][]byte{p.own}, p.codes...)...))
	markups, at := make([]Markup, len(p.codes)), len(p.own)
	var phrases *string
	if p.phrases != nil {
		phrases = p.phrases.text
	}
	for i, code := range p.codes {
		markups[i] = Markup{text: all, phrases: phrases, from: uint32(at), to: uint32(at + len(code))}
		at += len(code)
	}
	return markups
}

// Append appends the markup with b's values, without allocating when dst has
// room. Of b it reads the ids, the URLs and
// the signals.
func (m *Markup) Append(dst []byte, b *Bid) []byte {
	code := m.text[m.from:m.to]
	for i := 0; i < len(code); {
		op := code[i]
		i++
		switch op {
		case ofOwn, ofPhrases:
			var at, n int
			at, i = varint(code, i)
			n, i = varint(code, i)
			if op == ofOwn {
				dst = append(dst, m.text[at:at+n]...)
			} else {
				dst = append(dst, (*m.phrases)[at:at+n]...)
			}
		case byte(macroClick):
			dst = m.appendURL(dst, b.Click)
		case byte(macroClickEncoded):
			dst = appendQueryEscaped(dst, b.Click)
		case byte(macroPixel):
			dst = m.appendURL(dst, b.Pixel)
		case byte(macroCacheBuster):
			dst = strconv.AppendUint(dst, CacheBuster(b.ID), 10)
		default:
			dst = b.appendSignal(dst, macro(op))
		}
	}
	if m.html && len(b.Pixel) > 0 {
		dst = append(dst, pixelHead...)
		dst = appendEscaped(dst, b.Pixel)
		dst = append(dst, pixelTail...)
	}
	return dst
}

func (m *Markup) appendURL(dst, url []byte) []byte {
	if m.html {
		return appendEscaped(dst, url)
	}
	return appendInert(dst, url)
}

// appendInert appends a URL such that it means the same and ends nothing that
// it can stand in: a CDATA section, a JSON string, a JSON string in one, an
// attribute of HTML. What RFC 3986 has no place for is percent-encoded.
func appendInert(dst, url []byte) []byte {
	for _, c := range url {
		switch {
		case c <= ' ' || c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '\'', c == '`':
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendQueryEscaped percent-encodes all but what RFC 3986 calls unreserved,
// so that the URL is one value of another's query.
func appendQueryEscaped(dst, url []byte) []byte {
	for _, c := range url {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

const upperHex = "0123456789ABCDEF"

// CacheBuster spreads a bid id over 53 bits, which every script can hold. It
// is a function of the id, so that the same bid encodes to the same bytes.
func CacheBuster(id event.BidID) uint64 {
	x := id.Incarnation() ^ id.Sequence()*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x ^ x>>31) >> 11
}
