package tcf

import (
	"bytes"

	"github.com/tangent-dsp/tangent/audience/bitstring"
)

// Canada is the Canadian consent string, version 1: section 5 of the Global
// Privacy Platform. Purpose 1 is not used there.
type Canada struct {
	Version           int
	Created, Updated  uint64 // tenths of seconds since 1970
	CMP, CMPVersion   int
	Screen            int
	Language          [2]byte
	VendorListVersion int
	PolicyVersion     int
	NonStandardTexts  bool
	SpecialFeatures   Features
	Express, Implied  Purposes
	VendorExpress     Vendors
	VendorImplied     Vendors
	HasDisclosed      bool
	Disclosed         Vendors

	restrictions bitstring.Reader // at their count
}

// Restricted returns what the publisher restricts of a vendor.
func (c *Canada) Restricted(vendor int) (s Restrictions) {
	r := c.restrictions
	eachRestriction(&r, vendor, formFibonacci, &s)
	return s
}

// ParseCanada reads a Canadian string. Lists of vendors have been written in
// more than one way; read is the one of the IAB's own library: the greatest
// id, then a bit field or Fibonacci ranges. A string that does not come out
// even that way is [ErrUnreadable].
func ParseCanada(text []byte) (c Canada, err error) {
	if len(text) == 0 || len(text) > MaxText || !bitstring.Valid(text, ".=") {
		return Canada{}, ErrUnreadable
	}
	core, rest, _ := bytes.Cut(text, []byte{'.'})
	r := bitstring.New(core)
	c.read(&r)
	if !r.Ends() || c.Version != 1 {
		return Canada{}, ErrUnreadable
	}
	for len(rest) > 0 {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte{'.'})
		r := bitstring.New(segment)
		switch kind := r.Int(3); {
		case kind == segmentDisclosed && !c.HasDisclosed:
			c.HasDisclosed, c.Disclosed = true, readVendors(&r, formFibonacci)
		case kind == segmentPublisher:
			readPublisher(&r) // must be readable; it is the publisher's own
		default:
			return Canada{}, ErrUnreadable
		}
		if !r.Ends() {
			return Canada{}, ErrUnreadable
		}
	}
	return c, nil
}

func (c *Canada) read(r *bitstring.Reader) {
	c.Version = r.Int(6)
	c.Created, c.Updated = r.Uint(36), r.Uint(36)
	c.CMP, c.CMPVersion = r.Int(12), r.Int(12)
	c.Screen = r.Int(6)
	c.Language = readLetters(r)
	c.VendorListVersion = r.Int(12)
	c.PolicyVersion = r.Int(6)
	c.NonStandardTexts = r.Bit()
	c.SpecialFeatures = Features(r.Uint(maxSpecialFeature))
	c.Express = Purposes(r.Uint(maxPurpose))
	c.Implied = Purposes(r.Uint(maxPurpose))
	c.VendorExpress = readVendors(r, formFibonacci)
	c.VendorImplied = readVendors(r, formFibonacci)
	c.restrictions = *r
	eachRestriction(r, 0, formFibonacci, nil)
}
