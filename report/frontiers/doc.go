// Package frontiers answers: what would another budget buy this line item?
//
// A bidder samples the opportunities of each line item (see
// pacing/frontier). [NewFlusher] writes the samples to SQL, a row per line item
// and start of a bidder; [Reports] puts those of all bidders together with the
// budgets, and tells the curve, W on it, and what keeps the line item from
// spending more.
//
// This package must never be on the way of a bid, move money, or keep anything
// of a request.
package frontiers
