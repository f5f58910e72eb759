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
	a := (*h.accounts.Load())[n]
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
// left it unknown whether a grant or return was done.
func (h *Holds) Resync(slices []Slice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := make(map[event.NodePeriod]bool, len(slices))
	set := func(a *account, granted int64) {
		a.available.Add(granted - a.granted)
		a.granted = granted
	}
	for _, s := range slices {
		seen[s.NodePeriod] = true
		granted := int64(s.Granted - s.Returned)
		if (*h.accounts.Load())[s.NodePeriod] == nil && granted == h.past[s.NodePeriod] {
			continue // forgotten, and nothing has changed
		}
		set(h.account(s.NodePeriod), granted)
	}
	for n, a := range *h.accounts.Load() {
		if !seen[n] {
			set(a, 0)
		}
	}
}

// SetStrict makes a budget's bids hold in full until their horizon, from the
// next Tick on: with few impressions left the law of large numbers does not.
func (h *Holds) SetStrict(n event.NodePeriod, strict bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := (*h.accounts.Load())[n]; a != nil && a.strict.Swap(strict) != strict {
		h.revalue = true
	}
}

// SetOver says whether a budget's day or flight is over: then nothing is kept
// for bills that come late, as no new bid could spend it. From the next Tick on.
func (h *Holds) SetOver(n event.NodePeriod, over bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := (*h.accounts.Load())[n]; a != nil {
		a.over = over
	}
}

// Forget drops the account of a budget that nothing is held against and
// nothing is left of, and returns whether it is gone.
func (h *Holds) Forget(n event.NodePeriod) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := *h.accounts.Load()
	a := old[n]
	if a == nil {
		return true
	}
	if a.available.Load() != 0 || a.granted != a.spent.Load() {
		return false
	}
	if silent, lost := a.silent.Load(), a.lost.Load(); silent+lost > 0 {
		return false // the next Tick takes them
	}
	if a.granted != 0 {
		h.past[n] = a.granted
	}
	next := make(map[event.NodePeriod]*account, len(old))
	for k, v := range old {
		if k != n {
			next[k] = v
		}
	}
	h.accounts.Store(&next)
	return true
}

// account returns the account of a budget, made if need be. h.mu is held.
func (h *Holds) account(n event.NodePeriod) *account {
	old := *h.accounts.Load()
	if a := old[n]; a != nil {
		return a
	}
	next := make(map[event.NodePeriod]*account, len(old)+1)
	for k, v := range old {
		next[k] = v
	}
	a := &account{granted: h.past[n]}
	a.spent.Store(a.granted)
	delete(h.past, n)
	next[n] = a
	h.accounts.Store(&next)
	return a
}
