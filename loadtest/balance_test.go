package loadtest

import (
	"sync"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
)

// Given three bidders of which one goes away when it has bid twenty times and
// heard of a bill, then each bids, each hears of others' bids, who is away is
// passed over, and what all of them heard of is what the exchange told.
func TestSeveralBidders(t *testing.T) {
	bidders := []*fakeBidder{startBidder(t), startBidder(t), startBidder(t)}
	cfg := config(t, "")
	cfg.Rate, cfg.KeepSales = 200, true
	for _, b := range bidders {
		cfg.Targets = append(cfg.Targets, b.url())
	}
	var mu sync.Mutex
	bids := make([]int, len(bidders))
	gone := false
	cfg.OnBid = func(target int, _ string) {
		mu.Lock()
		defer mu.Unlock()
		bids[target]++
		if !gone && bids[2] >= 20 && bidders[2].billed() > 0 {
			gone = true
			bidders[2].stop()
		}
	}

	stop, ended := make(chan struct{}), false
	cfg.Stop = stop
	deadline := time.Now().Add(time.Minute)
	cfg.Progress = func(s Stats) {
		passedOver := s.Targets[2].Refused > 0
		if ended || !passedOver && time.Now().Before(deadline) {
			return
		}
		ended = true
		close(stop)
		if !passedOver {
			t.Errorf("who is away is not passed over within a minute: %+v", s)
		}
	}

	books := run(t, cfg)

	var heard int64
	for i, b := range bidders {
		if bids[i] < 20 || b.billed() == 0 {
			t.Errorf("bidder %d bid %d times and heard of bills of %s", i, bids[i], b.billed())
		}
		heard += int64(b.billed())
	}
	// A bill that was taken but not answered, as the bidder went, is told to
	// another too.
	if heard < books.BilledNotifiedNanos || books.HTTPErrors[refused] != 0 {
		t.Errorf("the exchange told of %d nanos, bidders heard of %d; errors %v", books.BilledNotifiedNanos, heard, books.HTTPErrors)
	}
	var notified, unnotified int64
	for _, s := range books.Sales {
		switch {
		case s.Billed && s.Notified:
			notified += int64(s.Price)
		case s.Billed:
			unnotified += int64(s.Price)
		}
	}
	if int64(len(books.Sales)) != books.Wins || notified != books.BilledNotifiedNanos || unnotified != books.BilledUnnotifiedNanos {
		t.Errorf("%d sales of %d and %d nanos; want those of %+v", len(books.Sales), notified, unnotified, books.Stats)
	}
}

func TestReorder(t *testing.T) {
	won := &bid{Bid: openrtb2.Bid{NURL: "http://localhost/w", BURL: "http://localhost/b"}, pixel: "http://localhost/v", click: "http://localhost/c"}
	x := DefaultExchanges()[0]
	const n = 5000
	early := map[float64]int{} // bills before the win, by share
	for _, share := range []float64{0, .5} {
		f := fate{DefaultBehaviour(), 1}
		f.Reorder = share
		for seq := range uint64(n) {
			at := map[noticeKind]time.Duration{}
			for _, p := range f.ofWin(&bidRequest{seq: seq, exchange: &x}, 0, won, &sale{campaign: "1"}, &macros{}) {
				at[p.kind] = p.delay
			}
			if bill, ok := at[billingNotice]; ok && bill < at[winNotice] {
				early[share]++
			}
		}
	}
	if early[.5] < early[0]+n/8 {
		t.Errorf("bills before wins: %v of %d", early, n)
	}
}
