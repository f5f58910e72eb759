// Package gpp answers: what does a string of the IAB's Global Privacy Platform
// say?
//
// [Parse] reads the header and finds the sections. [ParseUS] reads a section
// of the United States, national or of a state, into one form. The sections
// of the Transparency and Consent Framework are package tcf's to read, and the
// US Privacy section is four letters.
//
// It decides nothing: what a string permits is package audience's question. It
// must never allocate, keep the text beyond the string's own life, or show any
// of it in an error.
package gpp
