// Package chaos answers: is the money right though everything breaks?
//
// [Run] starts real servers and processes on this machine: Redis, PostgreSQL,
// NATS, and Tangent's bidders, workers and control plane, each a process of
// its own. It sets campaigns up through the API, plays the exchange that keeps
// its own books, breaks and mends what it started at times that follow from a
// seed, and then holds the two books against each other, bid by bid.
//
// It must never touch a process that it did not start: it signals its own
// children by their process id, on Linux they die with it, and everything
// listens on loopback.
package chaos
