// Package pacing answers: how much to pay, when?
//
// A bidder spends money in three steps. The ledger (package pacing/ledger)
// grants it slices of budgets, persisted before a nano is spent. [Holds]
// keeps, in memory, what each open bid may still cost against those slices.
// The ledger's bookings come back through [Holds.Settle], exactly once each.
//
// How fast the money goes is decided apart: a [Controller], [Dual] in
// production, forecasts the traffic that is left, moves one dual price
// (lambda) per budget so that the money lasts exactly to the end of its flight
// or day, and publishes one multiplier per line item: bid = value x
// multiplier. [Pacer] owns the loop that ties these together.
//
// This package must never import a database, never spend what was not
// granted, and never keep spending when the ledger does not answer: a slice
// is good for one lease, and the switch fails to no spend.
package pacing
