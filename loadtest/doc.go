// Package loadtest plays the ad exchange: what does Tangent do under traffic,
// and does its bill agree with the exchange's?
//
// [RunExchange] sends bid requests on a schedule that does not wait for
// answers, holds every bid to package validate, runs first- and second-price
// auctions against a price landscape of competitors, and sends win, billing
// and loss notices, impressions and clicks: some late, some twice, some never.
// It keeps books of its own in whole nanos. What it draws depends on the seed
// and the number of the request alone, never on the network's timing.
// [WriteAudience] writes the segments of the same made-up users.
//
// With [ExchangeConfig].Stages it is a load generator: latency counts from the
// time at which a request was to leave, whether or not it could.
//
// This package must never learn OpenRTB from package openrtb: it builds
// requests from, and reads responses into, the public types of
// prebid/openrtb, so that an error there is not repeated here. And it must
// never open a connection that leaves the machine unless it was told so: the
// URLs of bids are followed on loopback, and to the targets named, only.
package loadtest
