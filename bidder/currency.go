package bidder

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
)

// chooseCurrency says in which currency to bid: the first of the exchange's
// that the request lists, which is USD where it lists none.
func (a *auction) chooseCurrency() bool {
	if listed(a.req.Currencies, a.ex.Currency, "USD") {
		a.currency = a.ex.Currency
		return true
	}
	for _, c := range a.ex.OtherCurrencies {
		if listed(a.req.Currencies, c, "USD") {
			a.currency = c
			return true
		}
	}
	return false
}

// floorOf returns a floor, of an imp or of a deal, in the auction's currency,
// rounded up: a bid of that much reaches it. A floor without a currency is in
// USD. It is false where there is no rate to convert it by.
func (a *auction) floorOf(amount money.Nanos, currency []byte) (money.Nanos, bool) {
	if amount <= 0 {
		return 0, true
	}
	if len(currency) == 0 {
		currency = usd
	}
	x, ok := a.snap.Convert(string(currency), a.currency, a.now)
	if !ok {
		return 0, false
	}
	floor, err := x.Up(amount)
	if err != nil { // more than any price
		return money.Cap, true
	}
	return floor, true
}

var usd = []byte("USD")

// inAuction returns what to bid for a line item whose advertiser pays at most
// worth for the impression, and what that bid costs at most. Both are rounded so
// that media cost never comes out above worth. A price of 0 is none.
func inAuction(li *catalog.LineItem, in *catalog.Currency, worth money.Nanos, now time.Time) (price, cost money.Nanos) {
	if in.Table == 0 {
		return worth, li.Cost(worth, now)
	}
	price, err := in.Down(worth)
	if err != nil {
		return 0, 0
	}
	media, err := in.Inverse().Up(price)
	if err != nil {
		return 0, 0
	}
	return price, li.Cost(media, now)
}
