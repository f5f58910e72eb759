// Package reconcile answers: what did the exchange bill, what did we book, and
// why is it not the same?
//
// It reads an exchange's billing report, a CSV file, line by line, adds it up
// per billing day and line item (or campaign), compares that with the ledger,
// and finds a reason for every difference. What the reasons add up to is
// always the difference, to the nano. The differences can be booked as
// corrections: then the same report no longer differs.
//
// A report is a stranger's text. A line that cannot be read makes the whole
// report unusable, with the line's number. An id that we do not know is listed
// and never booked. Memory grows with days and line items, and by some 40
// bytes per line to find duplicates.
//
// This package must never book by itself: somebody confirms first. It never
// edits what was booked.
package reconcile
