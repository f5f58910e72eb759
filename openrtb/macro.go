package openrtb

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// The queries of our notice URLs. The exchange replaces the macros, raw
// (section 4.4); what it does not know it may leave, or replace by nothing.
const (
	WinQuery     = "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}&m=${AUCTION_MIN_TO_WIN}"
	BillingQuery = WinQuery
	LossQuery    = WinQuery + "&l=${AUCTION_LOSS}"
	ViewQuery    = "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}"
)

// ParsePriceMacro reads what an exchange put in place of ${AUCTION_PRICE} or
// ${AUCTION_MIN_TO_WIN}: a decimal CPM. It returns the price per impression,
// which is 0 unless the state is PriceOK.
func ParsePriceMacro(text []byte) (money.Nanos, event.PriceState) {
	return 0, event.PriceInvalid
}
