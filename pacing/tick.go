package pacing

import (
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Tick looks at the holds whose time has come: past the win deadline they
// fall to what is still expected of them, at the horizon they end. Then it
// sets every budget's margin. Each hold is looked at a handful of times in its
// life, whatever the interval between ticks.
func (h *Holds) Tick(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := now.UnixNano()
	passed := time.Duration(0)
	if h.ticked != 0 && at > h.ticked {
		passed = time.Duration(at - h.ticked)
	}
	h.ticked = max(at, h.ticked)
	for _, l := range h.late {
		l.age(passed)
	}
	for _, d := range *h.delays.Load() {
		d.estimate(h.lateShare(d), at-d.voice.behind.Load())
	}
	for _, v := range *h.voices.Load() {
		v.look(at)
	}
	h.gone.day = at / dayNanos
	for i := range h.shards {
		for h.shards[i].look(at, h) {
		}
	}
	if h.turned {
		h.revalue()
	}
	for n, a := range h.accounts.all() {
		h.reserve(a, passed)
		a.remargin(h.deviations)
		h.gone.take(n, a)
	}
	h.gone.expire(now.Add(-event.MaxBillAge))
}

// lookAtOnce bounds how long a bid may wait for a shard's lock.
const lookAtOnce = 256

// look handles some of the holds that are due, and says whether there may be
// more.
func (s *shard) look(at int64, h *Holds) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range lookAtOnce {
		if len(s.due) == 0 || s.due[0].at > at {
			return false
		}
		d := s.due.pop()
		o, ok := h.find(s, d.id)
		if !ok {
			if e, was := s.ended[d.id]; was {
				delete(s.ended, d.id)
				e.tell(h.outcome, false)
			}
			continue
		}
		if o.next != d.next {
			continue // put off by a win notice
		}
		v := o.delays.voice
		heard := at - v.behind.Load() // what is older, the exchange has had time to tell of
		if o.next > heard {
			s.due.push(due{v.again(o.next, at), o.next, d.id})
			continue
		}
		if !o.age(heard, h.outcome) {
			o.release()
			h.fellSilent(&o)
			o.close()
			s.drop(d.id, &o)
			continue
		}
		s.keep(&o)
		s.due.push(due{o.next, o.next, d.id})
	}
	return true
}

// age moves a hold through the stretches of its age that have ended, and
// returns false at its horizon.
func (o *hold) age(at int64, tell func(landscape.Outcome)) bool {
	for o.next <= at {
		if o.waits() {
			o.auctioned.tell(tell, false)
			if o.won {
				o.next = min(o.since+o.delays.bounds[0], o.end)
				continue
			}
		}
		if o.stretch > 0 || o.won {
			o.delays.of(o).stay(o.foreseen(), o.delays.entered(o))
		}
		if o.next >= o.end || int(o.stretch)+1 >= len(o.delays.bounds) {
			o.mature(0)
			return false
		}
		o.stretch++
		o.delays.of(o).enter(o.foreseen(), o.delays.entered(o))
		o.next = min(o.since+o.delays.bounds[o.stretch], o.end)
	}
	o.expect(o.delays.later(o))
	o.mature(o.expected)
	return true
}

// revalue sets the holds of budgets anew that became strict, or stopped. h.mu
// is held.
func (h *Holds) revalue() {
	for i := range h.shards {
		for from, more := uint32(0), true; more; {
			from, more = h.revalueSome(&h.shards[i], from)
		}
	}
	for _, a := range h.accounts.all() {
		a.turned = false
	}
	h.turned = false
}

// revalueSome handles some of a shard's places, from one on, and says where to
// go on and whether there are more. What is held meanwhile is young, and not
// concerned.
func (h *Holds) revalueSome(s *shard, from uint32) (next uint32, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next = min(s.slab.used, from+lookAtOnce)
	all := *h.numbered.Load()
	for place := from; place < next; place++ {
		k := s.slab.of(place)
		if k.nodes == 0 || k.youth != matured || !slices.ContainsFunc(k.at[:k.nodes], func(n uint32) bool { return all[n].turned }) {
			continue // nobody's, or none of theirs
		}
		o := h.at(s, place)
		o.expect(o.delays.later(&o))
		s.keep(&o)
	}
	return next, next < s.slab.used
}

// Open returns how many bids are held.
func (h *Holds) Open() int {
	n := 0
	for i := range h.shards {
		s := &h.shards[i]
		s.mu.Lock()
		n += s.open.n
		s.mu.Unlock()
	}
	return n
}

// Accounts appends how every budget stands to dst.
func (h *Holds) Accounts(dst []Account) []Account {
	h.mu.Lock()
	defer h.mu.Unlock()
	for n, a := range h.accounts.all() {
		s := a.state(n)
		s.Top, s.Wanted = money.Nanos(a.top.Swap(0)), money.Nanos(a.wanted.Swap(0))
		dst = append(dst, s)
	}
	return dst
}

// Account returns how one budget stands; the zero account if it is unknown.
func (h *Holds) Account(n event.NodePeriod) Account {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.accounts.of(n); a != nil {
		return a.state(n)
	}
	return Account{NodePeriod: n}
}
