// Package embedded answers: where is the audience when there is no Redis?
//
// It runs miniredis, a Redis in Go, inside this process, in memory, so that
// the demo needs nothing installed. It is slower than Redis, takes about eight
// times the memory, forgets everything when the process ends, and does not let
// time pass by itself: a [Server] moves its expiries on with the market clock.
//
// It must never be what a server uses without having been told so.
package embedded
