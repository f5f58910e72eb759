// Package load answers: how much traffic does a bidder take, and how fast does
// it answer?
//
// [Run] sends bid requests open-loop, as package loadtest plays them, at a
// rate that stays, moves, or climbs in steps until the bidder no longer keeps
// up, and returns a [Report]: text, JSON, or a picture of the latency curve.
// [Populate] fills a database with line items that the traffic meets.
//
// It must never look into the bidder that it measures, nor leave answers out
// that flatter it less.
package load
