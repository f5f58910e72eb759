package ledger

import (
	"fmt"

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
	return bill{amount: amount, disputed: min(e.Price-amount, maxDisputed)}, true
}

// Disputes are claims, and a page can make some where the pixel bills. They are
// cut to what an impression can be said to cost at all, and their sums stop
// at a number that still fits, so that no claim keeps a booking from being made
// or a budget from being read.
const (
	maxDisputed    = 1000 * money.Unit
	maxDisputedSum = 9 * money.Cap
)

// addDisputedRows is addDisputed in an upsert into a table.
func addDisputedRows(table string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s.disputed > %[2]d - excluded.disputed THEN %[2]d ELSE %[1]s.disputed + excluded.disputed END`,
		table, int64(maxDisputedSum))
}

func addDisputed(a, b money.Nanos) money.Nanos {
	if sum, err := money.Add(a, b); err == nil && sum < maxDisputedSum {
		return sum
	}
	return maxDisputedSum
}
