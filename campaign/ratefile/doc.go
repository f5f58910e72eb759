// Package ratefile answers: which exchange rates does a file state?
//
// It reads CSV with a header, and the XML that the European Central Bank
// publishes, and returns tables ready for campaign/store: one for each source,
// base and moment, oldest first. A file that cannot be read to the last line is
// refused as a whole.
//
// This package must never round a rate, or guess what a file leaves out.
package ratefile
