package bidder

import (
	"sync/atomic"
	"time"
)

// queue decides which requests are refused for having waited too long before
// anybody looked at them. They wait in sockets and for a CPU, where no limit of
// ours counts them; what is seen of the queue is how long each waited.
//
// A queue that comes and goes does no harm: a burst, or a pause of the machine,
// is worked off in time. One that stays makes every request late, the more the
// longer it stays, until all answers are too late for the exchange. So as with
// CoDel (Nichols and Jacobson, "Controlling Queue Delay", 2012) what counts is
// whether the queue stands: whether during one whole span nearly all requests
// waited longer than standing. Then, for the next span, those that waited
// longer than enough are refused at once, which costs a small part of a bid;
// what is left of the CPU makes bids for the rest, which so wait no longer
// than that.
//
// It is safe for concurrent use; the zero queue has seen nothing.
type queue struct {
	until  atomic.Int64 // the end of the span, nanoseconds since epoch
	short  atomic.Int64 // of the span: requests that waited up to standing
	long   atomic.Int64 // and those that waited longer
	stands atomic.Bool  // it did in the last span
}

const (
	span     = 25 * time.Millisecond
	standing = 5 * time.Millisecond
	enough   = 10 * time.Millisecond
	// of so many requests that wait long at most one may wait short while the
	// queue stands: with several cores and queues some are lucky.
	perLucky = 8
)

// admit says whether to look at a request that waited.
func (q *queue) admit(now time.Time, waited time.Duration) bool {
	at := int64(now.Sub(epoch))
	if end := q.until.Load(); at >= end && q.until.CompareAndSwap(end, at+int64(span)) {
		short, long := q.short.Swap(0), q.long.Swap(0)
		// What is long past says nothing of today.
		q.stands.Store(at < end+int64(span) && long > perLucky*(short+1))
	}
	if waited <= standing {
		q.short.Add(1)
		return true
	}
	q.long.Add(1)
	return waited <= enough || !q.stands.Load()
}
