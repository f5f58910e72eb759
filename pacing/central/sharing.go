package central

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Counts is the subject of what bidders observed.
const Counts = "pacing.counts"

// Counter is what bidders observe alike and add up: win prices. See
// landscape.Learner.
type Counter interface {
	// AppendCounts appends what was observed since the last call; nothing if
	// nothing was.
	AppendCounts(dst []byte) []byte
	// AddCounts adds what another one observed. After an error nothing has
	// changed.
	AddCounts(message []byte) error
}

// SharingConfig is what a Sharing works with.
type SharingConfig struct {
	Counter    Counter
	Bus        Bus
	ID         uint64        // of this start of the bidder; default a random one
	Every      time.Duration // market time between two messages; default 5 s
	Registerer prometheus.Registerer
}

// Sharing tells other bidders what this one observed, and this one what they
// did. Observations are many and alike: those of a message that is lost are
// gone, those of one that comes twice count once.
type Sharing struct {
	cfg     SharingConfig
	stop    func()
	refused prometheus.Counter
	seq     uint64
	last    time.Time
	buffer  []byte

	mu    sync.Mutex
	heard map[uint64]uint64 // the latest message of each bidder
}

const sharingHeader = 2 + 8 + 8

// NewSharing returns a Sharing that listens from now on. Close it.
func NewSharing(c SharingConfig) (*Sharing, error) {
	if c.Counter == nil || c.Bus == nil || c.Every < 0 {
		return nil, errors.New("cannot share counts: a counter, a bus and a time that is not negative are needed")
	}
	for c.ID == 0 {
		c.ID = rand.Uint64()
	}
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	s := &Sharing{cfg: c, heard: map[uint64]uint64{}}
	s.refused = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "pacing", Name: "counts_refused_total",
		Help: "Messages of what other bidders observed that are none."})
	if err := register(c.Registerer, []prometheus.Collector{s.refused}); err != nil {
		return nil, fmt.Errorf("cannot share counts: %w", err)
	}
	var err error
	if s.stop, err = c.Bus.Subscribe(Counts, s.hear); err != nil {
		unregister(c.Registerer, []prometheus.Collector{s.refused})
		return nil, fmt.Errorf("cannot share counts: %w", err)
	}
	return s, nil
}

// Close stops listening.
func (s *Sharing) Close() { s.stop() }

// Step is called every tick, by one goroutine. It tells the others when it is
// time to. An error says that what was observed is lost to them.
func (s *Sharing) Step(now time.Time) error {
	if !s.last.IsZero() && now.Sub(s.last) < s.cfg.Every {
		return nil
	}
	s.last = now
	b := append(s.buffer[:0], version, 'c')
	b = binary.BigEndian.AppendUint64(b, s.cfg.ID)
	b = binary.BigEndian.AppendUint64(b, s.seq+1)
	s.buffer = s.cfg.Counter.AppendCounts(b)
	if len(s.buffer) == sharingHeader {
		return nil
	}
	s.seq++
	s.buffer = binary.BigEndian.AppendUint32(s.buffer, crc32.Checksum(s.buffer, castagnoli()))
	if err := s.cfg.Bus.Publish(Counts, s.buffer); err != nil {
		return fmt.Errorf("cannot share counts: %w", err)
	}
	return nil
}

func (s *Sharing) hear(b []byte) {
	if err := s.add(b); err != nil {
		s.refused.Inc()
	}
}

func (s *Sharing) add(b []byte) error {
	n := len(b) - 4
	if n < sharingHeader || n > maxMessage || b[0] != version || b[1] != 'c' || crc32.Checksum(b[:n], castagnoli()) != binary.BigEndian.Uint32(b[n:]) {
		return errMessage
	}
	from, seq := binary.BigEndian.Uint64(b[2:]), binary.BigEndian.Uint64(b[10:])
	if from == s.cfg.ID {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq <= s.heard[from] {
		return nil // again, or after a later one: then it is lost
	}
	if len(s.heard) == maxBidders {
		clear(s.heard) // of years of restarts
	}
	if err := s.cfg.Counter.AddCounts(b[sharingHeader:n]); err != nil {
		return err
	}
	s.heard[from] = seq
	return nil
}
