// Package why answers: why does this line item not spend?
//
// A bidder counts what becomes of each line item on each imp (see
// catalog.Tally). [NewFlusher] writes these counts to SQL, a row per line item,
// day and start of a bidder; [Reports] puts them behind what stands in the way
// whatever comes (paused, over, nothing left, not approved), which campaign
// store and ledger know.
//
// This package must never be on the way of a bid, move money, or keep anything
// of a request.
package why
