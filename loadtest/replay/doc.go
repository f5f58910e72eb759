// Package replay answers: how near to the optimum would Tangent have come?
//
// It plays a log of auctions (what each impression was worth, what it would
// have cost) against the code that bids in production: [pacing.Pacer] with
// its holds and slices, and its controller, on a clock that it drives. The
// day before goes through the same controller first, so that it starts from
// what it learned itself. Beside it play the baselines of the literature, and
// the optimum in hindsight, which knows every auction before it is held.
//
// The replay must be honest. No policy but the one in hindsight sees a price
// that it did not win, or that the exchange did not tell; money before its
// notice; or how many auctions are left. Every policy bids behind the guard
// of production, and every baseline is tuned on the day before. This package
// must never hold a copy of the controller, the holds, the slices or the
// prices, and no log of anybody. What it has of its own is what lies around
// them: the bidder's way from a value to a bid (offer.go, flight.auction), cut
// down to one line item, a ledger in memory, and the exchange.
package replay
