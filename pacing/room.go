package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// leastRoom is the part of a bid that there must be room for, at least, to bid
// that much instead: less would hardly win.
const leastRoom = 8

// Room returns how much of price Hold would find room for at every node now,
// or nothing if that is too little to be a bid in its place. In a second-price
// auction a lower bid wins all the same, as long as it is above the others. It
// reserves and counts nothing, and a bid that is faster may take the room.
func (h *Holds) Room(nodes []event.NodePeriod, price money.Nanos, now time.Time) money.Nanos {
	if now.UnixNano() >= h.lease.Load() {
		return 0
	}
	room := price
	for _, n := range nodes {
		a := h.accounts.of(n)
		if a == nil {
			return 0
		}
		room = min(room, money.Nanos(a.available.Load()))
	}
	if room < (price+leastRoom-1)/leastRoom {
		return 0
	}
	return room
}

// Refuse counts the demand of a bid that Room found too little for, as Hold
// does for one that it refuses.
func (h *Holds) Refuse(nodes []event.NodePeriod, price money.Nanos) {
	for i, n := range nodes {
		if a := h.accounts.of(n); a == nil || a.available.Load() < int64(price) {
			h.refuse(nodes[i:], price)
			return
		}
	}
}
