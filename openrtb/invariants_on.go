//go:build invariants

package openrtb

// invariants turns on checks that cost too much for production: see mangle.
const invariants = true
