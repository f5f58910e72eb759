package audience

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// The value {key}:s is a version byte, then one entry of 8 bytes per segment,
// in strictly ascending order of segment id:
//
//	segment id  uint32, little-endian
//	expiry      uint32, little-endian: seconds since 1970, market time
//
// An entry counts until its expiry, not at it.
const (
	segmentsVersion = 1
	segmentSize     = 8
)

// MaxSegments is how many segments a user can have. It bounds what one
// request reads.
const MaxSegments = 4096

// errCorrupt says that a stored value cannot be read. It never says whose.
var errCorrupt = errors.New("audience: a stored value cannot be read")

// Membership is a user's being in a segment until an expiry.
type Membership struct {
	Segment event.SegmentID
	Expiry  time.Time // whole seconds, market time
}

// member is a Membership as it is stored.
type member struct {
	segment event.SegmentID
	expiry  uint32
}

// readSegments appends the segments in value that count at now, ascending.
// An empty value is a user without segments.
func readSegments(dst []event.SegmentID, value string, now time.Time) ([]event.SegmentID, error) {
	if err := checkSegments(value); err != nil || value == "" {
		return dst, err
	}
	sec := unixSeconds(now)
	last := int64(-1)
	start := len(dst)
	for e := value[1:]; e != ""; e = e[segmentSize:] {
		id := uint32At(e, 0)
		if int64(id) <= last {
			return dst[:start], errCorrupt
		}
		last = int64(id)
		if uint32At(e, 4) > sec {
			dst = append(dst, event.SegmentID(id))
		}
	}
	return dst, nil
}

func checkSegments(value string) error {
	switch {
	case value == "":
		return nil
	case value[0] != segmentsVersion, len(value)%segmentSize != 1, len(value) > 1+MaxSegments*segmentSize:
		return errCorrupt
	}
	return nil
}

// mergeSegments returns value with the changes made to it and everything that
// expired by now left out. The expiry of a change replaces an older one, so a
// past expiry takes the user out of the segment. changes is sorted in place;
// of several for one segment the last counts. latest is the greatest expiry;
// an empty result is a user with no segment left.
func mergeSegments(dst []byte, value string, changes []member, now time.Time) (merged []byte, latest uint32, err error) {
	if err := checkSegments(value); err != nil {
		return dst, 0, err
	}
	sec := unixSeconds(now)
	slices.SortStableFunc(changes, func(a, b member) int {
		return int(int64(a.segment) - int64(b.segment))
	})
	old := ""
	if value != "" {
		old = value[1:]
	}
	start := len(dst)
	dst = append(dst, segmentsVersion)
	put := func(m member) {
		if m.expiry > sec {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(m.segment))
			dst = binary.LittleEndian.AppendUint32(dst, m.expiry)
			latest = max(latest, m.expiry)
		}
	}
	for i := range changes {
		if i+1 < len(changes) && changes[i+1].segment == changes[i].segment {
			continue
		}
		for old != "" && uint32At(old, 0) <= uint32(changes[i].segment) {
			if uint32At(old, 0) < uint32(changes[i].segment) {
				put(memberAt(old))
			}
			old = old[segmentSize:]
		}
		put(changes[i])
	}
	for ; old != ""; old = old[segmentSize:] {
		put(memberAt(old))
	}
	switch n := (len(dst) - start - 1) / segmentSize; {
	case n == 0:
		return dst[:start], 0, nil
	case n > MaxSegments:
		return dst[:start], 0, errTooMany
	}
	return dst, latest, nil
}

var errTooMany = errors.New("audience: a user has too many segments")

func memberAt(entry string) member {
	return member{event.SegmentID(uint32At(entry, 0)), uint32At(entry, 4)}
}

// unixSeconds returns t in seconds since 1970, at the nearest bound when it
// does not fit.
func unixSeconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), math.MaxUint32))
}

// uint32At reads from a string: Redis's replies are strings, and a copy into
// bytes would allocate.
func uint32At(s string, at int) uint32 {
	s = s[at : at+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func uint64At(s string, at int) uint64 {
	return uint64(uint32At(s, at)) | uint64(uint32At(s, at+4))<<32
}
