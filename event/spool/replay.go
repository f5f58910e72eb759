package spool

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

const (
	// replayBytes and replayEvents are about how much is offered to the
	// primary at once.
	replayBytes, replayEvents = 256 * kib, 1000

	// replayTimeout is how long the primary may take over that. It is long,
	// because an attempt that is given up may succeed nevertheless, and the
	// next makes doubles.
	replayTimeout = 30 * time.Second

	retryMin = 20 * time.Millisecond
)

// replayAll offers what is spooled to the primary until the spool is closed.
func (s *Spool) replayAll() {
	wait := retryMin
	for s.stopped.Err() == nil {
		seg, from, to := s.oldest()
		if seg == nil {
			if !s.pause(s.idle()) {
				return
			}
			continue
		}
		if err := s.replaySegment(seg, from, to); err == nil {
			wait = retryMin
			continue
		} else if s.stopped.Err() != nil {
			return
		}
		s.checkDisk(s.probeDisk)
		if !sleep(s.stopped, wait) {
			return
		}
		wait = min(2*wait, s.config.RetryMax)
	}
}

// idle is how long to wait if nothing happens: for ever, unless the disk has
// to be looked at.
func (s *Spool) idle() <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unfit == nil {
		return nil
	}
	return time.After(s.config.RetryMax)
}

// pause waits for something to replay.
func (s *Spool) pause(timer <-chan time.Time) bool {
	select {
	case <-s.replay:
	case <-timer:
		s.checkDisk(s.probeDisk)
	case <-s.stopped.Done():
		return false
	}
	return true
}

// checkDisk finds out whether the disk takes writes again after one failed:
// when bidding has stopped, no append may come that would. If another failed
// during the probe, that one may have been later, and stays.
func (s *Spool) checkDisk(probe func() error) {
	s.mu.Lock()
	failure := s.unfit
	s.mu.Unlock()
	if failure == nil || probe() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unfit == failure {
		s.unfit = nil
	}
}

// oldest returns the first segment with something to replay, and where that is
// in it; nil if there is nothing.
func (s *Spool) oldest() (seg *segment, from, to int64) {
	s.removeDone()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range s.segments {
		if seg.replayed < seg.size {
			return seg, seg.replayed, seg.size
		}
	}
	return nil, 0, 0
}

// removeDone removes the files that were replayed to their end. It does so in
// order, each durably before the next: if a power failure brought an older one
// back alone, what was between would pass for lost.
func (s *Spool) removeDone() {
	for seg := s.firstDone(); seg != nil; seg = s.firstDone() {
		err := os.Remove(seg.path(s.config.Dir))
		if err == nil || os.IsNotExist(err) {
			err = s.syncDir()
		}
		if err != nil {
			s.config.Logger.Error("cannot remove what was replayed: after a restart it will be replayed again", "error", err)
			return
		}
		s.mu.Lock()
		if lost := seg.end - seg.first - seg.seen; lost > 0 {
			s.damaged(seg, lost)
		}
		s.pending -= seg.left
		s.bytes -= seg.size
		s.segments[0] = nil
		s.segments = s.segments[1:]
		s.progressed()
		s.mu.Unlock()
	}
}

// firstDone returns the oldest segment if it was replayed and will not grow.
func (s *Spool) firstDone() *segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.segments) == 0 || s.segments[0].replayed < s.segments[0].size {
		return nil
	}
	seg := s.segments[0]
	if seg == s.active {
		if s.writing {
			return nil
		}
		s.finishActive()
	}
	return seg
}

// replaySegment offers a part of a segment to the primary.
func (s *Spool) replaySegment(seg *segment, from, to int64) error {
	data, err := readPart(seg.path(s.config.Dir), from, to)
	s.mu.Lock()
	s.blocked = err != nil
	s.mu.Unlock()
	if err != nil {
		s.config.Logger.Error("cannot read spool, trying again", "error", err)
		return err
	}
	for at := 0; at < len(data); {
		p := s.nextPart(seg, data, at) // skips the header as it skips all that is no record
		if err := s.offer(p.events); err != nil {
			s.setAway(err)
			return err
		}
		if len(p.events) > 0 {
			s.setBack()
		}
		s.took(seg, p, from+int64(p.end))
		at = p.end
	}
	return nil
}

func (s *Spool) offer(events []event.Event) error {
	if len(events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.stopped, replayTimeout)
	defer cancel()
	return s.config.Primary.Append(ctx, events...)
}

// part is what is offered at once.
type part struct {
	events  []event.Event
	records uint64 // that are in it
	seen    uint64 // of them, those that were acknowledged
	end     int
}

func (s *Spool) nextPart(seg *segment, data []byte, at int) (p part) {
	p.end = at
	s.mu.Lock()
	first, end := seg.first, seg.end
	s.mu.Unlock()
	for p.end < len(data) && p.end-at < replayBytes && len(p.events) < replayEvents {
		r, _, ok := nextRecord(data, p.end, seg.number)
		if !ok {
			p.end = len(data)
			break
		}
		if p.records > 0 && r.end-at > maxRecord {
			break // one message of the primary must hold all of a part
		}
		p.end = r.end
		b, err := event.DecodeBatch(r.payload)
		if err != nil {
			s.config.Logger.Error("spool: a record is whole but cannot be decoded", "file", fileName(seg.number), "error", err)
			continue
		}
		p.events = append(p.events, b.Events...)
		p.records++
		if first <= r.number && r.number < end {
			p.seen++
		}
	}
	return p
}

// took notes that the primary has a part of a segment.
func (s *Spool) took(seg *segment, p part, end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg.replayed = end
	seg.seen += p.seen
	n := min(p.records, seg.left)
	seg.left -= n
	s.pending -= n
	s.counts.replayed += uint64(len(p.events))
	s.progressed()
}

// readPart returns zeros for what is not there.
func readPart(path string, from, to int64) ([]byte, error) {
	data := make([]byte, to-from)
	f, err := os.Open(path)
	if os.IsNotExist(err) { // somebody removed it: what it held is lost, as below
		return data, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := f.ReadAt(data, from)
	if err != nil && err != io.EOF { // EOF: somebody cut it off
		return nil, err
	}
	clear(data[n:])
	return data, nil
}

func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
