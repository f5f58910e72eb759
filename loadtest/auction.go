package loadtest

import "github.com/tangent-dsp/tangent/money"

// outcome is how an auction for one imp ended for our bid. Amounts are for
// one impression.
type outcome struct {
	won      bool
	price    money.Nanos // what a winner is billed for an impression
	minToWin money.Nanos // the least bid that would have won
}

// auction lets our bid, which passed the checks, meet the best competitor. A
// rival of 0 means that nobody else bid. A tie goes to the rival, which was
// there first.
func (x *Exchange) auction(bid, rival, floor money.Nanos) outcome {
	beaten := max(rival, floor)
	o := outcome{won: bid > rival, price: bid, minToWin: max(beaten, 1)}
	if rival > 0 {
		o.minToWin = rival + 1
	}
	if x.AuctionType == 2 {
		// Second price plus: the best of the others or the floor, and the
		// increment, but never more than the bid.
		o.price = min(max(beaten+x.Increment, 1), bid)
	}
	return o
}

// overcharge is what an exchange that bills above a bid asks beyond it.
func overcharge(bid money.Nanos) money.Nanos { return max(bid/10, 1) }
