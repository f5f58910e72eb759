// Package central answers: how do many bidders spend one budget as one bidder
// would?
//
// Every tick each bidder's [Remote] sends what it counted, and how its bids
// stand, over a [Bus]. [Controller] sums that up over all bidders, steps one
// controller, and sends the multipliers back. The counts are sums since the
// start of a bidder, never changes: a message that is lost, doubled or out of
// order costs a little time and no truth. A bidder that has heard nothing
// fresh for some ticks goes on with a controller of its own, from the last
// prices it heard: it takes what it sees for its share of what there is.
//
// No money moves by any of this. Budgets are bounded by the ledger's slices,
// whatever anybody says on the bus. This package must never wait for a
// message, never trust one, and never import a transport or a database.
package central
