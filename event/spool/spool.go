package spool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/dirlock"
)

var _ event.Log = (*Spool)(nil)

// Spool is an [event.Log] before another, see the package.
type Spool struct {
	config   Config
	lock     *dirlock.Lock
	encoders sync.Pool // of *encoder

	stop    context.CancelFunc // ends the replay
	stopped context.Context
	workers sync.WaitGroup
	wake    chan struct{} // holds one when there is something to commit, or closed is new
	replay  chan struct{} // holds one when there may be something to replay

	mu       sync.Mutex
	closed   bool
	open     *group     // takes records until its turn comes; nil if empty
	segments []*segment // oldest first
	active   *segment   // the last, if it takes appends
	writing  bool       // the committer has active in hand
	number   uint64     // of the last segment
	next     uint64     // number of the next record
	bytes    int64      // in segments
	reserved int64      // in groups that are not written yet
	pending  uint64     // records that the primary does not have
	away     time.Time  // since when the primary is; zero if it is not
	retry    time.Time  // when appends try the primary again if the replay has nothing to try
	blocked  bool       // the replay cannot read what it should try
	unfit    error      // why the last write failed; nil if it did not
	drained  chan struct{}
	counts   counts
}

// New opens the spool in Config.Dir, creating it if there is none, and begins
// to replay what it holds. Close it before the primary.
func New(config Config) (*Spool, error) {
	s, err := newSpool(config)
	if err != nil {
		return nil, err
	}
	s.start()
	return s, nil
}

// newSpool reads what the directory holds. It writes and replays nothing yet.
func newSpool(config Config) (*Spool, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("cannot open spool: %w", err)
	}
	s := &Spool{config: c, wake: make(chan struct{}, 1), replay: make(chan struct{}, 1), next: 1}
	s.encoders.New = func() any { return new(encoder) }
	if err := s.recover(); err != nil {
		if s.lock != nil {
			s.lock.Release()
		}
		return nil, fmt.Errorf("cannot open spool in %s: %w", c.Dir, err)
	}
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s, nil
}

func (s *Spool) start() {
	s.workers.Go(s.commitAll)
	s.workers.Go(s.replayAll)
}

// Append returns nil when the primary or a file has the events. If neither
// could take them its error wraps both reasons; [event.ErrFull] is among them
// if the spool is full. If the context ends, its error is returned.
func (s *Spool) Append(ctx context.Context, events ...event.Event) error {
	if len(events) == 0 {
		return nil
	}
	primary, err := errAway, error(nil)
	if !s.isAway() {
		primary = s.tryPrimary(ctx, events)
		if primary == nil {
			return nil
		}
		if err = ctx.Err(); err != nil {
			return fmt.Errorf("cannot append events: %w", err)
		}
	}
	err = s.keep(ctx, events)
	if primary != errAway && !errors.Is(err, errUnusable) {
		s.setAway(primary)
	}
	if err != nil {
		s.mu.Lock()
		s.counts.failed += uint64(len(events))
		s.mu.Unlock()
		return fmt.Errorf("cannot append events: %w; and cannot spool them: %w", primary, err)
	}
	return nil
}

// errAway stands for the error that sent the primary away.
var errAway = errors.New("the log is away")

func (s *Spool) tryPrimary(ctx context.Context, events []event.Event) error {
	timeout := s.config.PrimaryTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.config.Primary.Append(ctx, events...)
}

// isAway says whether appends go to the files at once. While there is
// something to replay, the replay finds out when the primary is back;
// otherwise appends do, now and then.
func (s *Spool) isAway() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed { // which the spool will say
		return true
	}
	if s.away.IsZero() {
		return false
	}
	return s.pending > 0 && !s.blocked || time.Now().Before(s.retry)
}

func (s *Spool) setAway(err error) {
	s.mu.Lock()
	first := s.away.IsZero()
	if first {
		s.away = time.Now()
	}
	s.retry = time.Now().Add(s.config.RetryMax)
	s.mu.Unlock()
	if first {
		s.config.Logger.Error("the event log is away: events are kept on this machine", "error", err)
	}
}

func (s *Spool) setBack() {
	s.mu.Lock()
	since := s.away
	s.away = time.Time{}
	s.mu.Unlock()
	if !since.IsZero() {
		s.config.Logger.Info("the event log is back", "after", time.Since(since).Round(time.Millisecond))
	}
}

// Close refuses new events, waits until those that were accepted are durable
// or have failed, and ends the replay: what is left is replayed when the spool
// is next opened.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return event.ErrClosed
	}
	s.closed = true
	s.mu.Unlock()
	poke(s.wake)
	s.stop()
	s.workers.Wait()
	defer s.lock.Release()
	if s.active != nil {
		if err := s.active.f.Close(); err != nil {
			return fmt.Errorf("cannot close spool: %w", err)
		}
	}
	return nil
}

// Drained returns when the primary has everything.
func (s *Spool) Drained(ctx context.Context) error {
	for {
		s.mu.Lock()
		empty := s.pending == 0 && s.open == nil && !s.writing
		if s.drained == nil {
			s.drained = make(chan struct{})
		}
		changed := s.drained
		s.mu.Unlock()
		if empty {
			return nil
		}
		select {
		case <-changed:
		case <-s.stopped.Done():
			return fmt.Errorf("cannot drain spool: %w", event.ErrClosed)
		case <-ctx.Done():
			return fmt.Errorf("cannot drain spool: %w", ctx.Err())
		}
	}
}

// progressed wakes Drained. The lock is held.
func (s *Spool) progressed() {
	if s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
