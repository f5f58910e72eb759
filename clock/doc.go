// Package clock answers: what time is it?
//
// There are two clocks. The monotonic one measures how long something took
// and when a deadline falls; it is Go's own, read from time.Now. The market
// clock says what time it is for advertisers and exchanges: flights,
// dayparts, frequency windows, token ages and horizons are all market time.
// A [Market] may be scaled, so that a demo plays a day in two minutes and a
// test plays "45 minutes late" in milliseconds.
//
// Code that needs market time takes a [Clock]; nothing outside this package
// and main may call time.Now for it. A request handler reads the clock once
// and passes the time down.
package clock
