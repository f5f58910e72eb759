package catalog

import (
	"runtime"
	"sync/atomic"
	"time"
)

// rests keeps the making of a new version of the catalog from being felt: it
// works for a stint and then rests for longer, so that it has a fifth of a
// processor and bids wait for one no longer than a stint. Go gives goroutines no
// priorities and takes a processor away only after 10 ms; a request changes
// goroutines some five times, and would wait as often. With half of a processor,
// a bidder whose processors were busy for four fifths of the time fell behind.
//
// A change so large that it would rest for longer than mostRest only gives way
// after each stint from then on: what is paused meanwhile waits for it.
type rests struct {
	begun time.Time     // this stint
	stint time.Duration // of work
	had   time.Duration // rest, for this change
	rest  func(time.Duration)

	closed atomic.Bool // no more of this
}

const (
	stint = 500 * time.Microsecond
	// restFor is how much longer a rest is than the stint before it.
	restFor = 4
	// longestStint is what counts of a stint that was long for another reason:
	// somebody else had the processor.
	longestStint = 2 * stint
	mostRest     = 15 * time.Second
	// portion is how many line items are put into one row of the index, or
	// compared, before take is called: some ten microseconds.
	portion = 64
)

// take is called after a little work, and rests if it is time to. Whoever calls
// it holds no lock that requests wait for. Of a closed catalog it panics with
// ErrClosed: the work is many calls deep, and Take and Apply recover.
func (r *rests) take() {
	if r.closed.Load() {
		panic(ErrClosed)
	}
	if r.rest == nil {
		return
	}
	done := time.Now()
	worked := done.Sub(r.begun)
	if worked < r.stint {
		return
	}
	rest := restFor * min(worked, longestStint)
	if r.had >= mostRest {
		rest = 0
	}
	r.rest(rest)
	r.begun = time.Now()
	r.had += r.begun.Sub(done)
}

// sleep is a rest.
func sleep(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	} else {
		runtime.Gosched()
	}
}

// each is take in a loop, which tells its count.
func (r *rests) each(i int) {
	if i%portion == portion-1 {
		r.take()
	}
}
