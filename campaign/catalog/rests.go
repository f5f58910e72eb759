package catalog

import "time"

// rests keeps the making of a new version of the catalog from being felt: it
// works for a stint and then rests as long, so that it never has more than half
// of a processor and bids wait for one no longer than a stint. Go gives
// goroutines no priorities and takes a processor away only after 10 ms; a
// request changes goroutines some five times, and would wait as often.
//
// On Linux a rest is a millisecond where nothing else happens meanwhile: then
// the catalog has a third of a processor.
type rests struct {
	begun time.Time // this stint
	stint time.Duration
	rest  func(time.Duration) // nil: no rests
}

const (
	stint = 500 * time.Microsecond
	// longestRest bounds a rest where the stint was long for another reason:
	// somebody else had the processor.
	longestRest = 4 * stint
	// portion is how many line items are put into one row of the index, or
	// compared, before take is called: some ten microseconds.
	portion = 64
)

// take is called after a little work, and rests if it is time to. Whoever calls
// it holds no lock that requests wait for.
func (r *rests) take() {
	if r.rest == nil {
		return
	}
	if worked := time.Since(r.begun); worked >= r.stint {
		r.rest(min(worked, longestRest))
		r.begun = time.Now()
	}
}

// each is take in a loop, which tells its count.
func (r *rests) each(i int) {
	if i%portion == portion-1 {
		r.take()
	}
}
