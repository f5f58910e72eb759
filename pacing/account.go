package pacing

import (
	"math"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// account is what an incarnation has of one budget. All amounts are nanos.
type account struct {
	number uint32       // that holds know it by
	bids   atomic.Int32 // that are held; -1 once it is forgotten

	available atomic.Int64 // granted - spent - held - margin
	open      atomic.Int64 // sum of the bid prices of what is held
	opened    atomic.Int64 // sum of the prices ever held
	refused   atomic.Int64 // sum of the prices that found no room
	spent     atomic.Int64 // taken from the slice by bookings
	matured   atomic.Int64 // sum of the prices that left the first stretch
	worth     atomic.Int64 // what those were billed, or were expected to be
	pending   atomic.Int64 // what the open bids of those are expected to be billed
	top       atomic.Int64 // the highest price held since the last look
	wanted    atomic.Int64 // the lowest price that found no room here since the last look; 0 if none
	silent    atomic.Int64 // sum of the bid prices that reached their horizon since the last Tick
	lost      atomic.Int64 // sum of the bid prices that were reported lost since then
	variance  atomic.Uint64
	unpriced  atomic.Int64 // what of pending is of won bids whose price nobody told
	strict    atomic.Bool

	// Written under Holds.mu only.
	granted int64 // grants less returns
	margin  int64 // what is kept for the spread of the expected holds, and for bills that come late

	unbilled map[event.ExchangeID]*unbilled // foreseen of bids that ended without a bill
	coming   float64                        // of it: what is expected to be billed yet
	reserved float64                        // what is kept for that
	over     bool                           // no bid holds against it any more: nothing needs to be kept
	turned   bool                           // it became strict, or stopped, since the last Tick
}

// take reserves price if there is room for it.
func (a *account) take(price money.Nanos) bool {
	for {
		have := a.available.Load()
		if have < int64(price) {
			return false
		}
		if a.available.CompareAndSwap(have, have-int64(price)) {
			if !a.enter() {
				a.available.Add(int64(price))
				return false
			}
			a.opened.Add(int64(price))
			a.open.Add(int64(price))
			if int64(price) > a.top.Load() { // two at once may leave the lower: it is a yardstick
				a.top.Store(int64(price))
			}
			return true
		}
	}
}

// enter counts one bid more, unless the account was forgotten meanwhile.
func (a *account) enter() bool {
	for {
		n := a.bids.Load()
		if n < 0 {
			return false
		}
		if a.bids.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// refuse counts a bid that found no room, and what would have been room enough.
func (a *account) refuse(price money.Nanos) {
	a.refused.Add(int64(price))
	if w := a.wanted.Load(); w == 0 || int64(price) < w { // two at once may leave the higher: it is a yardstick
		a.wanted.Store(int64(price))
	}
}

// addVariance moves the variance of the expected holds. The sum drifts by
// rounding only; it is cut at zero where it is read.
func (a *account) addVariance(d float64) {
	for d != 0 {
		old := a.variance.Load()
		if a.variance.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+d)) {
			return
		}
	}
}

// commonError is how far off what is expected of wins whose price nobody told is
// together, as a standard deviation: as markets move on from what was learned of
// them, all are too low or too high, and no number of bids evens that out.
const commonError = .05

// remargin sets the margin to the given number of standard deviations, at
// most to what is missing to full holds, and the reserve for late bills.
func (a *account) remargin(deviations float64) {
	m := int64(0)
	shared := commonError * float64(max(0, a.unpriced.Load()))
	if v := max(0, math.Float64frombits(a.variance.Load())) + shared*shared; v > 0 {
		held := a.granted - a.spent.Load() - a.available.Load() - a.margin
		m = int64(money.FromFloat(deviations * math.Sqrt(v)))
		m = max(0, min(m, a.open.Load()-held))
	}
	m += int64(money.FromFloat(math.Ceil(a.reserved)))
	a.available.Add(a.margin - m)
	a.margin = m
}

// Account is how one budget stands in an incarnation's memory.
type Account struct {
	event.NodePeriod
	Granted   money.Nanos // grants less returns
	Spent     money.Nanos // booked from the slice
	Available money.Nanos // for new bids; below zero when bills came after their release
	Held      money.Nanos // by open bids, the margin included
	Young     money.Nanos // the part of Held that is full because the win deadline is not over
	Opened    money.Nanos // sum of the prices ever held
	Refused   money.Nanos // sum of the prices that found no room
	Wanted    money.Nanos // the lowest price that found no room since the accounts were last listed; 0 if none
	Pending   money.Nanos // what the other open bids, and those that ended without a bill, are expected to be billed
	Top       money.Nanos // the highest price held since the accounts were last listed
	Matured   money.Nanos // sum of the prices whose win deadline is over
	Worth     money.Nanos // what of Matured was billed, or was still expected to be at that age
}

func (a *account) state(n event.NodePeriod) Account {
	// The counters move while they are read; a reader that needs them exact
	// stops the bids first.
	s := Account{
		NodePeriod: n,
		Matured:    money.Nanos(a.matured.Load()),
		Worth:      money.Nanos(a.worth.Load()),
		Opened:     money.Nanos(a.opened.Load()),
		Refused:    money.Nanos(a.refused.Load()),
		Available:  money.Nanos(a.available.Load()),
		Spent:      money.Nanos(a.spent.Load()),
		Pending:    money.Nanos(max(0, a.pending.Load())) + money.FromFloat(a.coming),
		Granted:    money.Nanos(a.granted),
	}
	s.Held = s.Granted - s.Spent - s.Available
	s.Young = max(0, s.Opened-s.Matured)
	return s
}
