package spool

import (
	"cmp"
	"os"
	"slices"

	"github.com/tangent-dsp/tangent/event/dirlock"
)

// recover reads what an earlier opening left.
func (s *Spool) recover() (err error) {
	if err := os.MkdirAll(s.config.Dir, 0o750); err != nil {
		return err
	}
	if s.lock, err = dirlock.Take(s.config.Dir); err != nil {
		return err
	}
	if err := s.probeDisk(); err != nil {
		return err
	}
	found, err := s.findSegments()
	if err != nil {
		return err
	}
	surveys := make([]survey, len(found))
	for i, seg := range found {
		data, err := os.ReadFile(seg.path(s.config.Dir))
		if err != nil {
			return err
		}
		seg.size = int64(len(data))
		surveys[i] = surveySegment(data, seg.number)
	}
	for i, seg := range found {
		s.takeOver(seg, surveys[i:])
	}
	poke(s.replay)
	return nil
}

// findSegments returns the segments in the directory, oldest first.
func (s *Spool) findSegments() (found []*segment, err error) {
	entries, err := os.ReadDir(s.config.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if number, ok := parseFileName(e.Name()); ok {
			found = append(found, &segment{number: number})
		}
	}
	slices.SortFunc(found, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
	return found, nil
}

// takeOver adds a segment of an earlier opening; surveys begin with its own.
// New appends begin a new one, whose header will tell where this one ended: so
// a write that was cut short stays where it is and does no harm.
func (s *Spool) takeOver(seg *segment, surveys []survey) {
	v := &surveys[0]
	// Its acknowledged records begin where its header says, or the segment
	// before it ended; they end where the header of the next one says, or with
	// the last that is there.
	seg.first, seg.end = v.first, v.next
	if !v.header && (len(s.segments) > 0 || v.records == 0) {
		seg.first, seg.end = s.next, max(s.next, v.next)
	}
	last := len(surveys) == 1
	if !last && surveys[1].header {
		seg.end = max(surveys[1].first, seg.first)
	}
	seg.left = v.records
	s.segments = append(s.segments, seg)
	s.number = seg.number
	s.next = max(s.next, seg.end)
	s.bytes += seg.size
	s.pending += seg.left

	if last && v.tail > 0 {
		s.counts.torn += int64(v.tail)
		s.config.Logger.Warn("spool: the last file ends with no whole record, as a crash leaves it",
			"file", fileName(seg.number), "bytes", v.tail)
	}
	lost := seg.end - seg.first - v.count(seg.first, seg.end)
	if lost > 0 || v.garbled || !v.header && v.records > 0 {
		s.damaged(seg, lost)
	}
}

// damaged notes how many acknowledged records of a segment cannot be read, and
// says so. The lock is held, or nobody else is there yet.
func (s *Spool) damaged(seg *segment, lost uint64) {
	if lost > seg.lost {
		s.counts.lost += lost - seg.lost
		seg.lost = lost
	}
	s.config.Logger.Error("spool: a file is damaged; compare the exchanges' reports with the ledger if appends are lost",
		"file", fileName(seg.number), "lost", seg.lost, "appends", seg.end-seg.first)
}
