package audience

import (
	"sync/atomic"
	"time"
)

// call is one read on its way through the queue. It owns all that a flusher
// touches for it, so that a caller who gives up can go at once: the flusher
// finds the call abandoned and puts it back into the pool itself. Whoever
// loses the race for state leaves the call to the other.
type call struct {
	state    atomic.Uint32
	answered chan struct{} // buffered for one
	timer    *time.Timer

	// The command: MGET and two keys. Each argument is boxed once, over memory
	// of the call; prepare changes what is in it.
	args [3]any
	keys [2][valueKeyLen]byte

	// The answer, set before answered is signalled.
	segments, exposures string
	err                 error
}

const (
	callWaiting   uint32 = iota
	callAnswered         // the flusher has it, and signals
	callAbandoned        // the caller has gone
)

func newCall() *call {
	c := &call{answered: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	c.args = [3]any{"mget", c.keys[0][:], c.keys[1][:]}
	return c
}

func (c *call) prepare(key UserKey) {
	c.state.Store(callWaiting)
	appendSegmentsKey(c.keys[0][:0], &key)
	appendExposuresKey(c.keys[1][:0], &key)
}

// abandon gives the call up. False means that it was answered.
func (c *call) abandon() bool {
	return c.state.CompareAndSwap(callWaiting, callAbandoned)
}

// abandoned says whether the caller has gone.
func (c *call) abandoned() bool { return c.state.Load() == callAbandoned }

// answer hands the answer over. False means that the caller has gone and the
// call is the flusher's to put back.
func (c *call) answer(segments, exposures string, err error) bool {
	c.segments, c.exposures, c.err = segments, exposures, err
	if !c.state.CompareAndSwap(callWaiting, callAnswered) {
		c.segments, c.exposures, c.err = "", "", nil
		return false
	}
	c.answered <- struct{}{}
	return true
}
