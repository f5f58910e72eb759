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
			l.config.logger.Warn("cannot trim event log", "error", err)
		}
	}
}

// trimOnce removes the oldest messages that every consumer of Config.Consumers
// has handled, if the log is three quarters full.
func (l *Log) trimOnce(ctx context.Context) error {
	stream, err := l.openStream()
	if err != nil {
		return err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	s := info.State
	size, most := int64(s.Bytes), info.Config.MaxBytes
	if size < most/4*3 || most <= 0 {
		return nil
	}
	handled, err := l.handled(ctx, stream)
	if err != nil {
		return err
	}
	// Messages are of all sizes; at worst the next trim does the rest.
	excess := float64(size-most/2) / float64(size)
	upTo := min(s.FirstSeq+uint64(excess*float64(s.LastSeq-s.FirstSeq)), handled)
	if upTo < s.FirstSeq {
		return nil
	}
	return stream.Purge(ctx, jetstream.WithPurgeSequence(upTo+1))
}

// handled returns the sequence up to which every consumer of Config.Consumers
// has handled the log; 0 if there is none.
func (l *Log) handled(ctx context.Context, stream jetstream.Stream) (uint64, error) {
	if len(l.config.consumers) == 0 {
		return 0, nil
	}
	lowest := ^uint64(0)
	for _, name := range l.config.consumers {
		c, err := stream.Consumer(ctx, name)
		if err != nil {
			return 0, fmt.Errorf("cannot ask consumer %q: %w", name, err)
		}
		lowest = min(lowest, c.CachedInfo().AckFloor.Stream) // fetched just now
	}
	return lowest, nil
}
