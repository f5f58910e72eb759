// Package geo answers: where is this device?
//
// A [Place] comes from what the request says of the device's location, and
// for what it does not say from a MaxMind-format database by the client's
// address. Radius targeting is [Circles], lists of address ranges are
// [Ranges].
//
// Coordinates, postal codes and addresses are personal data: without a permit
// for precise geolocation they are used only after [Place.Coarsen] and
// [NetworkOf]. This package never keeps an address or a place beyond the
// request, never opens a file (whoever wires it hands over bytes), and never
// decides whether to bid.
package geo
