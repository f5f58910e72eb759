package natslog

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// The log is trimmed to half of what it may hold once it holds three quarters.
// The quarter in between keeps trims rare and leaves recent events to those
// who want to read them again.
func (l *Log) wakeTrimmer() {
	select {
	case l.trim <- struct{}{}:
	default:
	}
}

func (l *Log) trimmer() {
	l.wakeTrimmer() // what an earlier opening left
	for {
		select {
		case <-l.trim:
		case <-l.stopped.Done():
			return
		}
		if err := l.trimOnce(l.stopped); err != nil && l.stopped.Err() == nil {
			l.config.Logger.Warn("cannot trim event log", "error", err)
		}
	}
}

// trimOnce removes the oldest messages that every consumer of Config.Consumers
// has handled, if the log is three quarters full.
func (l *Log) trimOnce(ctx context.Context) error {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return err
	}
	s := info.State
	size, most := int64(s.Bytes), l.config.MaxBytes
	if size < most/4*3 {
		return nil
	}
	handled, err := l.handled(ctx)
	if err != nil {
		return err
	}
	// Messages are of all sizes; at worst the next trim does the rest.
	excess := float64(size-most/2) / float64(size)
	upTo := min(s.FirstSeq+uint64(excess*float64(s.LastSeq-s.FirstSeq)), handled)
	if upTo < s.FirstSeq {
		return nil
	}
	return l.stream.Purge(ctx, jetstream.WithPurgeSequence(upTo+1))
}

// handled returns the sequence up to which every consumer of Config.Consumers
// has handled the log; 0 if there is none.
func (l *Log) handled(ctx context.Context) (uint64, error) {
	if len(l.config.Consumers) == 0 {
		return 0, nil
	}
	lowest := ^uint64(0)
	for _, name := range l.config.Consumers {
		c, err := l.stream.Consumer(ctx, name)
		if err != nil {
			return 0, fmt.Errorf("cannot ask consumer %q: %w", name, err)
		}
		lowest = min(lowest, c.CachedInfo().AckFloor.Stream) // fetched just now
	}
	return lowest, nil
}
