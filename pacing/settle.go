package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Won notes a win notice. A notice that told the price lowers the hold towards
// it, as far as this exchange's bills have kept to its notices; price < 0 means
// that it did not, and the hold keeps the bid price.
func (h *Holds) Won(id event.BidID, price money.Nanos, now time.Time) {
	s := h.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.holds[id]
	if !ok || o.won {
		return
	}
	if o.stretch > 0 {
		o.delays.open[o.stretch].won.Add(1)
	}
	was := o.helds()
	most, rendered := o.price, math.Float64frombits(o.delays.rendered.Load())
	if price >= 0 && price < most {
		most = o.delays.after(price, most)
		o.noticed = float32(float64(max(price, 1)) / float64(o.bid))
	}
	o.mature(money.FromFloat(float64(most) * rendered))
	o.expectNothing()
	o.correct(true, h.outcome)
	o.won, o.since, o.stretch = true, now.UnixNano(), 0
	o.delays.won[0].entered.Add(1)
	o.price = most
	o.expectFrom(was, rendered)
	if !o.waits() { // else it is looked at first at the win deadline, where it is
		o.next = min(o.since+o.delays.bounds[0], o.end)
		s.due.push(due{o.next, id})
	}
	s.holds[id] = o
}

// Lost releases a bid that a loss notice ended.
func (h *Holds) Lost(id event.BidID, _ time.Time) {
	if o, ok := h.remove(id, endLost, 0); ok {
		if o.stretch > 0 || o.won {
			o.delays.of(&o).lost.Add(1)
		}
		o.mature(0)
		o.release()
		o.close()
		for _, a := range o.accounts[:o.nodes] {
			a.lost.Add(int64(o.bid))
		}
	}
}

// Cancel releases a bid that was held but never left. Nothing is learned.
func (h *Holds) Cancel(id event.BidID) {
	if o, ok := h.remove(id, endUnknown, 0); ok {
		for _, a := range o.accounts[:o.nodes] {
			if o.young {
				a.opened.Add(-int64(o.price))
			}
		}
		o.release()
		o.close()
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
	o, ok := h.remove(b.Bid, endBilled, b.Amount)
	if !ok {
		h.late(b)
		return
	}
	if o.stretch > 0 || o.won {
		o.delays.of(&o).billed.Add(1)
	}
	if o.noticed > 0 {
		o.delays.keep(float64(b.Amount) <= float64(o.noticed)*float64(o.bid)*(1+1e-6)+1)
	}
	o.mature(b.Amount)
	o.release()
	o.close()
}

// late takes a bill that came after its release off what may still come.
func (h *Holds) late(b Booked) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := *h.accounts.Load()
	for _, n := range b.Nodes {
		h.gone.billed(n, all[n], b.Amount)
	}
}

// remove takes a hold out: whoever gets it releases it. Its auction ended so,
// with that amount billed.
func (h *Holds) remove(id event.BidID, how end, amount money.Nanos) (hold, bool) {
	s := h.shard(id)
	s.mu.Lock()
	o, ok := s.holds[id]
	delete(s.holds, id)
	if ok && how != endUnknown && o.context != 0 {
		if how == endBilled && o.paid == 0 && 0 < amount && amount < o.bid {
			o.paid = float32(float64(o.offered) * float64(amount) / float64(o.bid))
		}
		s.end(id, o.auctioned, how == endBilled || o.won, h.outcome)
	}
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
	held := o.helds()
	o.expectNothing()
	for i, a := range o.accounts[:o.nodes] {
		a.available.Add(int64(held[i]))
	}
}

// close takes the bid out of those that are held.
func (o *hold) close() {
	for _, a := range o.accounts[:o.nodes] {
		a.open.Add(-int64(o.bid))
	}
}

// expectNothing takes the hold out of what its accounts expect.
func (o *hold) expectNothing() {
	for i, a := range o.accounts[:o.nodes] {
		a.pending.Add(-int64(o.expected))
		if o.holdsPartly(i) {
			a.addVariance(-o.variance())
		}
	}
	o.expected, o.partly = 0, 0
}

// holdsPartly says whether account i holds what is expected alone.
func (o *hold) holdsPartly(i int) bool { return o.partly>>i&1 == 1 }

// helds returns what is held at each account; they differ where a budget is
// strict.
func (o *hold) helds() (all [MaxNodes]money.Nanos) {
	for i := range all {
		if all[i] = o.price; o.holdsPartly(i) {
			all[i] = o.expected
		}
	}
	return all
}

// expect sets what the bill is expected to be, the price times later, and
// holds that much; or all of the price in the first stretch and where the
// budget is strict.
func (o *hold) expect(later float64) { o.expectFrom(o.helds(), later) }

// expectFrom is expect for a hold whose accounts hold something else so far.
func (o *hold) expectFrom(held [MaxNodes]money.Nanos, later float64) {
	expected := min(o.price, money.FromFloat(math.Ceil(float64(o.price)*later)))
	old, before := o.variance(), o.expected
	o.expected = expected
	for i, a := range o.accounts[:o.nodes] {
		hold, spread := o.price, 0.0
		if o.holdsPartly(i) {
			spread = -old
		}
		o.partly &^= 1 << i
		if o.stretch > 0 && !a.strict.Load() {
			hold = expected
			spread += o.variance()
			o.partly |= 1 << i
		}
		a.pending.Add(int64(expected - before))
		a.addVariance(spread)
		a.available.Add(int64(held[i] - hold))
	}
}

// variance is that of a bill of all or nothing with the expectation, in nanos
// squared.
func (o *hold) variance() float64 { return float64(o.expected) * float64(o.price-o.expected) }
