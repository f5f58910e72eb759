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
	o, ok := h.find(s, id)
	if !ok || o.won {
		return
	}
	was, before, open, entered := o.helds(), o.foreseen(), &o.delays.open[o.stretch], o.delays.entered(&o)
	counts := o.stretch > 0
	rendered := math.Float64frombits(o.delays.rendered.Load())
	o.expectNothing()
	o.correct(true, h.outcome)
	o.won, o.since, o.stretch = true, now.UnixNano(), 0
	if price >= 0 {
		o.likely = partOf(float64(price) / float64(max(o.bid, 1)))
	}
	if price >= 0 && price < o.price {
		o.price = o.delays.after(price, o.price)
		o.noticed = true
	}
	foreseen := o.foreseen()
	if counts {
		open.leave(before, entered)
		open.won.Add(int64(foreseen))
	}
	o.delays.won[0].enter(foreseen, o.since)
	o.expectFrom(was, rendered)
	o.mature(o.expected)
	if !o.waits() { // else it is looked at first at the win deadline, where it is
		o.next = min(o.since+o.delays.bounds[0], o.end)
		s.due.push(due{o.next, o.next, id})
	}
	s.keep(&o)
}

// Lost releases a bid that a loss notice ended.
func (h *Holds) Lost(id event.BidID, _ time.Time) {
	if o, ok := h.remove(id, endLost, 0); ok {
		if o.stretch > 0 || o.won {
			o.delays.of(&o).leave(o.foreseen(), o.delays.entered(&o))
		}
		o.mature(0)
		o.release()
		for _, a := range o.accounts[:o.nodes] {
			a.lost.Add(int64(o.bid))
		}
		o.close()
	}
}

// Cancel releases a bid that was held but never left. Nothing is learned.
func (h *Holds) Cancel(id event.BidID) {
	if o, ok := h.remove(id, endUnknown, 0); ok {
		for _, a := range o.accounts[:o.nodes] {
			if o.youth != matured {
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
	for i, n := range b.Nodes {
		if a := h.accounts.of(n); a != nil && i < len(b.FromSlice) {
			a.spent.Add(int64(b.FromSlice[i]))
			a.available.Add(-int64(b.FromSlice[i]))
		}
	}
	o, ok := h.remove(b.Bid, endBilled, b.Amount)
	if !ok {
		h.billedLate(b)
		return
	}
	if o.stretch > 0 || o.won {
		s := o.delays.of(&o)
		s.leave(o.foreseen(), o.delays.entered(&o))
		s.billed.Add(int64(b.Amount))
	}
	if o.noticed {
		o.delays.keep(float64(b.Amount) <= o.foreseen()+1)
	}
	o.delays.bills.Add(1)
	o.mature(b.Amount)
	o.release()
	o.close()
}

// billedLate takes a bill that came after its release off what may still come.
func (h *Holds) billedLate(b Booked) {
	h.mu.Lock()
	defer h.mu.Unlock()
	age := ageOf(b.Age)
	if l := h.late[b.Exchange]; l != nil {
		l.bill(age, b.Amount)
	}
	for _, n := range b.Nodes {
		a := h.accounts.of(n)
		h.gone.billed(n, a, b.Amount)
		if a != nil && a.unbilled[b.Exchange] != nil {
			a.unbilled[b.Exchange].take(age, float64(b.Amount))
		}
	}
}

// remove takes a hold out: whoever gets it releases it. Its auction ended so,
// with that amount billed.
func (h *Holds) remove(id event.BidID, how end, amount money.Nanos) (hold, bool) {
	s := h.shard(id)
	s.mu.Lock()
	o, ok := h.find(s, id)
	if ok {
		s.drop(id, &o)
	}
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
	was := o.youth
	if was == matured {
		return
	}
	o.youth = matured
	for _, a := range o.accounts[:o.nodes] {
		if was == lowered { // of less than was wanted: it says nothing of what bids cost
			a.opened.Add(-int64(o.bid))
			a.refused.Add(int64(o.bid))
			continue
		}
		a.matured.Add(int64(o.bid))
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

// close takes the bid out of those that are held: the last thing done to it,
// as its accounts may be forgotten from then on.
func (o *hold) close() {
	for _, a := range o.accounts[:o.nodes] {
		a.open.Add(-int64(o.bid))
		a.bids.Add(-1)
	}
}

// expectNothing takes the hold out of what its accounts expect.
func (o *hold) expectNothing() {
	for i, a := range o.accounts[:o.nodes] {
		a.pending.Add(-int64(o.expected))
		if o.unpriced() {
			a.unpriced.Add(-int64(o.expected))
		}
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

// foreseen is what the bill was expected to be, by what is known of the
// auction: the price that the win notice told, else what the bidder expected. It
// is what delays go by.
func (o *hold) foreseen() float64 {
	cost := o.likely.of(o.bid)
	if !o.won {
		cost *= float64(o.chance) / float64(fullPart)
	}
	return cost
}

// believed is foreseen, nearer to the whole price the less this exchange's
// bills have confirmed.
func (o *hold) believed() float64 {
	if o.noticed {
		return float64(o.price)
	}
	cost := o.foreseen()
	return cost + o.delays.doubt()*(float64(o.price)-cost)
}

// expect sets what the bill is expected to be yet, what is believed times later,
// and holds that much; or all of the price in the first stretch and where the
// budget is strict.
func (o *hold) expect(later float64) { o.expectFrom(o.helds(), later) }

// expectFrom is expect for a hold whose accounts hold something else so far.
func (o *hold) expectFrom(held [MaxNodes]money.Nanos, later float64) {
	expected := min(o.price, money.FromFloat(math.Ceil(o.believed()*later)))
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
		if o.unpriced() {
			a.unpriced.Add(int64(expected - before))
		}
		a.addVariance(spread)
		a.available.Add(int64(held[i] - hold))
	}
}

// unpriced says that it was won, and nobody told its price.
func (o *hold) unpriced() bool { return o.won && !o.noticed && o.likely < fullPart }

// variance is that of a bill of all or nothing with the expectation, in nanos
// squared.
func (o *hold) variance() float64 { return float64(o.expected) * float64(o.price-o.expected) }
