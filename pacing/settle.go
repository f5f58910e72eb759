package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Won notes a win notice. A notice that told the price lowers the hold to it;
// price < 0 means that it did not, and the hold keeps the bid price.
func (h *Holds) Won(id event.BidID, price money.Nanos, now time.Time) {
	s := h.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.holds[id]
	if !ok || o.won != 0 {
		return
	}
	if o.stretch > 0 {
		o.delays.open[o.stretch].won.Add(1)
	}
	known := price >= 0 && price < o.price
	worth := o.price
	if known {
		worth = price
	}
	o.mature(worth)
	o.dropVariance()
	o.won, o.stretch = now.UnixNano(), 0
	o.delays.won[0].entered.Add(1)
	o.price = worth
	o.revalue(1)
	o.next = min(o.won+o.delays.bounds[0], o.end)
	s.holds[id] = o
	s.due.push(due{o.next, id})
}

// Lost releases a bid that a loss notice ended.
func (h *Holds) Lost(id event.BidID, _ time.Time) {
	if o, ok := h.remove(id); ok {
		if o.stretch > 0 || o.won != 0 {
			o.delays.of(&o).lost.Add(1)
		}
		o.mature(0)
		o.release()
	}
}

// Cancel releases a bid that was held but never left. Nothing is learned.
func (h *Holds) Cancel(id event.BidID) {
	if o, ok := h.remove(id); ok {
		for _, a := range o.accounts[:o.nodes] {
			if o.young {
				a.opened.Add(-int64(o.price))
			}
		}
		o.release()
	}
}

// Settle turns a hold into spent money. It is called once per booking, from
// the ledger's feed and from nothing else: what was taken from the slice
// lowers it whether or not the bid is still held.
func (h *Holds) Settle(b Booked) {
	all := *h.accounts.Load()
	for i, n := range b.Nodes {
		if a := all[n]; a != nil && i < len(b.FromSlice) {
			a.spent.Add(int64(b.FromSlice[i]))
			a.available.Add(-int64(b.FromSlice[i]))
		}
	}
	if o, ok := h.remove(b.Bid); ok {
		if o.stretch > 0 || o.won != 0 {
			o.delays.of(&o).billed.Add(1)
		}
		o.mature(b.Amount)
		o.release()
	}
}

// remove takes a hold out: whoever gets it releases it.
func (h *Holds) remove(id event.BidID) (hold, bool) {
	s := h.shard(id)
	s.mu.Lock()
	o, ok := s.holds[id]
	delete(s.holds, id)
	s.mu.Unlock()
	return o, ok
}

// mature tells what became of a bid in its first stretch.
func (o *hold) mature(worth money.Nanos) {
	if !o.young {
		return
	}
	o.young = false
	for _, a := range o.accounts[:o.nodes] {
		a.matured.Add(int64(o.price))
		a.worth.Add(int64(worth))
	}
}

// release gives back everything that is held.
func (o *hold) release() {
	o.dropVariance()
	for i, a := range o.accounts[:o.nodes] {
		a.available.Add(int64(o.held[i]))
		o.held[i] = 0
	}
}

func (o *hold) dropVariance() {
	for i, a := range o.accounts[:o.nodes] {
		if o.held[i] < o.price {
			a.addVariance(-o.variance)
		}
	}
	o.variance = 0
}

// revalue holds the price times later at every account, and all of the price
// where the budget is strict. The hold's variance must have been dropped.
func (o *hold) revalue(later float64) {
	p := float64(o.price)
	expected := min(o.price, money.FromFloat(math.Ceil(p*later)))
	o.variance = p * p * later * (1 - later)
	for i, a := range o.accounts[:o.nodes] {
		hold := expected
		if a.strict.Load() {
			hold = o.price
		}
		if hold < o.price {
			a.addVariance(o.variance)
		}
		a.available.Add(int64(o.held[i] - hold))
		o.held[i] = hold
	}
}

// later returns how likely the bill is taken to be: certain in the first
// stretch, before the win deadline or shortly after the win.
func (o *hold) later() float64 {
	if o.stretch == 0 {
		return 1
	}
	return o.delays.later(o)
}
