package openrtb

import (
	"bytes"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// maxPrice is the most that one impression can be said to cost: a CPM of a
// million. What is above is no price.
const maxPrice = 1000 * money.Unit

// ParsePriceMacro reads what an exchange put in place of ${AUCTION_PRICE} or
// ${AUCTION_MIN_TO_WIN}: a decimal CPM. It returns the price per impression,
// which is 0 unless the state is PriceOK. Text that was escaped once too
// often still counts as the macro itself.
func ParsePriceMacro(text []byte) (money.Nanos, event.PriceState) {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return 0, event.PriceMissing
	case bytes.EqualFold(text, []byte("AUDIT")):
		return 0, event.PriceAudit
	case bytes.Contains(text, []byte("AUCTION_")):
		return 0, event.PriceUnexpanded
	case text[0] == '-' || text[0] == '+':
		return 0, event.PriceInvalid
	}
	price, err := money.ParseCPM(text)
	if err != nil || price > maxPrice {
		return 0, event.PriceInvalid
	}
	return price, event.PriceOK
}

// ParseMultiplierMacro reads what an exchange put in place of
// ${AUCTION_MULTIPLIER}: how many impressions one showing counts for, which is
// above 0. False says that it is no such number.
func ParseMultiplierMacro(text []byte) (float64, bool) {
	n, ok := parseFloat(bytes.TrimSpace(text))
	if !ok || n <= 0 || n > maxQuantity {
		return 0, false
	}
	return n, true
}
