// Package demo plays a day of real-time bidding in two minutes.
//
// It starts the same App that serve starts, sets up a made-up advertiser with
// fifty campaigns through the API, and starts an exchange in a process of its
// own that sends bid requests, runs auctions and keeps its own books. A live
// table shows what happens; at the end both books are held against each other.
//
// Nothing here may reach into the App past its public face, and every name is
// made up.
package demo
