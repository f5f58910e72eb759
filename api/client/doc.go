// Package client answers: how does a Go program use the control API?
//
// It is a thin typed face of /v1: one method per operation, the shapes of
// package api/v1, and errors that repeat what the server said about each
// field. The demo sets itself up through it.
//
// This package must never put a key into a URL or an error, and never retry a
// request that may have changed something.
package client
