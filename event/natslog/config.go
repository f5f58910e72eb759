package natslog

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Config of a [Log].
type Config struct {
	// Dir is the directory of the log's files; it is created. One process may
	// have it open at a time.
	Dir string

	// Consumers are the names whose consumers must see every event, as the
	// booking of money must: nothing is removed before all of them have
	// handled it, even if they have never run. Consumers under other names
	// miss the oldest events if they fall behind by half the log. Without any
	// name nothing is ever removed. A name that no longer runs must not be
	// listed, or the log fills.
	Consumers []string

	// MaxBytes is the most that the log keeps on disk; default 8 GiB, at
	// least 16 MiB.
	MaxBytes int64

	// MaxQueued is the most encoded bytes that may wait to be written, beyond
	// which Append returns [event.ErrBusy]; default 16 MiB.
	MaxQueued int

	// MinGap is the least time between the starts of two writes; default
	// 500 us. It halves the processor time at moderate rates and costs an
	// Append at most its length. Negative means none.
	MinGap time.Duration

	// AckTimeout is how long a write may take; default 10 s.
	AckTimeout time.Duration

	// OpenTimeout is how long reading the files at start may take; default 2
	// minutes. Ten million messages take about 7 s after a crash.
	OpenTimeout time.Duration

	// NoSync turns syncing off. For tests that show what syncing is for: a
	// power failure loses minutes.
	NoSync bool

	// Logger hears warnings of the embedded server and of failing consumers;
	// default discards them.
	Logger *slog.Logger
}

const (
	kib = 1 << 10
	mib = 1 << 20

	// maxBatch is the most bytes of a message. The server refuses 1 MiB,
	// headers included.
	maxBatch = mib - 4*kib

	minBytes = 16 * mib
)

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("no directory given")
	}
	for _, name := range c.Consumers {
		if err := checkName(name); err != nil {
			return c, err
		}
	}
	c.Consumers = slices.Clone(c.Consumers)
	if c.MaxBytes == 0 {
		c.MaxBytes = 8 << 30
	}
	if c.MaxBytes < minBytes {
		return c, fmt.Errorf("the most to keep is %d bytes: allowed is at least %d", c.MaxBytes, int64(minBytes))
	}
	if c.MaxQueued == 0 {
		c.MaxQueued = 16 * mib
	}
	if c.MaxQueued < maxBatch {
		return c, fmt.Errorf("the most to queue is %d bytes: allowed is at least %d", c.MaxQueued, maxBatch)
	}
	if c.MinGap == 0 {
		c.MinGap = 500 * time.Microsecond
	}
	if c.AckTimeout <= 0 {
		c.AckTimeout = 10 * time.Second
	}
	if c.OpenTimeout <= 0 {
		c.OpenTimeout = 2 * time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// checkName refuses what JetStream cannot use as the name of a consumer.
func checkName(name string) error {
	if name == "" || len(name) > 64 || strings.ContainsAny(name, ">*. /\\\t\r\n") {
		return fmt.Errorf("consumer name %.80q: want 1 to 64 characters, none of them space, '.', '*', '>' or a slash", name)
	}
	return nil
}
