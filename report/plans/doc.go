// Package plans answers: how does a line item's money stand beside its plan,
// and who steers it?
//
// Whoever steps a controller (the worker that leads, or a bidder that is on its
// own) writes how it sees each line item to SQL (see pacing.View): [NewFlusher].
// [Reports] puts that together with what is booked, and says of each budget
// whether it binds, and why not.
//
// This package must never move money or a price.
package plans
