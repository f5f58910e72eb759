package audience

import (
	"sync/atomic"
	"time"
)

const (
	// downAfter is how many reads in a row must fail before reads are refused.
	downAfter = 16
	// probeEvery is how often one read is let through meanwhile.
	probeEvery = 100 * time.Millisecond
)

// breaker keeps requests from waiting for a node of Redis that does not answer: each
// would wait until its deadline, only to learn what the ones before it did. It
// goes by what became of reads, not of round trips: an answer that always
// comes too late is as good as none. Times are since any fixed moment, of the
// monotonic clock.
type breaker struct {
	failures atomic.Int64 // in a row
	probeAt  atomic.Int64 // time.Duration: when a read may be let through
}

// down says whether reads are refused.
func (b *breaker) down() bool { return b.failures.Load() >= downAfter }

// refuses says whether reads are refused, or would be if any had come of late.
func (b *breaker) refuses(now time.Duration) bool {
	return b.down() && now < time.Duration(b.probeAt.Load())+laneRest
}

// ready says whether a read may go to Redis, if no other takes its turn.
func (b *breaker) ready(now time.Duration) bool {
	return !b.down() || now >= time.Duration(b.probeAt.Load())
}

// allow says whether a read may go to Redis, and takes its turn.
func (b *breaker) allow(now time.Duration) bool {
	if !b.down() {
		return true
	}
	at := b.probeAt.Load()
	return now >= time.Duration(at) && b.probeAt.CompareAndSwap(at, int64(now+probeEvery))
}

// failed notes a read that Redis did not answer in time.
func (b *breaker) failed(now time.Duration) {
	if b.failures.Load() == downAfter-1 {
		b.probeAt.Store(int64(now + probeEvery))
	}
	b.failures.Add(1)
}

// answered notes a read that Redis answered.
func (b *breaker) answered() {
	if b.failures.Load() != 0 { // only then: a write per read would move between all cores
		b.failures.Store(0)
	}
}
