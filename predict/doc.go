// Package predict answers: what is it worth?
//
// A [Model] says how likely an impression is to be clicked, and to lead to an
// order of what value. The bid's value follows from the line item's goal. The
// first model is [Fixed]: the rates that the advertiser states for the line
// item. Learned models come as
// immutable snapshots behind the same interface.
//
// This package must never look at a budget or a price.
package predict
