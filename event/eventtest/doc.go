// Package eventtest answers: how do tests of other rooms see events?
//
// [Log] is an event log in memory: what is appended is consumed in order,
// failures are injected, and nothing is durable. It must never be imported by
// anything but tests.
package eventtest
