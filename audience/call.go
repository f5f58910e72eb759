package audience

import (
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// call is one read on its way through the queue. It owns all that a flusher
// touches for it, so that a caller who gives up can go at once: the flusher
// finds the call abandoned and puts it back into the pool itself. Whoever
// loses the race for state leaves the call to the other.
type call struct {
	state    atomic.Uint32
	answered chan struct{} // buffered for one
	timer    *time.Timer

	// The command: MGET and the keys of the parts that may be read. Each
	// argument is boxed once, over memory of the call; prepare changes what is
	// in it.
	args []any
	both [1 + partCount]any
	one  [partCount][2]any
	keys [partCount][valueKeyLen]byte

	permit Permit

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
	c.both[0] = "mget"
	for part := range c.keys {
		c.both[1+part] = c.keys[part][:]
		c.one[part] = [2]any{"mget", c.keys[part][:]}
	}
	return c
}

// readable are the uses that read a part of the record.
const readable uses = 1<<SelectAds | 1<<CapFrequency

func (c *call) prepare(permit Permit, key UserKey) {
	c.state.Store(callWaiting)
	appendSegmentsKey(c.keys[partSegments][:0], &key)
	appendExposuresKey(c.keys[partExposures][:0], &key)
	switch {
	case !permit.Allows(CapFrequency):
		c.args = c.one[partSegments][:]
	case !permit.Allows(SelectAds):
		c.args = c.one[partExposures][:]
	default:
		c.args = c.both[:]
	}
	c.permit = permit
}

// values takes the parts out of an MGET's reply. A missing one is empty.
func (c *call) values(cmd *redis.SliceCmd) (segments, exposures string, err error) {
	if cmd.Err() != nil {
		return "", "", ErrRedis
	}
	v := cmd.Val()
	if len(v) != len(c.args)-1 {
		return "", "", ErrRedis
	}
	if c.permit.Allows(SelectAds) {
		segments, _ = v[0].(string)
	}
	if c.permit.Allows(CapFrequency) {
		exposures, _ = v[len(v)-1].(string)
	}
	return segments, exposures, nil
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
