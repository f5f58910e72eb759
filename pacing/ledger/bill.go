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
	bid := max(0, e.BidPrice) // no booking ever gives money back
	if e.PriceState != event.PriceOK || e.Price < 0 {
		return bill{amount: bid, unpriced: true}, true
	}
	amount := min(e.Price, bid)
	return bill{amount: amount, disputed: e.Price - amount}, true
}
