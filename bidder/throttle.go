package bidder

import (
	"sync/atomic"
	"time"
)

// throttle lets a number of requests per second through, evenly: each moves
// the time at which the next is due by its share of a second. It is safe for
// concurrent use; the zero throttle has let nothing through.
type throttle struct {
	due atomic.Int64 // nanoseconds since epoch
}

// burst is how far requests may come ahead of the rate.
const burst = 100 * time.Millisecond

// epoch only needs a monotonic reading.
var epoch = time.Now()

func (t *throttle) allow(now time.Time, perSecond int) bool {
	at, share := int64(now.Sub(epoch)), int64(time.Second)/int64(perSecond)
	for {
		old := t.due.Load()
		due := max(old, at)
		if due-at > int64(burst) {
			return false
		}
		if t.due.CompareAndSwap(old, due+share) {
			return true
		}
	}
}
