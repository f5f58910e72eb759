package audience

import (
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// call is one read on its way through the queue. It owns all that a flusher
// touches for it, so that a caller who gives up can go at once: the flusher
// finds the call abandoned and puts it back into the pool itself. Whoever
// loses the race for state leaves the call to the other. Its ids may be on
// several nodes: then the flusher that is last has the call.
type call struct {
	state    atomic.Uint32
	answered chan struct{} // buffered for one
	timer    *time.Timer

	asked  int // how many of asks
	asks   [MaxIDs]ask
	lane   [MaxIDs]uint8 // each ask's, as route.of
	permit Permit

	// A bit for each lane: those that have not ended, and those that failed.
	open, failed atomic.Uint32

	// The answer, the flushers' until answered is signalled.
	records [MaxIDs]record
}

// part is those asks of a call that go by one lane.
type part struct {
	call *call
	lane uint8 // as route.of
}

// ask is the command for one id: MGET and the keys of the values that may be
// read. Each argument is boxed once, over memory of the ask; prepare changes
// what is in it.
type ask struct {
	args                          []any
	both                          [4]any
	one                           [partCount][3]any
	mark                          [2]any
	identity, segments, exposures [valueKeyLen]byte
}

const (
	callWaiting   uint32 = iota
	callAnswered         // the flusher has it, and signals
	callAbandoned        // the caller has gone
)

func newCall() *call {
	c := &call{answered: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	for i := range c.asks {
		a := &c.asks[i]
		a.both = [4]any{"mget", a.identity[:], a.segments[:], a.exposures[:]}
		a.one[partSegments] = [3]any{"mget", a.both[1], a.both[2]}
		a.one[partExposures] = [3]any{"mget", a.both[1], a.both[3]}
		a.mark = [2]any{"mget", a.both[1]}
	}
	return c
}

func (c *call) prepare(permit Permit, keys []UserKey, way *route) {
	c.state.Store(callWaiting)
	c.open.Store(1<<way.n - 1)
	c.failed.Store(0)
	c.lane = way.of
	c.asked = len(keys)
	for i := range keys {
		a := &c.asks[i]
		appendIdentityKey(a.identity[:0], &keys[i])
		appendSegmentsKey(a.segments[:0], &keys[i])
		appendExposuresKey(a.exposures[:0], &keys[i])
		switch segments, exposures := permit.Allows(SelectAds), permit.Allows(CapFrequency); {
		case segments && exposures:
			a.args = a.both[:]
		case segments:
			a.args = a.one[partSegments][:]
		case exposures:
			a.args = a.one[partExposures][:]
		default: // whether the user opted out counts for every use
			a.args = a.mark[:]
		}
	}
	c.permit = permit
}

// take takes the values out of the replies to the part's asks, and returns how
// many these are.
func (p part) take(cmds []*redis.SliceCmd) (taken int) {
	c := p.call
	for i := range c.asks[:c.asked] {
		if c.lane[i] != p.lane {
			continue
		}
		cmd := cmds[taken]
		taken++
		v := cmd.Val()
		if cmd.Err() != nil || len(v) != len(c.asks[i].args)-1 {
			// Who may have opted out by this id nobody knows.
			c.failed.Or(1 << p.lane)
			continue
		}
		r := &c.records[i]
		r.identity, _ = v[0].(string)
		if c.permit.Allows(SelectAds) {
			r.segments, _ = v[1].(string)
		}
		if c.permit.Allows(CapFrequency) {
			r.exposures, _ = v[len(v)-1].(string)
		}
	}
	return taken
}

// end says that a part has ended, and whether it was the last.
func (p part) end() bool { return p.call.open.And(^(1<<p.lane))&^(1<<p.lane) == 0 }

// abandon gives the call up. False means that it was answered.
func (c *call) abandon() bool {
	return c.state.CompareAndSwap(callWaiting, callAbandoned)
}

// abandoned says whether the caller has gone.
func (c *call) abandoned() bool { return c.state.Load() == callAbandoned }

// answer hands the answer over. False means that the caller has gone and the
// call is the flusher's to put back.
func (c *call) answer() bool {
	if !c.state.CompareAndSwap(callWaiting, callAnswered) {
		c.forget()
		return false
	}
	c.answered <- struct{}{}
	return true
}

// forget drops what Redis said of the users.
func (c *call) forget() { clear(c.records[:]) }
