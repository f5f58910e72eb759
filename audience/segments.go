package audience

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// The value {key}:s is a version byte, then one entry of 12 bytes per segment,
// in strictly ascending order of segment id:
//
//	segment id  uint32, little-endian
//	expiry      uint32, little-endian: seconds since 1970, market time
//	since       uint32: when the user was last put into it; 0 when unknown
//
// An entry counts until its expiry, not at it. Version 1 had no since: it is
// read, and every write makes it version 2.
const (
	segmentsVersion = 2
	segmentSize     = 12
	oldVersion      = 1
	oldSegmentSize  = 8
)

// MaxSegments is how many segments a user can have. It bounds what one
// request reads.
const MaxSegments = 4096

// errCorrupt says that a stored value cannot be read. It never says whose.
var errCorrupt = errors.New("audience: a stored value cannot be read")

// member is a user's being in a segment until an expiry.
type member struct {
	segment event.SegmentID
	expiry  uint32 // seconds since 1970, market time
}

// readSegments appends the segments in value that count at now, ascending, and
// since when they do. An empty value is a user without segments.
func readSegments(dst []event.SegmentID, since []uint32, value string, now time.Time) ([]event.SegmentID, []uint32, error) {
	size, err := checkSegments(value)
	if err != nil || value == "" {
		return dst, since, err
	}
	sec := unixSeconds(now)
	last := int64(-1)
	start, from := len(dst), len(since)
	for e := value[1:]; e != ""; e = e[size:] {
		m := memberAt(e, size)
		if int64(m.segment) <= last {
			return dst[:start], since[:from], errCorrupt
		}
		last = int64(m.segment)
		if m.expiry > sec {
			dst, since = append(dst, m.segment), append(since, m.since)
		}
	}
	return dst, since, nil
}

// checkSegments returns how long an entry of value is.
func checkSegments(value string) (size int, err error) {
	if value == "" {
		return segmentSize, nil
	}
	switch value[0] {
	case segmentsVersion:
		size = segmentSize
	case oldVersion:
		size = oldSegmentSize
	default:
		return 0, errCorrupt
	}
	if len(value)%size != 1 || len(value) > 1+MaxSegments*size {
		return 0, errCorrupt
	}
	return size, nil
}

// mergeSegments returns value with the changes made to it and everything that
// expired by now left out. The expiry of a change replaces an older one, so a
// past expiry takes the user out of the segment, and a later one counts as
// put into it now. changes is sorted in place;
// of several for one segment the last counts. latest is the greatest expiry;
// an empty result is a user with no segment left.
func mergeSegments(dst []byte, value string, changes []member, now time.Time) (merged []byte, latest uint32, err error) {
	size, err := checkSegments(value)
	if err != nil {
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
	put := func(m memberSince) {
		if m.expiry > sec {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(m.segment))
			dst = binary.LittleEndian.AppendUint32(dst, m.expiry)
			dst = binary.LittleEndian.AppendUint32(dst, m.since)
			latest = max(latest, m.expiry)
		}
	}
	for i := range changes {
		if i+1 < len(changes) && changes[i+1].segment == changes[i].segment {
			continue
		}
		for old != "" && uint32At(old, 0) <= uint32(changes[i].segment) {
			if uint32At(old, 0) < uint32(changes[i].segment) {
				put(memberAt(old, size))
			}
			old = old[size:]
		}
		put(memberSince{changes[i], sec})
	}
	for ; old != ""; old = old[size:] {
		put(memberAt(old, size))
	}
	switch n := (len(dst) - start - 1) / segmentSize; {
	case n == 0:
		return dst[:start], 0, nil
	case n > MaxSegments:
		return dst[:start], 0, errTooMany
	}
	return dst, latest, nil
}

// uniteSegments returns what two values have, of a segment in both the entry
// that was put there later, and the greatest expiry. It is empty when they have
// nothing, or would have too many. One that cannot be read has nothing.
func uniteSegments(a, b string, now time.Time) (value []byte, latest uint32) {
	var all []memberSince
	for _, v := range []string{a, b} {
		size, err := checkSegments(v)
		if err != nil || v == "" {
			continue
		}
		for e := v[1:]; e != ""; e = e[size:] {
			all = append(all, memberAt(e, size))
		}
	}
	slices.SortFunc(all, func(a, b memberSince) int {
		return cmp.Or(cmp.Compare(a.segment, b.segment), -cmp.Compare(a.since, b.since), -cmp.Compare(a.expiry, b.expiry))
	})
	value = append(value, segmentsVersion)
	for i, m := range all {
		if m.expiry <= unixSeconds(now) || i > 0 && all[i-1].segment == m.segment {
			continue
		}
		value = binary.LittleEndian.AppendUint32(value, uint32(m.segment))
		value = binary.LittleEndian.AppendUint32(value, m.expiry)
		value = binary.LittleEndian.AppendUint32(value, m.since)
		latest = max(latest, m.expiry)
	}
	if n := len(value) / segmentSize; n == 0 || n > MaxSegments {
		return nil, 0
	}
	return value, latest
}

var errTooMany = errors.New("audience: a user has too many segments")

// memberSince is a member and when it was last put there.
type memberSince struct {
	member
	since uint32
}

func memberAt(entry string, size int) (m memberSince) {
	m.member = member{event.SegmentID(uint32At(entry, 0)), uint32At(entry, 4)}
	if size == segmentSize {
		m.since = uint32At(entry, 8)
	}
	return m
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
