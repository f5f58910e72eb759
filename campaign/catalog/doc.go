// Package catalog answers: which line items could bid on this, best first?
//
// It compiles what advertisers want (package campaign) into immutable
// snapshots that bidders read without locks. A [Snapshot] holds its line
// items sorted by [LineItem.Bound], descending, and an index over exchange,
// currency, size, country, device type and inventory. [Snapshot.Walk] yields
// candidates in that order: always every line item that could be accepted,
// often some that could not. [LineItem.Check] decides, by plain rules. A
// caller that stops when the bound can no longer win has then looked at a
// handful of line items out of many thousand.
//
// A snapshot is a large base and a small delta of what changed since; a new
// pair is swapped in atomically while walks go on. Pausing rebuilds nothing:
// it flips bits that all snapshots share, so even a walk over an older
// snapshot sees it at once.
//
// The way of the index is that of bitmap indexes with a row per value, each
// row the dimension's default row and a sorted list of the line items that
// differ from it; long rows are bitmaps. Nothing is evaluated beyond the
// chunk of line items in which the walk stands.
//
// This package must never miss a line item that Check would accept, never
// read SQL, a request's raw user ids or the network, and never let a
// position in the index leave the process.
package catalog
