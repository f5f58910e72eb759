// Package supply answers: may this seller sell it, and is it a person who
// looks?
//
// It never opens a file or a connection: package supply/fetch does.
package supply
