package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// The bidder is killed with kill -9 in the middle of traffic and started again,
// twice, while the exchange goes on and sends again what was not answered 200.
// Afterwards both books agree to the nano, campaign by campaign.
func TestBooksAgreeThoughTheBidderIsKilled(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	const speed = 1200 // 20 minutes of market time per second
	anchor, origin := time.Now(), time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	market, err := clock.NewMarket(anchor, origin, speed)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	start := func(at *server) *server {
		return serve(t, at, nil, "--data-dir", data, "--audience", redis.Addr(), "--tick", "50ms", "--catalog-refresh", "100ms",
			"--vendor-id", fmt.Sprint(loadtest.DefaultVendorID), "--market-speed", fmt.Sprint(speed),
			"--market-anchor", anchor.Format(time.RFC3339Nano), "--market-origin", origin.Format(time.RFC3339Nano))
	}
	bidder := start(nil)
	api := apiOf(t, bidder, data)
	campaigns := setUp(t, api,
		v1.Budget{Lifetime: 100 * money.Unit}, v1.Budget{Daily: 100 * money.Unit},
		v1.Budget{Lifetime: money.Unit * 3 / 10}, v1.Budget{Daily: money.Unit / 10}) // two that will be used up
	buy(t, bidder) // everything is in the catalog

	// Given an exchange in the middle of its traffic.
	stop := make(chan struct{})
	wins := make(chan int64, 1)
	type outcome struct {
		books *loadtest.Books
		err   error
	}
	played := make(chan outcome, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 180*time.Second)
	defer cancel()
	go func() {
		b, err := loadtest.RunExchange(ctx, loadtest.ExchangeConfig{
			Target: bidder.exchanges, Clock: market, Rate: 300, Seed: 1, Users: 2000, Grace: 25 * time.Second,
			TMaxLow: time.Second, TMaxHigh: time.Second, Stop: stop,
			Progress: func(s loadtest.Stats) {
				select {
				case <-wins:
				default:
				}
				wins <- s.Wins
			},
		})
		played <- outcome{b, err}
	}()
	awaitWins := func(n int64) {
		t.Helper()
		for {
			select {
			case got := <-wins:
				if got >= n {
					return
				}
			case o := <-played:
				t.Fatalf("the exchange ended early: %v", o.err)
			case <-ctx.Done():
				t.Fatalf("no %d wins", n)
			}
		}
	}

	// When it is killed and started again, twice.
	awaitWins(100)
	for _, more := range []int64{250, 400} {
		bidder.kill()
		bidder = start(bidder)
		awaitWins(more)
	}
	close(stop)
	end := <-played
	if end.err != nil {
		t.Fatal(end.err)
	}

	// Then what was answered 200 is what is booked.
	books := end.books
	want := money.Nanos(books.BilledNotifiedNanos)
	t.Logf("%d requests, %d wins, %d notices, %d retried; failures %v; billed %s",
		books.Requests, books.Wins, books.Notices.Sent, books.Notices.Retried, books.Notices.Failures, want)
	if want == 0 || books.Notices.Retried == 0 || books.Notices.Unanswered != 0 {
		t.Errorf("the test shows nothing: %+v", books.Notices)
	}
	if len(books.Violations) > 0 {
		t.Errorf("violations %v", books.Violations)
	}
	// A clean stop books all that the log has: what is booked then is final.
	if status := bidder.signal(os.Interrupt); status != 0 {
		t.Errorf("exit status %d", status)
	}
	start(bidder)
	all, each := booked(t, api, campaigns)
	if all != want {
		t.Errorf("the exchange billed and told %s, booked are %s", want, all)
	}
	for _, c := range campaigns {
		id := fmt.Sprint(c.ID)
		if told := money.Nanos(books.Campaigns[id].BilledNotifiedNanos); told != each[id] {
			t.Errorf("campaign %s: the exchange billed and told %s, booked are %s", id, told, each[id])
		}
	}
}
