package audience

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Profile is what is known of one user. The zero Profile knows nothing; one
// Profile serves one request after another without allocating.
type Profile struct {
	// Known says that the audience was read, so that the lists that the Permit
	// allows to read are true, and the others are empty. A user of whom nothing is stored is known, with empty lists: a frequency
	// cap may count on the user having seen nothing. Without a Permit, a key
	// or an answer in time the user is not known, and line items that need
	// the user do not bid.
	Known bool

	Segments  []event.SegmentID   // that have not expired, ascending
	Since     []uint32            // when the user was last put into each of Segments, Unix seconds; 0 when unknown
	Exposures []campaign.Exposure // impressions, clicks and conversions, each once, in no order; at most MaxExposures

	// Chosen is which of the ids that were read the profile is of. Stored says
	// that anything is stored of it: a user whom we met before.
	Chosen int
	Stored bool

	list   exposureList
	cached []byte // the records, where they come from a [Cache]
}

// Reset forgets the user and keeps the memory.
func (p *Profile) Reset() {
	p.Known, p.Stored, p.Chosen = false, false, 0
	p.Segments, p.Since = p.Segments[:0], p.Since[:0]
	p.Exposures = p.Exposures[:0]
}

// load fills the profile from the first of the records that has anything, as
// they are in the order of the ids. They are never mixed: two ids may be of two
// people. One that opted out is all of them opting out. part names the value
// that could not be read.
func (p *Profile) load(records []record, now time.Time) (part recordPart, err error) {
	p.Reset()
	chosen := -1
	for i := range records {
		r := &records[i]
		if isOptedOut(r.identity) {
			return 0, ErrOptedOut
		}
		if chosen < 0 && (r.segments != "" || r.exposures != "" || r.identity != "") {
			chosen = i
		}
	}
	if chosen >= 0 {
		p.Chosen, p.Stored = chosen, true
		r := &records[chosen]
		if p.Segments, p.Since, err = readSegments(p.Segments, p.Since, r.segments, now); err != nil {
			p.Reset()
			return partSegments, err
		}
		if p.Exposures, err = readExposures(p.Exposures, &p.list, r.exposures, now); err != nil {
			p.Reset()
			return partExposures, err
		}
	}
	p.Known = true
	return 0, nil
}

// record is a user's values as they are stored; a missing one is empty.
type record struct{ identity, segments, exposures string }

// recordPart is one of the two values of a record that can be damaged.
type recordPart uint8

const (
	partSegments recordPart = iota
	partExposures
	partCount
)
