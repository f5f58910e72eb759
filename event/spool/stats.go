package spool

import (
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// counts are kept under the spool's lock.
type counts struct {
	spooled, commits, replayed, failed, lost uint64
	torn                                     int64
}

// Stats are what a spool did since it was opened, and what it holds.
type Stats struct {
	AwaySince time.Time // since when the primary fails; zero if it does not
	Records   uint64    // appends that the primary does not have
	Bytes     int64     // of the files; at most Config.MaxBytes
	Segments  int       // files

	Spooled  uint64 // events that were kept here instead of in the primary
	Commits  uint64 // syncs that this took
	Replayed uint64 // events that the primary took since
	Failed   uint64 // events that neither took
	Lost     uint64 // appends that were acknowledged and cannot be read: alarm
	Torn     int64  // bytes of writes that a crash cut short, see the package
}

// Stats returns the spool's counts, for metrics.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	return Stats{
		AwaySince: s.away, Records: s.pending, Bytes: s.bytes, Segments: len(s.segments),
		Spooled: c.spooled, Commits: c.commits, Replayed: c.replayed, Failed: c.failed, Lost: c.lost, Torn: c.torn,
	}
}

// Fit returns nil if an append can be expected to succeed: the primary is
// there, or the files take events. Otherwise it says why not.
func (s *Spool) Fit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return event.ErrClosed
	case s.away.IsZero():
		return nil
	case s.unfit != nil:
		return fmt.Errorf("the event log is away, and its spool cannot be written: %w", s.unfit)
	case s.bytes > s.config.MaxBytes-minBytes/2:
		return fmt.Errorf("the event log is away, and its spool holds %d of %d bytes: %w", s.bytes, s.config.MaxBytes, event.ErrFull)
	}
	return nil
}
