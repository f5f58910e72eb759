package audience

import (
	"encoding/binary"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// The value {key}:x is a list of records of 32 bytes, little-endian, in the
// order in which they were appended, which is not always that of time:
//
//	version    1 byte
//	time       7 bytes: milliseconds since 1970, market time
//	line item  8 bytes
//	campaign   8 bytes
//	imp hash   8 bytes: the same for every notice of one impression
//
// A record carries its own version because APPEND knows no header. The same
// impression may be appended twice; the hash takes the second out when read.
const (
	exposureVersion = 1
	exposureSize    = 32
)

// MaxExposures is how many of a user's exposures are kept: the latest. A
// frequency cap of more impressions than this cannot be held.
const MaxExposures = 256

// compactBytes is the length of a value beyond which it is compacted. The
// distance to MaxExposures makes that rare.
const compactBytes = exposureSize * (MaxExposures + MaxExposures/2)

// maxExposureBytes is the length beyond which a value is not ours.
const maxExposureBytes = 1 << 20

// Retention is how long an exposure is kept, in market time, and so the
// longest window that a frequency cap can look back.
const Retention = campaign.MaxCapWindow

func appendExposure(dst []byte, e campaign.Exposure, impHash uint64) []byte {
	ms := uint64(max(e.At.UnixMilli(), 0)) & (1<<56 - 1)
	dst = binary.LittleEndian.AppendUint64(dst, ms<<8|exposureVersion)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.LineItem))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Campaign))
	return binary.LittleEndian.AppendUint64(dst, impHash)
}

// checkExposures says whether a value can be read. An empty one is a user who
// saw nothing.
func checkExposures(value string) error {
	if len(value)%exposureSize != 0 || len(value) > maxExposureBytes {
		return errCorrupt
	}
	for r := value; r != ""; r = r[exposureSize:] {
		if r[0] != exposureVersion {
			return errCorrupt
		}
	}
	return nil
}

// readExposures appends the latest exposures of value, at most MaxExposures,
// each impression once, none older than Retention.
func readExposures(dst []campaign.Exposure, seen *hashSet, value string, now time.Time) ([]campaign.Exposure, error) {
	if err := checkExposures(value); err != nil || value == "" {
		return dst, err
	}
	oldest := now.Add(-Retention).UnixMilli()
	seen.reset(min(len(value)/exposureSize, compactBytes/exposureSize))
	start := len(dst)
	for at := len(value) - exposureSize; at >= 0 && len(dst)-start < MaxExposures; at -= exposureSize {
		r := value[at : at+exposureSize]
		ms := int64(uint64At(r, 0) >> 8)
		if ms < oldest || !seen.add(uint64At(r, 24)) {
			continue
		}
		dst = append(dst, campaign.Exposure{
			At:       time.UnixMilli(ms).UTC(),
			LineItem: event.LineItemID(uint64At(r, 8)),
			Campaign: event.CampaignID(uint64At(r, 16)),
		})
	}
	return dst, nil
}

// compactExposures appends to dst the records of value that readExposures
// would return, in their order.
func compactExposures(dst []byte, seen *hashSet, value string, now time.Time) ([]byte, error) {
	if err := checkExposures(value); err != nil {
		return dst, err
	}
	oldest := now.Add(-Retention).UnixMilli()
	seen.reset(len(value) / exposureSize)
	var keep []int // positions, latest first
	for at := len(value) - exposureSize; at >= 0 && len(keep) < MaxExposures; at -= exposureSize {
		if int64(uint64At(value, at)>>8) >= oldest && seen.add(uint64At(value, at+24)) {
			keep = append(keep, at)
		}
	}
	for i := len(keep) - 1; i >= 0; i-- {
		dst = append(dst, value[keep[i]:keep[i]+exposureSize]...)
	}
	return dst, nil
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
