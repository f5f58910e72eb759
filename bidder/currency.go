package bidder

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
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

// inAuction returns what to bid at most for a line item whose advertiser pays
// at most worth for the impression, rounded so that media cost never comes out
// above worth. 0 is no bid.
func inAuction(in *catalog.Currency, worth money.Nanos) money.Nanos {
	if in.Table == 0 {
		return worth
	}
	price, err := in.Down(worth)
	if err != nil {
		return 0
	}
	return price
}

// costOf returns what a bid of a price per impression costs a line item's
// advertiser at most. 0 is no bid.
func costOf(li *catalog.LineItem, in *catalog.Currency, price money.Nanos, q openrtb.Quantity, now time.Time) money.Nanos {
	price = q.Of(price)
	if in.Table == 0 {
		return li.Cost(price, q.Impressions(), now)
	}
	media, err := in.Inverse().Up(price)
	if err != nil {
		return 0
	}
	return li.Cost(media, q.Impressions(), now)
}
