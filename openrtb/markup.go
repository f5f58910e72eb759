package openrtb

import (
	"bytes"
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
	text  []byte // escaped, without the macros
	parts []markupPart
	html  bool // URLs go in as they are, and the pixel is added
}

// markupPart is where a part of the text ends, and the macro that follows it.
type markupPart struct {
	end  uint32
	then macro
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
	m, err := compile(html, macroNames[:macroPixel], true)
	if err != nil {
		return nil, err
	}
	m.html = true
	return m, nil
}

// CompileVAST compiles a VAST document, which must be UTF-8, not empty, and
// have ${PIXEL_URL} where our impression is counted. Every macro must stand
// within CDATA but ${CACHEBUSTER}, see package vast.
func CompileVAST(xml string) (*Markup, error) {
	if !strings.Contains(xml, macroNames[macroPixel]) {
		return nil, errors.New("cannot compile VAST: our impression is not in it")
	}
	return compile(xml, macroNames[:], true)
}

// CompileJSON compiles a piece of native JSON, in which macros stand within
// strings only. A quoted one goes within a JSON string, as adm mostly does;
// one that is not goes into the response as JSON.
func CompileJSON(json string, quoted bool) (*Markup, error) {
	return compile(json, macroNames[:], quoted)
}

func compile(text string, macros []string, quoted bool) (*Markup, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("cannot compile markup: it is empty")
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("cannot compile markup: it is not UTF-8")
	}
	m := &Markup{}
	for {
		at, length, next := len(text), 0, macroNone
		for k := macroClick; int(k) < len(macros); k++ {
			if i, n := find(text, macros[k]); i >= 0 && i < at {
				at, length, next = i, n, k
			}
		}
		if quoted {
			m.text = appendEscaped(m.text, []byte(text[:at]))
		} else {
			m.text = append(m.text, text[:at]...)
		}
		m.parts = append(m.parts, markupPart{uint32(len(m.text)), next})
		if next == macroNone {
			m.text, m.parts = bytes.Clone(m.text), slices.Clone(m.parts) // no room to spare: there are many
			return m, nil
		}
		text = text[at+length:]
	}
}

// Append appends the markup with b's values, without allocating when dst has
// room. Of b it reads the ids, the URLs and
// the signals.
func (m *Markup) Append(dst []byte, b *Bid) []byte {
	from := uint32(0)
	for _, p := range m.parts {
		dst = append(dst, m.text[from:p.end]...)
		from = p.end
		switch p.then {
		case macroClick:
			dst = m.appendURL(dst, b.Click)
		case macroClickEncoded:
			dst = appendQueryEscaped(dst, b.Click)
		case macroPixel:
			dst = m.appendURL(dst, b.Pixel)
		case macroCacheBuster:
			dst = strconv.AppendUint(dst, CacheBuster(b.ID), 10)
		default:
			dst = b.appendSignal(dst, p.then)
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
