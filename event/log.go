package event

import (
	"context"
	"errors"
)

// Errors of a [Log]. All of them mean that the events may be lost.
var (
	ErrBusy   = errors.New("event log is busy")   // too much is waiting for the disk; try again later
	ErrFull   = errors.New("event log is full")   // a consumer is behind by all that the log may hold
	ErrClosed = errors.New("event log is closed") // closed, or closing
)

// Log keeps events.
type Log interface {
	// Append returns nil when the events are durable (synced to disk, or on a
	// quorum). On an error, a context's included, they may or may not be
	// kept, and nobody may be told that we know them. The events are copied
	// before it returns. It is safe for concurrent use.
	Append(ctx context.Context, events ...Event) error
}

// Source delivers what a [Log] keeps.
type Source interface {
	// Consume hands batches to handle in the order of the log, one at a time,
	// until ctx ends (it then returns nil) or the log cannot be read. It
	// remembers under name, across restarts, the last batch for which handle
	// returned nil. A batch is delivered at least once: again after an error
	// (with backoff), or when the process died before it was remembered. Only
	// one Consume may run under a name. handle must not keep the batch.
	Consume(ctx context.Context, name string, handle func(ctx context.Context, b Batch) error) error

	// Pending returns how many log messages (a batch is one or more) have not
	// been handled under name.
	Pending(ctx context.Context, name string) (uint64, error)
}
