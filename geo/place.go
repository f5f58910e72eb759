package geo

import (
	"math"
	"net/netip"
	"time"
)

// Source says where a place comes from.
type Source uint8

// The sources.
const (
	Unknown      Source = iota
	FromRequest         // the exchange said all of it
	FromDatabase        // by the client's address
	FromBoth            // the exchange said some of it, the database the rest
)

// Place is where a device is. What is not known has its zero value. The byte
// slices point into the request or the database, and are valid as long as the
// request is.
type Place struct {
	Country  [3]byte // ISO 3166-1 alpha-3, upper case
	Region   [6]byte // ISO 3166-2, upper case, as "US-CA" with zeros behind; see ParseRegion
	City     []byte  // a name, as sent: compare without regard to case
	Zip      []byte  // postal code, as sent
	Metro    int     // Nielsen's designated market area, such as 501
	Lat, Lon float64 // degrees, within ±90 and ±180; meaningless unless HasPoint
	HasPoint bool
	Accuracy int            // radius around the point in metres in which the device is, as far as we know; 0: the point is taken at its word
	Zone     *time.Location // by whose clock people live there; nil: not known
	Source   Source

	// AddressCountry is where the database finds the client's address, even
	// where the request says another country.
	AddressCountry [3]byte
}

// CoarseDegrees is the grid of places for whose precise location there is no
// permit: 0.1 degree is 11 km from north to south.
const CoarseDegrees = 0.1

// NetworkOf returns the part of an address that says in which network a device
// is and not which one it is: 24 bits of IPv4, 48 of IPv6, what is left where
// addresses are cut short for privacy. The prefix is not valid if a is not.
func NetworkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits)
	return p
}

// Coarsen moves the point to the middle of its cell in a grid of so many
// degrees, so that nothing finer can be concluded from it, and widens the
// accuracy to what a cell's corner is away from it. Of a postal code it leaves
// what [ZipArea] does.
func (p *Place) Coarsen(degrees float64) {
	p.Zip = ZipArea(p.Country, p.Zip)
	if !p.HasPoint || !(degrees > 0) {
		return
	}
	cell := func(v, most float64) float64 {
		return max(-most, min(most, (math.Floor(v/degrees)+0.5)*degrees))
	}
	p.Lat, p.Lon = cell(p.Lat, 90), cell(p.Lon, 180)
	p.Accuracy = max(p.Accuracy, int(math.Ceil(degrees*math.Sqrt2/2*metresPerDegree)))
}

// What is known of how good a point is where nothing is said of it, in metres.
// An address is where its network is: mostly the right city, and never better
// than a part of one, whatever is said. What a user typed is mostly a postal
// code.
const (
	addressAccuracy      = 25_000
	leastAddressAccuracy = 5_000
	typedAccuracy        = 5_000
)

// accuracyOf returns the accuracy of a point of one of OpenRTB's location
// types (1 sensors, 2 the address, 3 the user) with what was said of it, in
// metres, 0 if nothing was.
func accuracyOf(kind, said int) int {
	switch {
	case kind == 2 && said <= 0:
		return addressAccuracy
	case kind == 2:
		return max(said, leastAddressAccuracy)
	case kind == 3 && said <= 0:
		return typedAccuracy
	}
	return max(said, 0)
}

// ParseRegion returns an ISO 3166-2 code such as "US-CA" as a Place has it.
// Case does not matter.
func ParseRegion(text string) (code [6]byte, ok bool) {
	if len(text) < 4 || len(text) > 6 || text[2] != '-' {
		return code, false
	}
	for i := range len(text) {
		c := upper(text[i])
		switch letter, digit := c-'A' < 26, c-'0' < 10; {
		case i == 2, letter, digit && i > 2:
			code[i] = c
		default:
			return [6]byte{}, false
		}
	}
	return code, true
}

// region joins a country's two letters and the part behind the hyphen. What
// has the hyphen already is taken as it is, if it is of that country.
func region[T string | []byte](alpha2 [2]byte, text T) (code [6]byte, ok bool) {
	var joined [6]byte
	n := copy(joined[:], alpha2[:])
	switch {
	case len(text) > 3 && text[2] == '-':
		if upper(text[0]) != alpha2[0] || upper(text[1]) != alpha2[1] {
			return code, false
		}
		text = text[3:]
	case len(text) == 0:
		return code, false
	}
	if len(text) > 3 {
		return code, false
	}
	joined[n] = '-'
	n += 1 + copy(joined[n+1:], text)
	return ParseRegion(string(joined[:n])) // does not escape: no allocation
}

func upper(c byte) byte {
	if c-'a' < 26 {
		return c - 'a' + 'A'
	}
	return c
}

// onEarth says whether coordinates are some. The point 0, 0 is what a device
// says that does not know.
func onEarth(lat, lon float64) bool {
	return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0)
}
