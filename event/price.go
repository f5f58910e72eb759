package event

// PriceState is what could be made of the price that a notice carried.
type PriceState uint8

// The price states. Only PriceOK comes with a price.
const (
	PriceMissing    PriceState = 0 // no price, or an empty one
	PriceOK         PriceState = 1 // a price, in the currency of the bid
	PriceUnexpanded PriceState = 2 // the macro itself: the exchange did not replace it
	PriceAudit      PriceState = 3 // "AUDIT": a test render, never money
	PriceInvalid    PriceState = 4 // not a price: garbage, negative, too large, or of another currency
)

var priceStateNames = [...]string{"missing", "ok", "unexpanded", "audit", "invalid"}

// PriceStates returns every price state.
func PriceStates() []PriceState {
	return []PriceState{PriceMissing, PriceOK, PriceUnexpanded, PriceAudit, PriceInvalid}
}

// String returns the state's name, as metrics and the API spell it.
func (s PriceState) String() string {
	if int(s) < len(priceStateNames) {
		return priceStateNames[s]
	}
	return priceStateNames[PriceInvalid]
}
