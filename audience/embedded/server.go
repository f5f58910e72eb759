package embedded

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/tangent-dsp/tangent/clock"
)

// Config configures a [Server]. Zero values mean the defaults named.
type Config struct {
	Clock clock.Clock   // market time, by which keys expire
	Addr  string        // "127.0.0.1:0": loopback, any free port
	Every time.Duration // real time between two looks at the clock: 1 s
}

// Server is a Redis in this process.
type Server struct {
	redis   *miniredis.Miniredis
	clock   clock.Clock
	last    time.Time // market time up to which keys have aged
	closing chan struct{}
	ended   sync.WaitGroup
	once    sync.Once
}

// Start starts a server.
func Start(cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		return nil, errors.New("cannot start the embedded audience: no clock")
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	if cfg.Every <= 0 {
		cfg.Every = time.Second
	}
	s := &Server{
		redis:   miniredis.NewMiniRedis(),
		clock:   cfg.Clock,
		last:    cfg.Clock.Now(),
		closing: make(chan struct{}),
	}
	if err := s.redis.StartAddr(cfg.Addr); err != nil {
		return nil, fmt.Errorf("cannot start the embedded audience: %w", err)
	}
	s.ended.Go(func() { s.tick(cfg.Every) })
	return s, nil
}

// Addr returns host:port.
func (s *Server) Addr() string { return s.redis.Addr() }

// Close stops the server and forgets everything.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		s.ended.Wait()
		s.redis.Close()
	})
}

func (s *Server) tick(every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-t.C:
			s.age()
		}
	}
}

// age lets the keys age by the market time that has passed.
func (s *Server) age() {
	now := s.clock.Now()
	if d := now.Sub(s.last); d > 0 { // a clock that was set back ages nothing
		s.redis.FastForward(d)
	}
	s.last = now
}
