// Package event answers: what can happen?
//
// It names things by stable 64-bit ids and bids by 128-bit ones ([BidID]),
// and holds the closed list of event kinds, the protobuf envelope that
// carries them, and the durable [Log] behind a small interface. An append
// that returned nil is on disk (or on a quorum): only then may anybody be
// told that we know.
//
// This package must never decide what an event means, and no event may carry
// a raw user id: at most a keyed hash that a consent permit allowed.
package event
