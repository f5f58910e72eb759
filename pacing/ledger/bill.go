package ledger

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// bill is what an event asks us to pay.
type bill struct {
	amount   money.Nanos // media cost: at most the bid
	disputed money.Nanos // what the notice said beyond the bid
	unpriced bool        // the notice told no price that can be read
}

// billOf returns what an event costs, or false if it costs nothing.
//
//	price readable            the price, at most the bid; the excess is disputed
//	missing, unexpanded,      the bid, flagged: the notice is authentic, so the
//	garbage or negative       impression was sold to us, and no more than the
//	                          bid can be owed for it
//	AUDIT, test bids, kinds   nothing
//	that do not bill there
func billOf(e *event.Event) (bill, bool) {
	if !e.Billable || e.PriceState == event.PriceAudit {
		return bill{}, false
	}
	if e.PriceState != event.PriceOK || e.Price < 0 {
		return bill{amount: e.BidPrice, unpriced: true}, true
	}
	amount := min(e.Price, e.BidPrice)
	return bill{amount: amount, disputed: e.Price - amount}, true
}
