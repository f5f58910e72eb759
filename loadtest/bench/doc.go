// Package bench answers: what does a bid cost beyond the price of HTTP?
//
// [Run] starts Redis, the bidder, and what it is compared with as processes of
// their own: the null bidder, which reads the body of a request, reads one
// profile from Redis as the bidder does, and returns a canned bid; and a bare
// echo. A load generator, a process too, plays the same traffic to them in
// turns, and the operating system says what CPU each spent. All is quoted over
// the null bidder's figures, as the machine's own change from hour to hour.
//
// It must never leave out work that the bidder does in production, nor judge: a
// time is a measurement, not a test that passes or fails.
package bench
