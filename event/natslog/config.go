package natslog

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Config of a [Log] in this process, see [New].
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

	// MinGap is the least time between the starts of two writes, unless 64 KiB
	// wait; default 5 ms. It spares processor time at moderate rates, where
	// each event would be a message of its own, and costs an Append at most
	// its length. Negative means none.
	MinGap time.Duration

	// Gather is the least time between the starts of two batches that a
	// consumer handles, unless a thousand messages wait; default 100 ms. What
	// comes after a pause is handled at once. A booking of a hundred events
	// costs little more than one of five. Negative means none.
	Gather time.Duration

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

	// fullBatch is how many bytes of events are written at once, however
	// shortly after the last: some four hundred of them, which cost little more
	// in two writes than in one.
	fullBatch = 64 * kib

	minBytes = 16 * mib
)

// settings are what a log in this process and a remote one have in common.
type settings struct {
	stream        string // its name
	subject       string // of its messages
	hints         string // subject of hints, to which an incarnation is added
	bus           string // before the subjects of messages that are not kept
	consumers     []string
	maxBytes      int64
	maxQueued     int
	minGap        time.Duration
	gather        time.Duration
	ackTimeout    time.Duration // for one attempt to publish
	appendTimeout time.Duration // for all attempts, the wait in the queue included
	openTimeout   time.Duration
	idleHeartbeat time.Duration // of a consumer that waits; 0 asks for none
	giveUp        int           // how often in a row reading may fail; 0 is for ever
	logger        *slog.Logger
}

func (c Config) settings() (settings, error) {
	s := settings{
		stream: "events", subject: "events", hints: "tangent.hints.", bus: "tangent.bus.",
		consumers: c.Consumers, maxBytes: c.MaxBytes, maxQueued: c.MaxQueued, minGap: c.MinGap, gather: c.Gather,
		ackTimeout: c.AckTimeout, openTimeout: c.OpenTimeout, giveUp: maxFailures, logger: c.Logger,
	}
	if c.Dir == "" {
		return s, errors.New("no directory given")
	}
	if s.ackTimeout <= 0 {
		s.ackTimeout = 10 * time.Second
	}
	s.appendTimeout = 3 * s.ackTimeout
	if s.openTimeout <= 0 {
		s.openTimeout = 2 * time.Minute
	}
	return s.withDefaults()
}

func (s settings) withDefaults() (settings, error) {
	for _, name := range s.consumers {
		if err := checkName(name); err != nil {
			return s, fmt.Errorf("consumer %w", err)
		}
	}
	s.consumers = slices.Clone(s.consumers)
	if s.maxBytes == 0 {
		s.maxBytes = 8 << 30
	}
	if s.maxBytes < minBytes {
		return s, fmt.Errorf("the most to keep is %d bytes: allowed is at least %d", s.maxBytes, int64(minBytes))
	}
	if s.maxQueued == 0 {
		s.maxQueued = 16 * mib
	}
	if s.maxQueued < maxBatch {
		return s, fmt.Errorf("the most to queue is %d bytes: allowed is at least %d", s.maxQueued, maxBatch)
	}
	if s.minGap == 0 {
		s.minGap = 5 * time.Millisecond
	}
	if s.gather == 0 {
		s.gather = 100 * time.Millisecond
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// checkName refuses what JetStream cannot use as the name of a consumer or a
// stream.
func checkName(name string) error {
	if name == "" || len(name) > 64 || strings.ContainsAny(name, ">*. /\\\t\r\n") {
		return fmt.Errorf("name %.80q: want 1 to 64 characters, none of them space, '.', '*', '>' or a slash", name)
	}
	return nil
}
