package loadtest

import (
	"testing"
	"time"
)

// A warm-up plays other requests than the run, which is as it would be without:
// nothing of it is counted, judged or bought.
func TestWarmUpIsNotOfTheRun(t *testing.T) {
	bidder := startBidder(t)
	cfg := config(t, bidder.url())
	cfg.Stages = []Stage{{From: 400, To: 400, For: 300 * time.Millisecond}}
	cfg.Even = true
	cfg.Behaviour = DefaultBehaviour()
	cfg.Behaviour.Lost = 0
	cfg.WarmUp = 250 * time.Millisecond
	var warm int
	cfg.Warm = func() { warm = len(bidder.requests()) }

	books := run(t, cfg)

	if due := books.Requests + books.Unsent; due < 119 || due > 120 || books.Stages[0].Due != due || books.Answers != books.Requests {
		t.Errorf("%d due, %d answered, by stage %d; want 120", due, books.Answers, books.Stages[0].Due)
	}
	all := bidder.requests()
	if warm < 99 || warm > 100 || len(all) != warm+int(books.Requests) {
		t.Errorf("the bidder saw %d requests before the run and %d in all; want 100 more than the run's %d", warm, len(all), books.Requests)
	}
	w, err := newRequestWriter(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= uint64(books.Requests); seq++ {
		if all[w.id(seq)] == "" {
			t.Fatalf("request %d was not sent", seq)
		}
	}
	if books.Wins == 0 || books.Wins != int64(len(bidder.wins)) {
		t.Errorf("%d wins in the books, the bidder heard of %d", books.Wins, len(bidder.wins))
	}
	if books.SentBytes < 500*books.Requests || books.SentBytes > 6000*books.Requests || books.LatencyUS.Max == 0 {
		t.Errorf("%d bytes for %d requests, latency %+v", books.SentBytes, books.Requests, books.LatencyUS)
	}
}

// A run that is stopped in its warm-up plays nothing.
func TestStopInAWarmUp(t *testing.T) {
	bidder := startBidder(t)
	stop := make(chan struct{})
	close(stop)
	cfg := config(t, bidder.url())
	cfg.WarmUp, cfg.Stop = time.Minute, stop
	cfg.Warm = func() { t.Error("it is told to be warm") }
	if books := run(t, cfg); books.Requests != 0 {
		t.Errorf("%d requests", books.Requests)
	}
}
