// Package app wires the rooms into one running server: the bidder's face for
// exchanges, the API for advertisers, the admin port for operators, and the
// workers that book money and learn from the log. What `tangent serve` and
// `tangent demo` start is the same [App] that the end-to-end tests start.
//
// Nothing is decided here: this package must hold no rule about bids or money.
package app
