package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Room says whether Hold would find room for price at every node now. It
// reserves nothing, so a bid that is faster may take the room. Where there is
// none the price counts as demand, as it does in Hold.
func (h *Holds) Room(nodes []event.NodePeriod, price money.Nanos, now time.Time) bool {
	if now.UnixNano() >= h.lease.Load() {
		return false
	}
	all := *h.accounts.Load()
	for i, n := range nodes {
		if a := all[n]; a == nil || a.available.Load() < int64(price) {
			h.refuse(nodes[i:], price)
			return false
		}
	}
	return true
}
