package bidder

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Switch stops and starts bidding. The zero value bids. Requests that come
// while it is off are answered with a no-bid that says why.
type Switch struct{ off atomic.Uint32 }

// Stop turns bidding off until Start. It says whether bidding was on.
func (s *Switch) Stop() bool { return s.turn(openrtb.None, openrtb.Stopped) }

// Start turns bidding on again after Stop. It says whether bidding was off.
func (s *Switch) Start() bool { return s.turn(openrtb.Stopped, openrtb.None) }

// Drain turns bidding off for good: this bidder is shutting down.
func (s *Switch) Drain() { s.off.Store(uint32(openrtb.Draining)) }

func (s *Switch) turn(from, to openrtb.Reason) bool {
	return s.off.CompareAndSwap(uint32(from), uint32(to))
}

// Why returns why bidding is off, or None while it is on.
func (s *Switch) Why() openrtb.Reason { return openrtb.Reason(s.off.Load()) }
