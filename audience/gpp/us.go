package gpp

import (
	"bytes"

	"github.com/tangent-dsp/tangent/audience/bitstring"
)

// The sections that are known.
const (
	TCFEurope     = 2
	TCFCanada     = 5
	USPrivacy     = 6
	USNational    = 7
	California    = 8
	Virginia      = 9
	Colorado      = 10
	Utah          = 11
	Connecticut   = 12
	Florida       = 13
	Montana       = 14
	Oregon        = 15
	Texas         = 16
	Delaware      = 17
	Iowa          = 18
	Nebraska      = 19
	NewHampshire  = 20
	NewJersey     = 21
	Tennessee     = 22
	Minnesota     = 23
	Maryland      = 24
	Indiana       = 25
	Kentucky      = 26
	RhodeIsland   = 27
	lastUSSection = RhodeIsland
)

// The answers that a field can hold. Notices were given (Yes) or not (No); of
// opt-outs and consents Yes refuses: the user opted out, or did not consent.
const (
	NotApplicable = 0
	Yes           = 1
	No            = 2
)

// US is a section of the United States. Fields that a section does not have
// are [NotApplicable].
type US struct {
	Version int // of the section; of the four that begin with it, of the Multi-State Privacy Agreement

	Notice                uint8 // of processing, or of sharing with others
	SaleNotice            uint8 // of the opportunity to opt out of it, and so on
	SharingNotice         uint8
	TargetedNotice        uint8
	SensitiveNotice       uint8
	LimitUseNotice        uint8
	SaleOptOut            uint8
	SharingOptOut         uint8
	TargetedOptOut        uint8
	Sensitive             [16]uint8 // by category, in the section's own order
	Sensitives            int       // how many categories
	HasLocation           bool      // one of them is precise geolocation
	LocationIndex         int       // which
	Location              uint8     // what it says
	Child                 [5]uint8  // of consent about a known child, in the section's own order
	Children              int       // how many
	OtherPurposes         uint8     // consent to what was not disclosed; sections disagree on which answer is a no
	Covered               uint8     // a covered transaction of the Multi-State Privacy Agreement
	OptOutOption          uint8     // its opt-out option mode
	ServiceProvider       uint8     // its service provider mode
	HasGPC, GPC           bool      // Global Privacy Control
	HasSharing, HasTarget bool      // the section has those opt-outs
}

// layout is how a section's core is written: a version of 6 bits, then fields
// of 2 bits each.
type layout struct {
	fields    string // see US.read
	sensitive int    // how often field D stands
	child     int    // how often field K stands
	location  int    // which D is precise geolocation, from 1 on; 0: none
	apart     bool   // the D stand in a segment of their own, of no type, instead of a GPC segment
}

// layoutOf returns the layout of a section and version.
func layoutOf(id, version int) (layout, bool) {
	if id == USNational && version == 2 {
		return layout{fields: "nshtulSHTDKpcom", sensitive: 16, child: 3, location: 8}, true
	}
	if version != 1 {
		return layout{}, false
	}
	switch id {
	case USNational:
		return layout{fields: "nshtulSHTDKpcom", sensitive: 12, child: 2, location: 8}, true
	case California:
		return layout{fields: "shlSHDKpcom", sensitive: 9, child: 2, location: 3}, true
	case Virginia:
		return layout{fields: "nstSTDKcom", sensitive: 8, child: 1, location: 8}, true
	case Colorado:
		return layout{fields: "nstSTDKcom", sensitive: 7, child: 1}, true
	case Connecticut:
		return layout{fields: "nstSTDKcom", sensitive: 8, child: 3, location: 8}, true
	case Utah, Iowa:
		return layout{fields: "nstuSTDKcom", sensitive: 8, child: 1, location: 8}, true
	case Florida, Montana, NewHampshire:
		return layout{fields: "nstSTDKpcom", sensitive: 8, child: 3, location: 8}, true
	case Oregon:
		return layout{fields: "nstSTDKpcom", sensitive: 11, child: 3, location: 11}, true
	case Delaware:
		return layout{fields: "nstSTDKpcom", sensitive: 9, child: 5, location: 9}, true
	case NewJersey:
		return layout{fields: "nstSTDKpcom", sensitive: 10, child: 5, location: 8}, true
	case Texas, Nebraska, Tennessee, Minnesota:
		return layout{fields: "nstSTDKpcom", sensitive: 8, child: 1, location: 8}, true
	// The drafts of these four put a header before the core, which is to name
	// sub-section 0 in a code that has no 0. Read is what the IAB's own library
	// writes, without one; with one the section is of an unknown version.
	case Maryland:
		return layout{fields: "cMnstSTp"}, true
	case Indiana, Kentucky, RhodeIsland:
		return layout{fields: "cMnstSTKp", sensitive: 8, child: 1, location: 8, apart: true}, true
	}
	return layout{}, false
}

