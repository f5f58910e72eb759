package tcf

import (
	"time"

	"github.com/tangent-dsp/tangent/audience/bitstring"
)

// Core is the core segment of a European string, but for the restrictions,
// which [String.Restricted] reads.
type Core struct {
	Version           int
	Created, Updated  uint64 // tenths of seconds since 1970
	CMP, CMPVersion   int
	Screen            int
	Language          [2]byte
	VendorListVersion int
	PolicyVersion     int
	ServiceSpecific   bool
	NonStandardTexts  bool
	SpecialFeatures   Features // that the user opted in to
	Consents          Purposes
	Interests         Purposes // transparency by legitimate interest, and no objection
	PurposeOneUnasked bool     // purpose one treatment: the user was not told of purpose 1
	PublisherCountry  [2]byte
	VendorConsents    Vendors
	VendorInterests   Vendors

	restrictions bitstring.Reader // at their count
}

// Made returns when the string was last changed. Since 2.2 both times are the
// same; where they differ the later counts.
func (c *Core) Made() time.Time {
	return time.UnixMilli(int64(max(c.Created, c.Updated)) * 100).UTC()
}

func (c *Core) read(r *bitstring.Reader) {
	c.Version = r.Int(6)
	c.Created, c.Updated = r.Uint(36), r.Uint(36)
	c.CMP, c.CMPVersion = r.Int(12), r.Int(12)
	c.Screen = r.Int(6)
	c.Language = readLetters(r)
	c.VendorListVersion = r.Int(12)
	c.PolicyVersion = r.Int(6)
	c.ServiceSpecific = r.Bit()
	c.NonStandardTexts = r.Bit()
	c.SpecialFeatures = Features(r.Uint(maxSpecialFeature))
	c.Consents = Purposes(r.Uint(maxPurpose))
	c.Interests = Purposes(r.Uint(maxPurpose))
	c.PurposeOneUnasked = r.Bit()
	c.PublisherCountry = readLetters(r)
	c.VendorConsents = readVendors(r, formRanges)
	c.VendorInterests = readVendors(r, formRanges)
	c.restrictions = *r
	eachRestriction(r, 0, formRanges, nil)
}

func readLetters(r *bitstring.Reader) [2]byte {
	return [2]byte{'A' + byte(r.Uint(6)), 'A' + byte(r.Uint(6))}
}
