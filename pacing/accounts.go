package pacing

import (
	"iter"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/event"
)

// accounts finds the account of a budget: without a lock, as every bid does. A
// writer copies the part that it changes, a small one: at midnight there are as
// many new budgets as line items, and to copy all for each would take minutes.
// Writers hold Holds.mu.
type accounts struct {
	parts [accountParts]atomic.Pointer[map[event.NodePeriod]*account]
}

const accountParts = 1024

func (s *accounts) part(n event.NodePeriod) *atomic.Pointer[map[event.NodePeriod]*account] {
	return &s.parts[(uint64(n.Node)+uint64(n.Period))%accountParts] // ids are given out in a row
}

// of returns a budget's account, or nil.
func (s *accounts) of(n event.NodePeriod) *account {
	if all := s.part(n).Load(); all != nil {
		return (*all)[n]
	}
	return nil
}

// set puts an account in, or takes it out where it is nil.
func (s *accounts) set(n event.NodePeriod, a *account) {
	part := s.part(n)
	next := map[event.NodePeriod]*account{}
	if old := part.Load(); old != nil {
		for k, v := range *old {
			next[k] = v
		}
	}
	if delete(next, n); a != nil {
		next[n] = a
	}
	part.Store(&next)
}

// all goes through the accounts.
func (s *accounts) all() iter.Seq2[event.NodePeriod, *account] {
	return func(yield func(event.NodePeriod, *account) bool) {
		for i := range s.parts {
			if part := s.parts[i].Load(); part != nil {
				for n, a := range *part {
					if !yield(n, a) {
						return
					}
				}
			}
		}
	}
}