// IsUS says whether [ParseUS] knows a section.
func IsUS(id int) bool { return id >= USNational && id <= lastUSSection }

// ParseUS reads the text of a section. A version that is not known, a value
// that is not defined or anything left over is [ErrUnreadable].
func ParseUS(id int, text []byte) (u US, err error) {
	if len(text) > MaxText || !bitstring.Valid(text, ".=") {
		return US{}, ErrUnreadable
	}
	core, rest, _ := bytes.Cut(text, []byte{'.'})
	r := bitstring.New(core)
	u.Version = r.Int(6)
	l, ok := layoutOf(id, u.Version)
	if !ok {
		return US{}, ErrUnreadable
	}
	for i := range len(l.fields) {
		u.read(&r, l, l.fields[i])
	}
	if !r.Ends() {
		return US{}, ErrUnreadable
	}
	for len(rest) > 0 {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte{'.'})
		if !u.readSegment(segment, l) {
			return US{}, ErrUnreadable
		}
	}
	if l.apart { // they are of the section, whether it says anything of them or not
		u.Sensitives = l.sensitive
	}
	if l.location > 0 {
		u.HasLocation, u.LocationIndex, u.Location = true, l.location-1, u.Sensitive[l.location-1]
	}
	return u, nil
}

// readSegment reads what follows the core: the one segment that the section may
// have, once.
func (u *US) readSegment(text []byte, l layout) bool {
	r := bitstring.New(text)
	switch {
	case l.apart && u.Sensitives == 0:
		u.read(&r, l, 'D')
	case !l.apart && !u.HasGPC && r.Int(2) == 1:
		u.HasGPC, u.GPC = true, r.Bit()
	default:
		return false
	}
	return r.Ends()
}

// read reads one field of a layout.
func (u *US) read(r *bitstring.Reader, l layout, field byte) {
	switch field {
	case 'n':
		u.Notice = answer(r)
	case 's':
		u.SaleNotice = answer(r)
	case 'h':
		u.SharingNotice = answer(r)
	case 't':
		u.TargetedNotice = answer(r)
	case 'u':
		u.SensitiveNotice = answer(r)
	case 'l':
		u.LimitUseNotice = answer(r)
	case 'S':
		u.SaleOptOut = answer(r)
	case 'H':
		u.HasSharing, u.SharingOptOut = true, answer(r)
	case 'T':
		u.HasTarget, u.TargetedOptOut = true, answer(r)
	case 'D':
		u.Sensitives = l.sensitive
		for i := range l.sensitive {
			u.Sensitive[i] = answer(r)
		}
	case 'K':
		u.Children = l.child
		for i := range l.child {
			u.Child[i] = answer(r)
		}
	case 'p':
		u.OtherPurposes = answer(r)
	case 'c':
		u.Covered = answer(r)
	case 'o':
		u.OptOutOption = answer(r)
	case 'm':
		u.ServiceProvider = answer(r)
	case 'M': // either mode, or neither
		if mode := answer(r); mode != NotApplicable {
			u.OptOutOption, u.ServiceProvider = No, No
			if mode == serviceProviderMode {
				u.ServiceProvider = Yes
			} else {
				u.OptOutOption = Yes
			}
		}
	}
}

// serviceProviderMode is what the field of both modes says of the second.
const serviceProviderMode = 2

// answer reads a field. The fourth value is not defined.
func answer(r *bitstring.Reader) uint8 {
	v := uint8(r.Uint(2))
	if v > No {
		r.Fail()
	}
	return v
}
