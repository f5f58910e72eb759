// Command tangent is a real-time-bidding demand-side platform: it answers bid
// requests of ad exchanges, paces advertisers' budgets, and books what the
// exchanges bill. See README.md.
//
// It parses, wires and runs. Each command stands in a file of its own; what
// serve and demo start is package app. Nothing here may decide about bids or
// money.
package main
