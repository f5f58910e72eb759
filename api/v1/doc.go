// Package v1 answers: what does version 1 of the control API look like on
// the wire?
//
// A Spec is what a caller states; the type of the same name without Spec is
// what the server returns: the Spec with its id and status. Amounts are
// decimal strings of currency units, times are wall-clock times of the
// advertiser's time zone. The struct tags are the published documentation.
//
// This package must never validate beyond shapes, and never import the server.
package v1
