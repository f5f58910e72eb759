// Package frontier answers: what would another budget buy?
//
// A [Sampler] keeps a small, even sample of the opportunities that each line
// item met in the last 24 hours, whether it bid on them or not. With what is
// known of prices they make a [Market]: what a line item would spend and win in
// a day, whatever it paid for its values. Its curve of exposure against spend
// rises and flattens; where the line of the budget touches it, at W, the last
// unit of money buys as much wherever it is spent. Everything here is an
// estimate from that sample, and says how far it may be off.
//
// This package must never steer a bid, hold or book money, keep anything of a
// user, or reach for SQL: report/frontiers keeps the samples.
package frontier
