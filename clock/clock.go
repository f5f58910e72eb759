package clock

import (
	"fmt"
	"sync"
	"time"
)

// Clock tells market time, in UTC.
type Clock interface {
	Now() time.Time
}

// Market is a clock that runs at a multiple of real time from an anchor.
// The zero value is not usable; see [Real] and [NewMarket]. Processes that
// are given the same three numbers agree on market time, across restarts too.
type Market struct {
	anchor time.Time // real time at which market time was origin
	origin time.Time // market time at the anchor
	speed  float64   // market seconds per real second
}

// Real returns the market clock that is the real time.
func Real() *Market {
	now := time.Now()
	return &Market{anchor: now, origin: now.UTC(), speed: 1}
}

// NewMarket returns a clock that reads origin when the real time is anchor
// and runs speed times as fast. speed must be above 0 and at most 100,000.
func NewMarket(anchor, origin time.Time, speed float64) (*Market, error) {
	if !(speed > 0 && speed <= 100_000) {
		return nil, fmt.Errorf("cannot run the market clock at %v times real time: allowed is above 0, at most 100000", speed)
	}
	return &Market{anchor: anchor, origin: origin.UTC(), speed: speed}, nil
}

// Now returns the market time.
func (m *Market) Now() time.Time { return m.At(time.Now()) }

// At returns the market time at a real time.
func (m *Market) At(real time.Time) time.Time {
	return m.origin.Add(time.Duration(float64(real.Sub(m.anchor)) * m.speed))
}

// Real returns how much real time a stretch of market time takes.
func (m *Market) Real(market time.Duration) time.Duration {
	return time.Duration(float64(market) / m.speed)
}

// Speed returns the market seconds per real second.
func (m *Market) Speed() float64 { return m.speed }

// Manual is a clock that stands still until told otherwise, for tests and
// replays. It is safe for concurrent use.
type Manual struct {
	mu  sync.RWMutex
	now time.Time
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual { return &Manual{now: now.UTC()} }

// Now returns the time the clock stands at.
func (m *Manual) Now() time.Time {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.now
}

// Advance moves the clock forward by d, or back if d is negative.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	m.now = m.now.Add(d)
	m.mu.Unlock()
}

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	m.now = t.UTC()
	m.mu.Unlock()
}
