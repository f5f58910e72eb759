package pacing

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// An exchange promises its win notices within the win deadline. Where it, the
// network or we are short of something, notices queue: all of them come late
// by as much, the freshest too. Then a bid that nobody heard of is
// not lost: its notice has not had its turn. So bids age by how far the
// exchange has come with telling, and wait for it as long as it goes on.

const (
	// So many win notices tell that an exchange is behind, or so many notices in
	// time that it is not.
	tellingNotices = 8
	// Of the win deadline: how long notices are collected at least before they
	// tell, and how old a bid may be for its notice to be in time.
	tellingPart, timelyPart = 4, 2
)

// voice is how far behind the clock an exchange's notices are.
type voice struct {
	deadline int64        // the win deadline, nanos
	behind   atomic.Int64 // how much longer bids are waited for, nanos

	mu    sync.Mutex
	late  int64 // how far behind it was when it was last known, nanos
	since int64 // unix nanos of that
	heard tidings
}

// tidings are the notices that came since the last ones told.
type tidings struct {
	all, timely, wins int
	freshest          int64 // age of the youngest won bid whose notice was late, nanos
}

// Told notes that a notice of an exchange came when its bid was so old. It is
// to be told of all that this process takes, whoever made the bids. That an
// exchange is behind only win notices say: losses may be told at leisure, and
// bills come when somebody sees the ad.
func (h *Holds) Told(x event.ExchangeID, k event.Kind, age time.Duration) {
	v := (*h.voices.Load())[x]
	if v == nil || k == event.KindLoss {
		return // or nothing was bid there
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	n := &v.heard
	n.all++
	late := int64(age) > v.deadline/timelyPart
	if !late {
		n.timely++
	}
	if k == event.KindWin {
		n.wins++
		if late && (n.freshest == 0 || int64(age) < n.freshest) {
			n.freshest = int64(age)
		}
	}
}

// look sets how far behind the exchange is: as far as the freshest of what
// comes late, unless most comes in time. Between two looks that tell it may have
// fallen back further, by as much as time passed: that is waited for up to a win
// deadline. Then the last word stands: that nothing is heard is no news.
func (v *voice) look(at int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if n := &v.heard; (n.wins >= tellingNotices || n.timely >= tellingNotices) && at-v.since >= v.deadline/tellingPart {
		v.late, v.since = 0, at
		if n.wins >= tellingNotices && 2*n.timely < n.all {
			v.late = n.freshest
		}
		*n = tidings{}
	}
	if v.late == 0 {
		v.behind.Store(0)
		return
	}
	v.behind.Store(v.late + min(at-v.since, v.deadline))
}

// voice returns how an exchange is heard, from now on. h.mu is held.
func (h *Holds) voice(t Terms) *voice {
	old := *h.voices.Load()
	v := old[t.Exchange]
	if v != nil && v.deadline >= int64(t.WinDeadline) {
		return v
	}
	if v == nil {
		v = new(voice)
	}
	v.mu.Lock()
	v.deadline = max(v.deadline, int64(t.WinDeadline))
	v.mu.Unlock()
	next := make(map[event.ExchangeID]*voice, len(old)+1)
	for k, x := range old {
		next[k] = x
	}
	next[t.Exchange] = v
	h.voices.Store(&next)
	return v
}

// again returns when a hold that waits for its exchange is looked at again.
func (v *voice) again(next, at int64) int64 {
	return min(next+v.behind.Load(), at+max(v.deadline/tellingPart, 1))
}

// Behind returns how far the exchange that is furthest behind is.
func (h *Holds) Behind() time.Duration {
	most := int64(0)
	for _, v := range *h.voices.Load() {
		most = max(most, v.behind.Load())
	}
	return time.Duration(most)
}
