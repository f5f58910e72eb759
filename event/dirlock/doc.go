// Package dirlock answers: who has this directory open?
//
// One process at a time may write the files of an event log or of a spool.
// The lock is the kernel's, so it ends with the process that holds it, however
// that ends.
//
// This package must never decide by the existence of a file: that outlives a
// process that was killed.
package dirlock
