package pacing

import "github.com/tangent-dsp/tangent/event"

// due says when a hold wants to be looked at again. An entry whose hold is
// gone, or was put off since, is stale and skipped.
type due struct {
	at   int64 // unix nanos
	next int64 // the hold's, when this was pushed: later than that where it waits for its exchange
	id   event.BidID
}

// dueHeap is a binary heap, earliest first. It is written out because
// container/heap boxes every element: one allocation per bid. Bids come in
// the order of time, so a push hardly ever moves anything.
type dueHeap []due

func (h *dueHeap) push(d due) {
	s := append(*h, d)
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if s[parent].at <= s[i].at {
			break
		}
		s[parent], s[i] = s[i], s[parent]
		i = parent
	}
	*h = s
}

func (h *dueHeap) pop() due {
	s := *h
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && s[child+1].at < s[child].at {
			child++
		}
		if s[i].at <= s[child].at {
			break
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
	*h = s
	return top
}
