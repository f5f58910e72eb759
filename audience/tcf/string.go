package tcf

import (
	"bytes"
	"errors"

	"github.com/tangent-dsp/tangent/audience/bitstring"
)

// ErrUnreadable is what every string gets that cannot be read to its end. It
// says nothing of the string.
var ErrUnreadable = errors.New("tcf: the consent string cannot be read")

// MaxText is the longest text that is read. A core segment with a list of
// ranges for every vendor and many restrictions takes some 4 KiB.
const MaxText = 16 << 10

// disclosureSince is when TCF 2.3 came into force, in a string's tenths of
// seconds since 1970: 2026-03-01T00:00:00Z. A string made since then is valid
// only with the list of vendors that were disclosed to the user.
const disclosureSince = 1772323200 * 10

// The segment types that follow the core.
const (
	segmentDisclosed = 1
	segmentAllowed   = 2
	segmentPublisher = 3
)

// String is a European consent string. It points into the text it was parsed
// from.
type String struct {
	Core
	HasDisclosed, HasAllowed, HasPublisher bool

	Disclosed Vendors   // shown to the user
	Allowed   Vendors   // whom the publisher lets use what others obtained
	Publisher Publisher // the publisher's own purposes, which are nobody else's
}

// Publisher is the publisher's own consents.
type Publisher struct {
	Consents, Interests Purposes
	Custom              int // how many purposes of the publisher's own
}

// Parse reads a string of version 2, all of it, so that one that is cut short
// is an error whatever is asked of it. The only error is [ErrUnreadable].
func Parse(text []byte) (s String, err error) {
	if len(text) == 0 || len(text) > MaxText || !bitstring.Valid(text, ".=") {
		return String{}, ErrUnreadable
	}
	core, rest, _ := bytes.Cut(text, []byte{'.'})
	r := bitstring.New(core)
	s.Core.read(&r)
	if r.Bad() || s.Version != 2 {
		return String{}, ErrUnreadable
	}
	for len(rest) > 0 {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte{'.'})
		if !s.segment(segment) {
			return String{}, ErrUnreadable
		}
	}
	return s, nil
}

// segment reads one of the segments that may follow the core, in any order.
func (s *String) segment(text []byte) bool {
	r := bitstring.New(text)
	var has *bool
	switch kind := r.Int(3); {
	case r.Bad(), kind == 0: // a second core
		return false
	case kind == segmentDisclosed:
		has, s.Disclosed = &s.HasDisclosed, readVendors(&r, formRanges)
	case kind == segmentAllowed:
		has, s.Allowed = &s.HasAllowed, readVendors(&r, formRanges)
	case kind == segmentPublisher:
		has, s.Publisher = &s.HasPublisher, readPublisher(&r)
	default:
		return true // of a later version
	}
	if *has || r.Bad() {
		return false // two of one kind may contradict each other
	}
	*has = true
	return true
}

func readPublisher(r *bitstring.Reader) (p Publisher) {
	p.Consents = Purposes(r.Uint(maxPurpose))
	p.Interests = Purposes(r.Uint(maxPurpose))
	p.Custom = r.Int(6)
	r.Advance(2 * p.Custom) // consents, interests
	return p
}

// Discloses says whether the user was shown that the vendor would like to use
// the data. Strings made before March 2026 may leave it unsaid.
func (s *String) Discloses(vendor int) bool {
	if s.HasDisclosed {
		return s.Disclosed.Has(vendor)
	}
	return max(s.Created, s.Updated) < disclosureSince
}
