package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/loopback"
	"github.com/tangent-dsp/tangent/money"
)

// A bidder and a worker are processes of their own. While none books, a bidder
// goes on only until a notice waits for it, and then for the bound. When one
// books again, so does bidding.
func TestBiddingStopsWhileNobodyBooks(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	port := loopback.Need(t, 1)[0]
	launch(t, nil, "loadtest", "nats-server", "--name", "log", "--dir", t.TempDir(), "--port", strconv.Itoa(port))
	data := t.TempDir()
	shared := []string{
		"--database", "file:" + filepath.Join(data, "tangent.db"), "--events", fmt.Sprintf("nats://127.0.0.1:%d", port),
		"--audience", redis.Addr(), "--drain-time", "0s", "--tick", "50ms", "--catalog-refresh", "100ms",
	}
	work := func() *server {
		return serve(t, nil, nil, append(shared, "--role", "worker", "--name", "w", "--data-dir", filepath.Join(data, "worker"))...)
	}
	worker := work()
	const bound = 2 * time.Second
	bidder := serve(t, nil, nil, append(shared, "--role", "bidder,control", "--data-dir", data, "--max-booking-stall", bound.String())...)
	api := apiOf(t, bidder, data)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit})

	// Given a worker that died, and nothing to book.
	one, _ := buy(t, bidder)
	notify(t, bidder, expand(one.BURL, "1.5"))
	bookedNow := func(want money.Nanos) func() bool {
		return func() bool { all, _ := booked(t, api, campaigns); return all == want }
	}
	await(t, "a worker books", bookedNow(1_500_000))
	await(t, "nothing is left in the log", func() bool { return gauge(t, worker, "tangent_log_unbooked_messages") == 0 })
	worker.kill()
	for quiet := time.Now(); time.Since(quiet) < bound+time.Second; {
		buy(t, bidder)                    // it bids all the while,
		time.Sleep(50 * time.Millisecond) // and has money for it
	}

	// When a notice comes, then bidding stops and stays off. After how long, a
	// test of package app says, with a clock of its own.
	waits, _ := buy(t, bidder)
	notify(t, bidder, expand(waits.BURL, "1.5"))
	await(t, "/readyz says that booking stands still", func() bool {
		status, body := fetch(t, bidder.admin+"/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "booking stands still")
	})
	refused := func() float64 {
		return gauge(t, bidder, `tangent_bidder_no_bids_total{exchange="alpha",reason="stopped"}`)
	}
	before := refused()                                       // while it started
	await(t, "a request is refused as stopped", func() bool { // no bid alone may be for want of money
		ask(t, bidder)
		return refused() > before
	})
	if _, ok := ask(t, bidder); ok {
		t.Error("a bid while booking stands still")
	}
	await(t, "the lag is told", func() bool { return gauge(t, bidder, "tangent_booking_lag_seconds") > bound.Seconds() })

	// And with a worker it goes on by itself.
	work()
	await(t, "what waited is booked", bookedNow(3_000_000))
	buy(t, bidder)
	if status, body := fetch(t, bidder.admin+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz says %d %s", status, body)
	}
}

// The log is away, a bidder spools a notice, answers it 200 and dies at once,
// before it could tell anybody. Started again in its folder it replays it, and
// the bill is booked once.
func TestABidderThatDiesWithAFilledSpoolReplaysIt(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	port, dir, data := loopback.Need(t, 1)[0], t.TempDir(), t.TempDir()
	log := func() *process {
		return launch(t, nil, "loadtest", "nats-server", "--name", "log", "--dir", dir, "--port", strconv.Itoa(port))
	}
	nats := log()
	args := []string{
		"--data-dir", data, "--events", fmt.Sprintf("nats://127.0.0.1:%d", port), "--audience", redis.Addr(),
		"--drain-time", "0s", "--tick", "50ms", "--catalog-refresh", "100ms",
	}
	s := serve(t, nil, nil, args...)
	api := apiOf(t, s, data)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit})
	bid, _ := buy(t, s)
	nats.kill()
	if status, _ := fetch(t, expand(bid.BURL, "1.5")); status != http.StatusOK {
		t.Fatalf("a notice while the log is away is answered %d", status)
	}
	s.kill()
	if all, err := os.ReadDir(filepath.Join(data, "spool")); err != nil || len(all) == 0 {
		t.Fatalf("the spool has %v, %v", all, err)
	}
	// The log is still away: its worker is not ready, and it bids all the same.
	s = &server{process: launch(t, nil, append([]string{"serve", "--log-format", "json",
		"--listen", strings.TrimPrefix(s.exchanges, "http://"), "--api-listen", strings.TrimPrefix(s.api, "http://"), "--admin-listen", "127.0.0.1:0"}, args...)...)}
	s.await("it is up", s.readAddresses)
	buy(t, s)
	if n := gauge(t, s, "tangent_spool_records"); n != 1 {
		t.Errorf("%v records are in the spool, want 1", n)
	}
	log()
	await(t, "it is booked", func() bool { all, _ := booked(t, api, campaigns); return all == 1_500_000 })
	notify(t, s, expand(bid.BURL, "1.5")) // the exchange repeats it
	await(t, "that is known", func() bool { return gauge(t, s, `tangent_booking_events_total{outcome="duplicate"}`) >= 1 })
	if all, _ := booked(t, api, campaigns); all != 1_500_000 {
		t.Errorf("booked %d nanos, want 1500000", all)
	}
}

// gauge returns a sample of /metrics by its name and labels, or -1.
func gauge(t *testing.T, s *server, name string) float64 {
	t.Helper()
	_, body := fetch(t, s.admin+"/metrics")
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	return -1
}
