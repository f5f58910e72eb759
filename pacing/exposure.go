package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// exposures remembers, per budget, the bids that hold nothing any more and
// would still be booked. There may be millions of them in [event.MaxBillAge],
// so what is kept is their sum by day: a budget of one day has one or two
// entries. Everything that is rounded makes the sums larger, not smaller.
type exposures struct {
	of      map[event.NodePeriod]*exposure
	day     int64 // of the last Tick
	expired int64 // entries of days before this one were dropped
}

// exposure is that of one budget.
type exposure struct {
	silent, lost tranches
}

// tranches are sums of bid prices by the day in which they were let go,
// oldest first.
type tranches []tranche

type tranche struct {
	day    int64 // whole days of unix time
	amount money.Nanos
}

const dayNanos = int64(24 * time.Hour)

func (t tranches) sum() (s money.Nanos) {
	for i := range t {
		s += t[i].amount
	}
	return s
}

func (t tranches) add(day int64, amount money.Nanos) tranches {
	if amount <= 0 {
		return t
	}
	if n := len(t); n > 0 && t[n-1].day >= day {
		t[n-1].amount += amount
		return t
	}
	return append(t, tranche{day, amount})
}

// sub takes a bill off and returns how much of it there was. Which day's bid
// it was is not known: the oldest is taken, as its sum leaves first, so that
// no day is left with too little.
func (t *tranches) sub(amount money.Nanos) (taken money.Nanos) {
	for s := *t; len(s) > 0 && taken < amount; s = *t {
		part := min(s[0].amount, amount-taken)
		taken += part
		if s[0].amount -= part; s[0].amount == 0 {
			*t = s[1:]
		}
	}
	return taken
}

// before drops the entries of days before one.
func (t tranches) before(day int64) tranches {
	for len(t) > 0 && t[0].day < day {
		t = t[1:]
	}
	return t
}

// take moves what an account counted since the last Tick into its exposure.
func (e *exposures) take(n event.NodePeriod, a *account) {
	silent, lost := money.Nanos(a.silent.Swap(0)), money.Nanos(a.lost.Swap(0))
	if silent <= 0 && lost <= 0 {
		return
	}
	x := e.of[n]
	if x == nil {
		x = new(exposure)
		e.of[n] = x
	}
	x.silent, x.lost = x.silent.add(e.day, silent), x.lost.add(e.day, lost)
}

// billed takes the bill of a bid that held nothing any more off the silent
// ones. Where bids were reported lost, it may have been one of those: both
// together stay as they are then. a is the budget's account, or nil.
func (e *exposures) billed(n event.NodePeriod, a *account, amount money.Nanos) {
	x := e.of[n]
	if x == nil {
		return
	}
	taken := x.silent.sub(amount)
	if len(x.lost) > 0 || a != nil && a.lost.Load() > 0 {
		x.lost = x.lost.add(e.day, taken)
	}
	e.drop(n, x)
}

// expire drops what was let go on days that ended before a time.
func (e *exposures) expire(before time.Time) {
	day := before.UnixNano() / dayNanos
	if day <= e.expired {
		return
	}
	e.expired = day
	for n, x := range e.of {
		x.silent, x.lost = x.silent.before(day), x.lost.before(day)
		e.drop(n, x)
	}
}

func (e *exposures) drop(n event.NodePeriod, x *exposure) {
	if len(x.silent)+len(x.lost) == 0 {
		delete(e.of, n)
	}
}
