// Package validate answers: does a bid response keep to the request and to
// OpenRTB?
//
// [ParseRequest] reads a bid request, and [Request.Check] lists what is wrong
// with a response to it: each [Violation] has a [Code]. It looks at prices
// against floors in any currency, deals, blocks, sizes, durations, frameworks,
// VAST and native markup, macros, and the fields that exchanges refuse bids
// without. That an advertiser has one ad of a break is no rule of OpenRTB's.
//
// It is a second opinion: it reads with encoding/json, encoding/xml and the
// public types of prebid/openrtb, and must never share code with package
// openrtb, so that an error there is not repeated here. What it cannot read in
// a request it does not hold against the response.
package validate
