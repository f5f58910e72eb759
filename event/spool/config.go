package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Config of a [Spool].
type Config struct {
	// Dir is the directory of the spool's files; it is created. One process
	// may have it open at a time.
	Dir string

	// Primary is the log that is meant to have the events. It is not closed.
	Primary event.Log

	// MaxBytes is the most that the files may take, beyond which the spool is
	// full; default 1 GiB, some three million events; at least 64 KiB.
	MaxBytes int64

	// SegmentBytes is the size at which a file is ended and the next begun;
	// default 8 MiB. It bounds how much is replayed twice after a crash.
	SegmentBytes int64

	// PrimaryTimeout is how long the primary may take over an append before
	// the spool takes it; default 1 s. If the caller's context ends sooner, it
	// is half of what remains.
	PrimaryTimeout time.Duration

	// RetryMax is the longest wait between two attempts to replay while the
	// primary is away; default 1 s.
	RetryMax time.Duration

	// NoSync turns syncing off. For tests that show what syncing is for.
	NoSync bool

	// Logger hears when the primary goes away and comes back, and of damage;
	// default discards it.
	Logger *slog.Logger
}

const (
	kib = 1 << 10
	mib = 1 << 20

	// maxRecord is the most bytes of the events of one append: as much as one
	// message of the primary takes, so that whatever is spooled can be
	// replayed.
	maxRecord = mib - 8*kib

	// maxWaiting is the most bytes that may wait for the disk.
	maxWaiting = 16 * mib

	minBytes = 64 * kib
)

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Dir == "":
		return c, errors.New("no directory given")
	case c.Primary == nil:
		return c, errors.New("no primary log given")
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 1 << 30
	}
	if c.MaxBytes < minBytes {
		return c, fmt.Errorf("the most to keep is %d bytes: allowed is at least %d", c.MaxBytes, minBytes)
	}
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = 8 * mib
	}
	if c.PrimaryTimeout <= 0 {
		c.PrimaryTimeout = time.Second
	}
	if c.RetryMax <= 0 {
		c.RetryMax = time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
