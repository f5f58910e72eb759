package loadtest

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// An answer that comes after tmax is late, whatever it says.
func TestWhatEndsAStage(t *testing.T) {
	const tmax = 100 * time.Millisecond
	tally := newTally(false, 1)
	for _, e := range []struct {
		how  ending
		took time.Duration
	}{
		{endFull, tmax}, {endFull, tmax + 1}, {endEmpty, 1}, {endEmpty, tmax + 1}, {endNoTime, 1}, {endNoTime, 2 * tmax},
		{endTimeout, 2 * tmax}, {endError, 2 * tmax}, {endUnsent, tmax},
	} {
		tally.ended(0, e.how, e.took, tmax)
	}
	tally.left(0, time.Millisecond)
	if n := tally.snapshot().Late; n != 3 || tally.lags().Max < 990 {
		t.Errorf("%d are late in all, lag %+v", n, tally.lags())
	}
	b := tally.stageBooks()[0]
	if b.Due != 9 || b.Full != 1 || b.Empty != 1 || b.NoTime != 1 || b.Late != 3 || b.Timeouts != 1 || b.Errors != 1 || b.Unsent != 1 {
		t.Errorf("%+v", b)
	}
	if b.FullUS.Max > 101_000 || b.FullUS.Max < 99_000 || b.ShedUS.Max > 2 || b.LatencyUS.Max < 199_000 || b.LagUS.Max < 990 {
		t.Errorf("%+v", b)
	}
}

// A no-bid for lack of time is told apart from others; an error status is
// counted, and has no latency.
func TestEndingsOfAnswers(t *testing.T) {
	bidder := startBidder(t)
	n := 0
	bidder.before = func(w http.ResponseWriter, _ *http.Request) bool {
		bidder.mu.Lock()
		defer bidder.mu.Unlock()
		switch n++; n % 4 {
		case 0:
			fmt.Fprint(w, `{"id":"1","nbr":15}`)
		case 1:
			fmt.Fprint(w, `{"id":"1","nbr":8}`)
		case 2:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
		return true
	}
	for _, bidsOnly := range []bool{false, true} {
		n = 0
		cfg := config(t, bidder.url())
		cfg.Stages = []Stage{{From: 200, To: 200, For: time.Hour}}
		cfg.Requests, cfg.BidsOnly = 40, bidsOnly
		books := run(t, cfg)
		if b := books.Stages[0]; b.Due != 40 || b.Full != 10 || b.Empty != 10 || b.NoTime != 10 || b.Errors != 10 {
			t.Errorf("bids only %v: %+v", bidsOnly, b)
		}
		if books.NoBids["nbr_15"] != 10 || books.NoBids["nbr_8"] != 10 || books.NoBids["204"] != 10 || books.HTTPErrors["status_500"] != 10 || books.Answers != 30 {
			t.Errorf("bids only %v: %+v", bidsOnly, books.Stats)
		}
	}
}
