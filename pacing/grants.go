package pacing

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Grant adds what the ledger granted to the budget's account.
func (h *Holds) Grant(n event.NodePeriod, amount money.Nanos) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.account(n)
	a.granted += int64(amount)
	a.available.Add(int64(amount))
}

// TakeBack removes what is available above keep from the account, so that it
// can be returned to the ledger, and returns how much that is.
func (h *Holds) TakeBack(n event.NodePeriod, keep money.Nanos) money.Nanos {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.accounts.of(n)
	if a == nil {
		return 0
	}
	for {
		have := a.available.Load()
		if have <= int64(keep) {
			return 0
		}
		if a.available.CompareAndSwap(have, int64(keep)) {
			a.granted -= have - int64(keep)
			return money.Nanos(have - int64(keep))
		}
	}
}

// Resync sets what was granted to what the ledger believes, after an error
// left it unknown whether a grant or return was done. The slices are those with
// anything left by the bookings that were settled here, see [Ledger]: what was
// spent before an account was forgotten plays no part.
func (h *Holds) Resync(slices []Slice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := make(map[event.NodePeriod]money.Nanos, len(slices))
	for i := range slices {
		left[slices[i].NodePeriod] = slices[i].Left()
		h.account(slices[i].NodePeriod)
	}
	for n, a := range h.accounts.all() {
		granted := a.spent.Load() + int64(left[n])
		a.available.Add(granted - a.granted)
		a.granted = granted
	}
}

// SetStrict makes a budget's bids hold in full until their horizon, from the
// next Tick on: with few impressions left the law of large numbers does not.
func (h *Holds) SetStrict(n event.NodePeriod, strict bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.accounts.of(n); a != nil && a.strict.Swap(strict) != strict {
		a.turned, h.turned = true, true
	}
}

// SetOver says whether a budget's day or flight is over: then nothing is kept
// for bills that come late, as no new bid could spend it. From the next Tick on.
func (h *Holds) SetOver(n event.NodePeriod, over bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.accounts.of(n); a != nil {
		a.over = over
	}
}

// Forget drops the account of a budget that nothing is held against and
// nothing is left of, and returns whether it is gone.
func (h *Holds) Forget(n event.NodePeriod) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.accounts.of(n)
	if a == nil {
		return true
	}
	if a.available.Load() != 0 || a.granted != a.spent.Load() {
		return false
	}
	if silent, lost := a.silent.Load(), a.lost.Load(); silent+lost > 0 {
		return false // the next Tick takes them
	}
	if !a.bids.CompareAndSwap(0, -1) {
		return false // they know it by its number
	}
	(*h.numbered.Load())[a.number] = nil
	h.free = append(h.free, a.number)
	h.accounts.set(n, nil)
	return true
}

// account returns the account of a budget, made if need be. h.mu is held.
func (h *Holds) account(n event.NodePeriod) *account {
	if a := h.accounts.of(n); a != nil {
		return a
	}
	a := new(account)
	h.enumerate(a)
	h.accounts.set(n, a)
	return a
}

// enumerate gives an account its number. Holds that have it were made by whoever
// found the account, so all who read of one see what is written here. h.mu is held.
func (h *Holds) enumerate(a *account) {
	all := *h.numbered.Load()
	if last := len(h.free) - 1; last >= 0 {
		a.number, h.free = h.free[last], h.free[:last]
		all[a.number] = a
		return
	}
	a.number = uint32(len(all))
	all = append(all, a)
	h.numbered.Store(&all)
}
