package loadtest

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// StageBooks is what became of the requests that were due in one stage,
// whenever they were answered. Latencies count from the time they were due.
type StageBooks struct {
	Due      int64 `json:"due"`
	Unsent   int64 `json:"unsent"`   // too many were under way
	Full     int64 `json:"full"`     // answered in time with a body: bids, or why there is none
	Empty    int64 `json:"empty"`    // answered in time with 204
	NoTime   int64 `json:"no_time"`  // answered in time that too little of it was left (nbr 15)
	Late     int64 `json:"late"`     // answered, but more than tmax after they were due
	Timeouts int64 `json:"timeouts"` // not answered within tmax
	Errors   int64 `json:"errors"`   // refused, reset, other statuses

	LatencyUS Percentiles `json:"latency_us"` // of all but errors
	FullUS    Percentiles `json:"full_us"`
	ShedUS    Percentiles `json:"shed_us"` // of those that are empty, or had no time
	LagUS     Percentiles `json:"lag_us"`  // from when they were due until we began to send them: our own part
}

// ending is how a request ended.
type ending int

const (
	endUnsent ending = iota
	endFull
	endEmpty
	endNoTime
	endLate
	endTimeout
	endError
)

// stageTally is the books of one stage while they are kept. The tally's lock
// is held.
type stageTally struct {
	books           StageBooks
	all, full, shed *hdrhistogram.Histogram // nil: nothing yet
	lag             *hdrhistogram.Histogram
}

func (s *stageTally) end(how ending, took time.Duration) {
	b := &s.books
	b.Due++
	switch how {
	case endUnsent:
		b.Unsent++
	case endFull:
		b.Full++
		recordIn(&s.full, took)
	case endEmpty:
		b.Empty++
		recordIn(&s.shed, took)
	case endNoTime:
		b.NoTime++
		recordIn(&s.shed, took)
	case endLate:
		b.Late++
	case endTimeout:
		b.Timeouts++
	case endError:
		b.Errors++
		return
	}
	recordIn(&s.all, took)
}

func recordIn(h **hdrhistogram.Histogram, d time.Duration) {
	if *h == nil {
		*h = newHistogram()
	}
	record(*h, d)
}

func (s *stageTally) close() StageBooks {
	b := s.books
	for _, x := range []struct {
		h  *hdrhistogram.Histogram
		to *Percentiles
	}{{s.all, &b.LatencyUS}, {s.full, &b.FullUS}, {s.shed, &b.ShedUS}, {s.lag, &b.LagUS}} {
		if x.h != nil {
			*x.to = percentiles(x.h)
		}
	}
	return b
}

// ended books how a request ended, by stage too if that is kept. What
// an answer says counts for nothing when it comes after tmax.
func (t *tally) ended(stage int, how ending, took, tmax time.Duration) {
	if took > tmax && (how == endFull || how == endEmpty || how == endNoTime) {
		how = endLate
	}
	t.mu.Lock()
	if how == endLate {
		t.stats.Late++
	}
	if len(t.stages) > 0 {
		t.stages[stage].end(how, took)
	}
	t.mu.Unlock()
}

// left books how late we began to send a request, by stage too if that is kept.
func (t *tally) left(stage int, lag time.Duration) {
	t.mu.Lock()
	record(t.lag, lag)
	if len(t.stages) > 0 {
		recordIn(&t.stages[stage].lag, lag)
	}
	t.mu.Unlock()
}

// stageBooks returns the books of all stages, if they are kept.
func (t *tally) stageBooks() (all []StageBooks) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.stages {
		all = append(all, t.stages[i].close())
	}
	return all
}
