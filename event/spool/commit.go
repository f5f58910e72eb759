package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tangent-dsp/tangent/event"
)

// encoder is what one append needs.
type encoder struct {
	event.Encoder
	buf []byte
}

// group is what one write and one sync make durable. Everybody whose record is
// in it waits for the same channel.
type group struct {
	buf    []byte // records without their fields, see sealRecord
	ends   []int  // of the records in buf
	events int
	done   chan struct{} // closed when err is final
	err    error
}

// keep returns nil when a file has the events.
func (s *Spool) keep(ctx context.Context, events []event.Event) error {
	g, err := s.enqueue(events)
	if err != nil {
		return err
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Spool) enqueue(events []event.Event) (*group, error) {
	e := s.encoders.Get().(*encoder)
	defer s.encoders.Put(e)
	e.buf = append(e.buf[:0], make([]byte, recordSize)...)
	for i := range events {
		buf, err := e.AppendEvent(e.buf, &events[i])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUnusable, err)
		}
		e.buf = buf
	}
	if n := len(e.buf) - recordSize; n > maxRecord {
		return nil, fmt.Errorf("%w: %d events take %d bytes, allowed is at most %d", errUnusable, len(events), n, maxRecord)
	}
	return s.join(e.buf, len(events))
}

// errUnusable is about events that no log takes.
var errUnusable = errors.New("no log takes these events")

// join adds a record to the open group.
func (s *Spool) join(rec []byte, events int) (*group, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, event.ErrClosed
	case s.bytes+s.reserved+int64(len(rec)+headerSize) > s.config.MaxBytes:
		return nil, event.ErrFull
	case s.reserved+int64(len(rec)) > maxWaiting:
		return nil, event.ErrBusy
	}
	s.reserved += int64(len(rec))
	if s.open == nil {
		s.open = &group{done: make(chan struct{})}
		poke(s.wake)
	}
	g := s.open
	g.buf = append(g.buf, rec...)
	g.ends = append(g.ends, len(g.buf))
	g.events += events
	return g, nil
}

// commitAll writes one group after the other, each with everything that
// arrived during the sync of the one before, until the spool is closed.
func (s *Spool) commitAll() {
	for range s.wake {
		s.mu.Lock()
		g, closed := s.open, s.closed
		s.open, s.writing = nil, g != nil
		s.mu.Unlock()
		if g != nil {
			g.err = s.commit(g)
			close(g.done)
		}
		if closed {
			return
		}
	}
}

// commit makes a group durable.
func (s *Spool) commit(g *group) error {
	s.mu.Lock()
	seg := s.active
	if seg != nil && seg.size >= s.config.SegmentBytes {
		seg = nil
	}
	begin := seg == nil
	if begin {
		s.number++
		seg = &segment{number: s.number, first: s.next, end: s.next}
	}
	next, reserved := s.next, int64(len(g.buf))
	s.mu.Unlock()

	var err error
	if begin {
		g.buf, err = s.begin(seg, g)
	} else {
		g.seal(g.buf, seg.number, next)
		err = s.write(seg, g.buf)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	defer poke(s.replay)
	s.writing, s.unfit = false, err
	s.reserved -= reserved
	if err != nil {
		s.config.Logger.Error("cannot write spool", "error", err)
		s.abandon(seg, begin)
		return err
	}
	if begin {
		s.finishActive()
		s.active = seg
		s.segments = append(s.segments, seg)
	}
	n := uint64(len(g.ends))
	seg.size += int64(len(g.buf))
	s.bytes += int64(len(g.buf))
	s.next += n
	seg.end = s.next
	seg.left += n
	s.pending += n
	s.counts.commits++
	s.counts.spooled += uint64(g.events)
	return nil
}

// seal completes the records at the beginning of buf, which is the group's own
// or a copy.
func (g *group) seal(buf []byte, segment, number uint64) {
	at := 0
	for _, end := range g.ends {
		sealRecord(buf[at:end], segment, number)
		at = end
		number++
	}
}

// begin creates the file of a segment with the group in it, and makes its name
// durable. It returns what was written.
func (s *Spool) begin(seg *segment, g *group) ([]byte, error) {
	g.seal(g.buf, seg.number, seg.first)
	buf := append(appendHeader(make([]byte, 0, headerSize+len(g.buf)), seg.number, seg.first), g.buf...)
	var err error
	if seg.f, err = os.OpenFile(seg.path(s.config.Dir), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640); err != nil {
		return nil, err
	}
	if err := s.write(seg, buf); err != nil {
		return nil, err
	}
	return buf, s.syncDir()
}

// write appends to a segment and syncs it.
func (s *Spool) write(seg *segment, buf []byte) error {
	if _, err := seg.f.WriteAt(buf, seg.size); err != nil {
		return err
	}
	if s.config.NoSync {
		return nil
	}
	return seg.f.Sync()
}

func (s *Spool) syncDir() error {
	if s.config.NoSync {
		return nil
	}
	return syncDir(s.config.Dir)
}

// abandon ends a segment after a write or a sync of it failed: the kernel may
// have dropped pages that it could not write, so no later sync of this file
// would prove anything. What was acknowledged before is on disk. What was not
// is cut off if that still works; left behind, it would be replayed, which
// does no harm. The lock is held.
func (s *Spool) abandon(seg *segment, begun bool) {
	if seg.f == nil {
		return
	}
	if begun {
		err := errors.Join(seg.f.Close(), os.Remove(seg.path(s.config.Dir)))
		if err != nil {
			s.config.Logger.Error("cannot remove what could not be written", "error", err)
		}
		return
	}
	if err := seg.f.Truncate(seg.size); err != nil {
		s.config.Logger.Error("cannot cut off what could not be written", "error", err)
	}
	s.finishActive()
}

// finishActive lets the active segment take no more. The lock is held.
func (s *Spool) finishActive() {
	if s.active == nil {
		return
	}
	s.active.f.Close() // everything that counts is synced
	s.active.f, s.active = nil, nil
}

// probeDisk writes and syncs a little, and removes it.
func (s *Spool) probeDisk() error {
	path := filepath.Join(s.config.Dir, "probe")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4*kib))
	if err == nil && !s.config.NoSync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(path))
}
