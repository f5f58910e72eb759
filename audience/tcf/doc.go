// Package tcf answers: what does a consent string of the IAB's Transparency
// and Consent Framework say?
//
// [Parse] reads the European string, version 2 up to 2.3, with its segments;
// [ParseCanada] the Canadian one, which the Global Privacy Platform carries.
// Both check the whole string once and remember where things are; what is
// asked afterwards is read in place.
//
// It decides nothing: what a string permits is package audience's question. It
// must never allocate, keep the text beyond the string's own life, or show any
// of it in an error.
package tcf
