package audience

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// The value {key}:x is a list of records, little-endian, in the order in which
// they were appended, which is not always that of time:
//
//	record     1 byte: what it is, and so how it goes on
//	time       7 bytes: milliseconds since 1970, market time
//	line item  8 bytes
//	campaign   8 bytes
//	advertiser 8 bytes; not in recordOld
//	hash       8 bytes: the same whenever the same thing is told
//
// A record says itself what it is because APPEND knows no header. The same
// thing may be appended twice; the hash takes the second out when read.
const (
	recordOld        = 1 // an impression, as it was written before advertisers were noted
	recordImpression = 2
	recordClick      = 3
	recordConversion = 4
	recordKinds      = 5

	oldSize      = 32
	exposureSize = 40
)

// How many of a user's exposures are kept: the latest impressions, and the
// latest clicks and conversions beside them, so that a user who sees much is
// still known to have bought.
const (
	MaxImpressions = 256
	MaxClicks      = 64
	MaxConversions = 64
	MaxExposures   = MaxImpressions + MaxClicks + MaxConversions
)

// compactBytes is the length of a value beyond which it is compacted. The
// distance to what is kept makes that rare.
const compactBytes = exposureSize * (MaxExposures + MaxImpressions/2)

// maxExposureBytes is the length beyond which a value is not ours.
const maxExposureBytes = 1 << 20

// How long exposures are kept, in market time, and so the longest windows that
// can look back: impressions for frequency caps, clicks and conversions, of
// which there are fewer, for recency.
const (
	Retention       = campaign.MaxCapWindow
	ActionRetention = campaign.MaxRecencyWindow
)

// retention returns how long a kind of exposure is kept.
func retention(k campaign.TouchKind) time.Duration {
	if k == campaign.TouchClick || k == campaign.TouchConversion {
		return ActionRetention
	}
	return Retention
}

func appendExposure(dst []byte, e campaign.Exposure, hash uint64) []byte {
	record := uint64(recordImpression)
	switch e.Kind {
	case campaign.TouchClick:
		record = recordClick
	case campaign.TouchConversion:
		record = recordConversion
	}
	ms := uint64(max(e.At.UnixMilli(), 0)) & (1<<56 - 1)
	dst = binary.LittleEndian.AppendUint64(dst, ms<<8|record)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.LineItem))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Campaign))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Advertiser))
	return binary.LittleEndian.AppendUint64(dst, hash)
}

// recordSize returns the length of a kind of record, 0 for none of ours.
func recordSize(record byte) int {
	switch record {
	case recordOld:
		return oldSize
	case recordImpression, recordClick, recordConversion:
		return exposureSize
	}
	return 0
}

// exposureList is the memory of reading a value, made to be used again.
type exposureList struct {
	at   []int32 // where records begin
	seen hashSet
}

// find fills at with the records of value that count, the latest appended
// first: each thing once, none that is too old, no more than are kept of its
// kind. An empty value is a user who saw nothing.
func (l *exposureList) find(value string, now time.Time) error {
	l.at = l.at[:0]
	if len(value) > maxExposureBytes {
		return errCorrupt
	}
	for at := 0; at < len(value); {
		size := recordSize(value[at])
		if size == 0 || at+size > len(value) {
			return errCorrupt
		}
		l.at = append(l.at, int32(at))
		at += size
	}
	if len(l.at) == 0 {
		return nil
	}
	slices.Reverse(l.at)
	l.seen.reset(min(len(l.at), compactBytes/exposureSize))
	impressions, actions := now.Add(-Retention).UnixMilli(), now.Add(-ActionRetention).UnixMilli()
	left := [recordKinds]int{recordImpression: MaxImpressions, recordClick: MaxClicks, recordConversion: MaxConversions}
	kept := l.at[:0]
	for _, at := range l.at {
		kind, oldest := value[at], actions
		if kind == recordOld {
			kind = recordImpression
		}
		if kind == recordImpression {
			oldest = impressions
		}
		hash := uint64At(value, int(at)+recordSize(value[at])-8)
		if left[kind] == 0 || int64(uint64At(value, int(at))>>8) < oldest || !l.seen.add(hash) {
			continue
		}
		left[kind]--
		kept = append(kept, at)
	}
	l.at = kept
	return nil
}

// readExposures appends the exposures of value that count.
func readExposures(dst []campaign.Exposure, l *exposureList, value string, now time.Time) ([]campaign.Exposure, error) {
	if err := l.find(value, now); err != nil {
		return dst, err
	}
	for _, at := range l.at {
		r := value[at:]
		e := campaign.Exposure{
			At:       time.UnixMilli(int64(uint64At(r, 0) >> 8)).UTC(),
			LineItem: event.LineItemID(uint64At(r, 8)),
			Campaign: event.CampaignID(uint64At(r, 16)),
		}
		switch r[0] {
		case recordClick:
			e.Kind = campaign.TouchClick
		case recordConversion:
			e.Kind = campaign.TouchConversion
		}
		if r[0] != recordOld {
			e.Advertiser = event.AdvertiserID(uint64At(r, 24))
		}
		dst = append(dst, e)
	}
	return dst, nil
}

// compactExposures appends to dst the records of value that readExposures
// would return, in their order. keep is how long the longest of them is kept.
func compactExposures(dst []byte, l *exposureList, value string, now time.Time) (out []byte, keep time.Duration, err error) {
	if err := l.find(value, now); err != nil {
		return dst, 0, err
	}
	keep = Retention
	for _, at := range slices.Backward(l.at) {
		if r := value[at]; r == recordClick || r == recordConversion {
			keep = ActionRetention
		}
		dst = append(dst, value[at:int(at)+recordSize(value[at])]...)
	}
	return dst, keep, nil
}

// hashSet is a set of hashes in open addressing, made to be used again.
type hashSet struct {
	slots []uint64 // 0 is free
	used  int
}

// reset empties the set and makes room for n hashes. It may hold more.
func (s *hashSet) reset(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	if cap(s.slots) < size {
		s.slots = make([]uint64, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	s.used = 0
}

// add puts a hash in and says whether it was new.
func (s *hashSet) add(hash uint64) bool {
	if hash == 0 {
		hash = 1 // 0 marks a free slot; the two are as good as equal
	}
	if 2*s.used >= len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for i := hash * 0x9e3779b97f4a7c15 >> 32 & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case hash:
			return false
		case 0:
			s.slots[i] = hash
			s.used++
			return true
		}
	}
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, 2*len(old))
	s.used = 0
	for _, h := range old {
		if h != 0 {
			s.add(h)
		}
	}
}
