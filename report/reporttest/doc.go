// Package reporttest answers: in which world do the tests of reports play?
//
// It must never be imported by what serves.
package reporttest
