// Package bidder answers: who is eligible, what is each worth, what do we
// bid, with which creative?
//
// It is the exchanges' HTTP face. One request goes through [Bidder.Handle]:
// decode, admit, ask for a consent permit and read the user, then for each
// imp walk the catalog in the order of what an impression could be worth,
// price the line items that are eligible, hold the best bid against its
// budgets, and answer. Every refusal has a reason of openrtb's closed table,
// which drives the response, the metrics and docs/reasons.md.
//
// This package must never touch SQL, a file or the event log, make more than
// one network round trip per request, keep anything of a request after the
// answer, or bid what it could not hold.
package bidder
