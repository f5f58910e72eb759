package loadtest

import (
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/money"
)

// macros is the values of the substitution macros (OpenRTB 2.6 section 4.4).
// The price is in units of currency per thousand impressions.
type macros struct {
	auction, bid, imp, seat, ad string
	price, minToWin             money.Nanos // per impression; a negative one expands to nothing
	loss                        int
	at                          int64 // when the impression is fulfilled, Unix milliseconds of market time
}

// expand replaces every macro by raw substitution, as exchanges do it. What
// looks like a macro and is none that we know is left as it is; what we know
// and have no value for becomes empty.
func (m *macros) expand(text string) string {
	const mark = "${AUCTION_"
	at := strings.Index(text, mark)
	if at < 0 {
		return text
	}
	b := make([]byte, 0, len(text)+64)
	for ; at >= 0; at = strings.Index(text, mark) {
		b = append(b, text[:at]...)
		text = text[at:]
		end := strings.IndexByte(text, '}')
		if end < 0 {
			break
		}
		var known bool
		if b, known = m.append(b, text[len(mark):end]); !known {
			b = append(b, text[:end+1]...)
		}
		text = text[end+1:]
	}
	return string(append(b, text...))
}

// append appends the value of the macro AUCTION_name.
func (m *macros) append(b []byte, name string) (_ []byte, known bool) {
	switch name {
	case "ID":
		return append(b, m.auction...), true
	case "BID_ID":
		return append(b, m.bid...), true
	case "IMP_ID":
		return append(b, m.imp...), true
	case "SEAT_ID":
		return append(b, m.seat...), true
	case "AD_ID":
		return append(b, m.ad...), true
	case "PRICE":
		return appendPrice(b, m.price), true
	case "CURRENCY":
		return append(b, currency...), true
	case "LOSS":
		return strconv.AppendInt(b, int64(m.loss), 10), true
	case "MIN_TO_WIN":
		return appendPrice(b, m.minToWin), true
	case "MULTIPLIER":
		return append(b, '1'), true
	case "IMP_TS":
		return strconv.AppendInt(b, m.at, 10), true
	case "MBR", "DISCOUNT_PCT", "DISCOUNT_CPM":
		return b, true
	}
	return b, false
}

func appendPrice(b []byte, price money.Nanos) []byte {
	if price < 0 {
		return b
	}
	return price.AppendCPM(b)
}
