// Package rotate answers: how is what is known of each line item written down,
// a little at a time?
//
// A [Flusher] goes around the catalog: a bounded part of it at each step, and
// all of it in turn. What rows hold, and what of a line item is news, is its
// owner's to say.
//
// This package must never be on the way of a bid, and never write in one
// transaction more than a step's rows.
package rotate
