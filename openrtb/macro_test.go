package openrtb

import (
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

var priceCases = []struct {
	text  string
	price money.Nanos // per impression
	state event.PriceState
}{
	{"", 0, event.PriceMissing},
	{"  ", 0, event.PriceMissing},
	{"1.25", 1_250_000, event.PriceOK},
	{" 1.25 ", 1_250_000, event.PriceOK},
	{"0", 0, event.PriceOK},
	{"0.000001", 1, event.PriceOK},
	{"0.30", 300_000, event.PriceOK},
	{"2e-1", 200_000, event.PriceOK},
	{"${AUCTION_PRICE}", 0, event.PriceUnexpanded},
	{"%24%7BAUCTION_PRICE%7D", 0, event.PriceUnexpanded},
	{"${AUCTION_PRICE:B64}", 0, event.PriceUnexpanded},
	{"${AUCTION_MIN_TO_WIN}", 0, event.PriceUnexpanded},
	{"AUDIT", 0, event.PriceAudit},
	{"audit", 0, event.PriceAudit},
	{"-1", 0, event.PriceInvalid},
	{"-0", 0, event.PriceInvalid},
	{"+1", 0, event.PriceInvalid},
	{"1,25", 0, event.PriceInvalid},
	{"1.25USD", 0, event.PriceInvalid},
	{"NaN", 0, event.PriceInvalid},
	{"Infinity", 0, event.PriceInvalid},
	{"0x10", 0, event.PriceInvalid},
	{"1e300", 0, event.PriceInvalid},
	{"99999999999999999999999999", 0, event.PriceInvalid},
	{"null", 0, event.PriceInvalid},
	{"1 2", 0, event.PriceInvalid},
}

func TestParsePriceMacro(t *testing.T) {
	for _, c := range priceCases {
		if price, state := ParsePriceMacro([]byte(c.text)); price != c.price || state != c.state {
			t.Errorf("%q: got %v, %v, want %v, %v", c.text, price, state, c.price, c.state)
		}
	}
}

func TestParseMultiplierMacro(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, " 2.5 ": 2.5, "": 0, "${AUCTION_MULTIPLIER}": 0, "-1": 0, "0": 0, "1e9": 0, "NaN": 0, "Inf": 0, "0x1": 0} {
		if got, ok := ParseMultiplierMacro([]byte(text)); got != want || ok != (want > 0) {
			t.Errorf("multiplier %q: got %v, %v", text, got, ok)
		}
	}
}
