package pacing

import (
	"cmp"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Risk is what one incarnation's bids on a budget may still be billed beyond
// what is set aside for them. Bids count at their full bid price, which is
// the most that a notice can book, from the moment they leave until they are
// billed, or are too old to be booked.
//
//	at most Late() of this budget may still arrive late
//	Late = max(0, Open + Silent - SetAside)
//
// It holds whatever is billed in which order and however late: bookings that
// nothing covers (the overrun) grow from now on by at most Late, and by what
// Late itself grows. Late grows when a hold falls, or ends at its horizon
// without a bill: never by a new bid, which sets its whole price aside, and
// never by a bill. It knows two things that only the exchange can break: an
// impression is billed once, and a bid that the exchange reported lost is not
// billed. For exchanges that break the second, add Lost.
//
// The memory is the incarnation's. Of a dead one its last word counts, with
// what the ledger still keeps of its slice as SetAside: nothing once that was
// reclaimed, so that then all of Open + Silent may arrive late.
type Risk struct {
	event.NodePeriod
	Open     money.Nanos // bid prices of the bids that are held
	Silent   money.Nanos // bid prices of bids whose horizon passed without a word
	Lost     money.Nanos // bid prices of bids that were reported lost
	SetAside money.Nanos // what the slice has that new bids may not take
}

// Late returns the most that may arrive beyond what is set aside.
func (r Risk) Late() money.Nanos { return max(0, r.Open+r.Silent-r.SetAside) }

// Risk returns what may still arrive late of one budget.
func (h *Holds) Risk(n event.NodePeriod) Risk {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.risk(n)
}

// Risks appends every budget that something may still be billed of to dst,
// ordered by node and period.
func (h *Holds) Risks(dst []Risk) []Risk {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := len(dst)
	add := func(n event.NodePeriod) {
		if r := h.risk(n); r.Open+r.Silent+r.Lost > 0 {
			dst = append(dst, r)
		}
	}
	for n := range h.accounts.all() {
		add(n)
	}
	for n := range h.gone.of {
		if h.accounts.of(n) == nil {
			add(n)
		}
	}
	slices.SortFunc(dst[from:], func(a, b Risk) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Period, b.Period))
	})
	return dst
}

// risk is Risk with h.mu held.
func (h *Holds) risk(n event.NodePeriod) Risk {
	r := Risk{NodePeriod: n}
	if e := h.gone.of[n]; e != nil {
		r.Silent, r.Lost = e.silent.sum(), e.lost.sum()
	}
	if a := h.accounts.of(n); a != nil {
		r.Open = money.Nanos(a.open.Load())
		r.Silent += money.Nanos(a.silent.Load())
		r.Lost += money.Nanos(a.lost.Load())
		r.SetAside = money.Nanos(a.granted - a.spent.Load() - max(0, a.available.Load()))
	}
	return r
}

// Risk returns what may still arrive late of one budget and period.
func (p *Pacer) Risk(n event.NodePeriod) Risk { return p.holds.Risk(n) }

// Risks appends every budget that something may still be billed of to dst. A
// bid is in the risk of each of its budgets.
func (p *Pacer) Risks(dst []Risk) []Risk { return p.holds.Risks(dst) }
