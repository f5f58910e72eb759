package bidder

import (
	"sync/atomic"
	"time"
)

// queue decides which requests are refused for having waited too long before
// anybody looked at them. They wait in sockets and for a CPU, where no limit of
// ours counts them; what is seen of the queue is how long each waited.
//
// A queue that comes and goes does little harm: a burst, or a short pause of a
// machine with CPU to spare, is worked off in time. One that stays makes every request late, the more the
// longer it stays, until all answers are too late for the exchange. So as with
// CoDel (Nichols and Jacobson, "Controlling Queue Delay", 2012) what counts is
// whether the queue stands: whether during one whole span nearly all requests
// waited longer than standing. Then, for the next span, those that waited
// longer than a limit are refused at once, which costs a small part of a bid;
// what is left of the CPU makes bids for the rest, which so wait no longer
// than that.
//
// Where so much comes that refusing takes nearly all of the CPU, everybody has
// waited longer than the limit, and there would be no bids at all. Then the
// limit is raised, up to longest, and from there on one in oneIn of those who
// waited longer is looked at all the same: late bids beat none, and what is too
// late for its tmax is found out then.
//
// It is safe for concurrent use; the zero queue has seen nothing.
type queue struct {
	until   atomic.Int64 // the end of the span, nanoseconds since epoch
	short   atomic.Int64 // of the span: requests that waited up to standing
	long    atomic.Int64 // and those that waited longer
	refused atomic.Int64 // of these
	limit   atomic.Int64 // the longest wait, in nanoseconds; 0: the queue does not stand
	over    atomic.Int64 // requests that waited longer than longest
}

const (
	span     = 25 * time.Millisecond
	standing = 5 * time.Millisecond
	enough   = 10 * time.Millisecond // the limit at first
	longest  = 40 * time.Millisecond // leaves time for a bid in a tmax of 80 ms, which is about the shortest
	// of so many requests that wait long at most one may wait short while the
	// queue stands: with several cores and queues some are lucky.
	perLucky = 8
	oneIn    = 8
)

// admit says whether to look at a request that waited.
func (q *queue) admit(now time.Time, waited time.Duration) bool {
	at := int64(now.Sub(epoch))
	if end := q.until.Load(); at >= end && q.until.CompareAndSwap(end, at+int64(span)) {
		short, long, refused := q.short.Swap(0), q.long.Swap(0), q.refused.Swap(0)
		if at >= end+int64(span) { // what is long past says nothing of today
			long = 0
		}
		q.limit.Store(limitAfter(time.Duration(q.limit.Load()), short, long, refused))
	}
	if waited <= standing {
		q.short.Add(1)
		return true
	}
	q.long.Add(1)
	limit := q.limit.Load()
	if limit == 0 || int64(waited) <= limit {
		return true
	}
	if limit >= int64(longest) && q.over.Add(1)%oneIn == 0 {
		return true
	}
	q.refused.Add(1)
	return false
}

// limitAfter returns the limit for the span after one in which so many
// requests waited short and long, and so many of these were refused.
func limitAfter(limit time.Duration, short, long, refused int64) int64 {
	taken := short + long - refused
	switch {
	case long <= perLucky*(short+1):
		limit = 0
	case oneIn*taken < refused:
		limit = min(2*limit, longest)
	case limit == 0 || taken > refused:
		limit = max(limit/2, enough)
	}
	return int64(limit)
}
