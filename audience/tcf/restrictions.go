package tcf

import "github.com/tangent-dsp/tangent/audience/bitstring"

// Restrictions is what a publisher restricts of one vendor.
type Restrictions struct {
	NotAllowed      Purposes // by any basis
	RequireConsent  Purposes // by consent only
	RequireInterest Purposes // by legitimate interest only; implied consent in Canada
	Undefined       Purposes // of a type that does not exist
}

// Restricted returns what the publisher restricts of a vendor.
func (c *Core) Restricted(vendor int) (s Restrictions) {
	r := c.restrictions
	eachRestriction(&r, vendor, formRanges, &s)
	return s
}

// eachRestriction steps over the restrictions and adds those of a vendor to s.
func eachRestriction(r *bitstring.Reader, vendor int, ranges form, s *Restrictions) {
	for n := r.Int(12); n > 0 && !r.Bad(); n-- {
		purpose := Of(r.Int(6))
		kind := r.Int(2)
		var found bool
		if ranges == formFibonacci { // each with its own choice of form
			v := readVendors(r, ranges)
			found = s != nil && v.Has(vendor)
		} else {
			found = readRanges(r, vendor, ranges)
		}
		if s == nil || !found {
			continue
		}
		switch kind {
		case 0:
			s.NotAllowed |= purpose
		case 1:
			s.RequireConsent |= purpose
		case 2:
			s.RequireInterest |= purpose
		default:
			s.Undefined |= purpose
		}
	}
}
