// Package shading answers: what did shading save?
//
// Of the bids that might be shaded, a hash left some at what the impression was
// worth. Both kinds met the same market, so what the one paid for the value it
// won, and what the other did, say what shading saved. This package must never
// take an estimate without its interval, and never touch money: amounts here
// are float64 nanos.
package shading
