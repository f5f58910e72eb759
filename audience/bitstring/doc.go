// Package bitstring answers: how are the bits of a consent string read?
//
// The consent strings of the IAB are bits, most significant first, in
// web-safe base64 text. A [Reader] takes numbers out of such text where it
// stands, without decoding it into memory.
//
// It must never allocate, nor read past the end of what it was given.
package bitstring
