package loadtest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
)

// config returns a run in which a market day takes about two seconds.
func config(t *testing.T, target string) ExchangeConfig {
	t.Helper()
	start := time.Now()
	market, err := clock.NewMarket(start, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 40_000)
	if err != nil {
		t.Fatal(err)
	}
	return ExchangeConfig{Target: target, Clock: market, Start: start, Rate: 1000, Seed: 1, Users: 1000,
		// A busy machine must not time out what a test wants answered.
		TMaxLow: MaxTMax, TMaxHigh: MaxTMax, MaxInFlight: 2000}
}

// run plays cfg. The violations of a bidder that does all right are a fault
// of the checks.
func run(t *testing.T, cfg ExchangeConfig) *Books {
	t.Helper()
	books, err := RunExchange(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(books.Violations) > 0 {
		t.Errorf("violations %v", books.Violations)
	}
	return books
}

func TestBooksAgreeToTheNano(t *testing.T) {
	// Given a bidder that fails on every fifth notice, half of these after it
	// has taken the notice in, and that is killed and started again.
	bidder := startBidder(t)
	var calls atomic.Int64
	bidder.before = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/openrtb2/") {
			return false
		}
		switch n := calls.Add(1); n % 10 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		case 5:
			bidder.serveNotice(discard{http.Header{}}, r)
			panic(http.ErrAbortHandler) // no answer
		case 7:
			if n == 207 {
				go func() { bidder.stop(); bidder.start() }()
			}
		}
		return false
	}
	cfg := config(t, bidder.url())
	cfg.Requests, cfg.Rate = 800, 2000
	cfg.Behaviour = DefaultBehaviour()
	cfg.Behaviour.Lost = .05
	cfg.Behaviour.ClickHigh = .1

	books := run(t, cfg)

	if got, want := books.BilledNotifiedNanos, int64(bidder.billed()); got != want || got == 0 {
		t.Errorf("the exchange billed and told %d nanos, the bidder heard of %d", got, want)
	}
	if books.BilledUnnotifiedNanos == 0 || books.Notices.Withheld == 0 {
		t.Error("no bill was withheld: the test shows nothing")
	}
	if books.Notices.Retried == 0 || books.Notices.Duplicated == 0 || books.Clicks == 0 || books.Losses == 0 {
		t.Errorf("want retries, duplicates, clicks and losses: %+v", books.Stats)
	}
	if books.Notices.Unanswered != 0 || books.Notices.Outstanding != 0 {
		t.Errorf("left over: %+v", books.Notices)
	}
	for name, accounts := range map[string]map[string]Account{"exchanges": books.Exchanges, "campaigns": books.Campaigns} {
		var sum Account
		for _, a := range accounts {
			sum.Wins += a.Wins
			sum.Impressions += a.Impressions
			sum.Clicks += a.Clicks
			sum.BilledNotifiedNanos += a.BilledNotifiedNanos
			sum.BilledLateNanos += a.BilledLateNanos
			sum.BilledUnnotifiedNanos += a.BilledUnnotifiedNanos
		}
		if sum != (Account{books.Wins, books.Impressions, books.Clicks, books.BilledNotifiedNanos, books.BilledUnnotifiedNanos, sum.BilledLateNanos}) {
			t.Errorf("%s add up to %+v, not to %+v", name, sum, books.Stats)
		}
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func TestSameSeedSameBooks(t *testing.T) {
	// Given two bidders, one of which takes its time now and then.
	var books [2]*Books
	var bodies [2]map[string]string
	for i := range books {
		bidder := startBidder(t)
		if i == 1 {
			var calls atomic.Int64
			bidder.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if calls.Add(1)%7 == 0 {
					<-time.After(10 * time.Millisecond)
				}
				return false
			}
		}
		cfg := config(t, bidder.url())
		cfg.Requests, cfg.Rate = 300, 1000
		books[i] = run(t, cfg)
		bodies[i] = bidder.requests()
	}
	if len(bodies[0]) != 300 || len(bodies[1]) != 300 {
		t.Fatalf("%d and %d requests, want 300", len(bodies[0]), len(bodies[1]))
	}
	for id, body := range bodies[0] {
		if bodies[1][id] != body {
			t.Fatalf("requests differ:\n%s\n%s", body, bodies[1][id])
		}
	}
	a, b := books[0], books[1]
	if a.Wins != b.Wins || a.Losses != b.Losses || a.Impressions != b.Impressions || a.Clicks != b.Clicks ||
		a.BilledNotifiedNanos != b.BilledNotifiedNanos || a.BilledUnnotifiedNanos != b.BilledUnnotifiedNanos {
		t.Errorf("books differ:\n%+v\n%+v", a.Stats, b.Stats)
	}
}

func TestSlowBidderDoesNotSlowTheSchedule(t *testing.T) {
	// Given a bidder that answers nothing until the run is over, and room for
	// all requests.
	bidder := startBidder(t)
	release := make(chan struct{})
	bidder.before = func(http.ResponseWriter, *http.Request) bool { <-release; return true }
	defer close(release)
	cfg := config(t, bidder.url())
	cfg.Rate, cfg.Duration, cfg.Even = 400, 300*time.Millisecond, true
	cfg.TMaxLow, cfg.TMaxHigh = 400*time.Millisecond, 500*time.Millisecond

	books := run(t, cfg)

	// Then as many left as the schedule has, and each was waited for to tmax.
	plan, due := newSchedule(&cfg), int64(0)
	for plan.next() < cfg.Duration {
		due++
	}
	if books.Requests != due || books.Unsent != 0 || books.HTTPErrors["timeout"] != due {
		t.Errorf("%d sent, %d unsent, errors %v; %d were due", books.Requests, books.Unsent, books.HTTPErrors, due)
	}
	if books.LatencyUS.P50 < 400_000 {
		t.Errorf("median latency %d us, though nothing was answered", books.LatencyUS.P50)
	}
}

func TestRequestsBeyondTheBoundAreCounted(t *testing.T) {
	bidder := startBidder(t)
	release := make(chan struct{})
	bidder.before = func(http.ResponseWriter, *http.Request) bool { <-release; return true }
	defer close(release)
	cfg := config(t, bidder.url())
	cfg.Requests, cfg.Rate, cfg.MaxInFlight, cfg.TMaxLow, cfg.TMaxHigh = 50, 10_000, 4, 100*time.Millisecond, 200*time.Millisecond
	books := run(t, cfg)
	if books.Requests+books.Unsent != 50 || books.Requests < 4 || books.Unsent == 0 {
		t.Errorf("%d sent, %d unsent of 50", books.Requests, books.Unsent)
	}
}

func TestGraceEndsWithoutABidder(t *testing.T) {
	// Given a bidder that bids and then is gone for good.
	bidder := startBidder(t)
	var once sync.Once
	bidder.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/n/") {
			if strings.HasPrefix(r.URL.Path, "/n/view") { // what it won was shown, and so is billed
				once.Do(func() { go bidder.stop() })
			}
			panic(http.ErrAbortHandler)
		}
		return false
	}
	cfg := config(t, bidder.url())
	cfg.Requests, cfg.Grace = 100, 200*time.Millisecond

	books := run(t, cfg)

	if books.BilledNotifiedNanos != 0 || books.BilledUnnotifiedNanos == 0 || books.Notices.Unanswered == 0 {
		t.Errorf("nothing was answered, yet: %+v", books.Stats)
	}
}

func TestStopFlushesAndCancelDoesNot(t *testing.T) {
	bidder := startBidder(t)
	cfg := config(t, bidder.url())
	stop := make(chan struct{})
	cfg.Stop = stop
	var once sync.Once
	cfg.Progress = func(s Stats) {
		if s.Requests > 0 {
			once.Do(func() { close(stop) })
		}
	}
	books := run(t, cfg)
	if books.Notices.Outstanding != 0 || books.BilledNotifiedNanos != int64(bidder.billed()) || books.Requests == 0 {
		t.Errorf("after a stop: %+v", books.Stats)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cfg = config(t, bidder.url())
	cfg.Progress = func(Stats) { cancel() }
	if _, err := RunExchange(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
}

// A cancelled run does not wait for answers, and blames nobody for that.
func TestCancelGivesUpOnAnswers(t *testing.T) {
	over := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	bidder := startBidder(t)
	bidder.before = func(http.ResponseWriter, *http.Request) bool {
		cancel()
		<-over
		return true
	}
	t.Cleanup(func() { close(over) })
	cfg := config(t, bidder.url())
	books, err := RunExchange(ctx, cfg)
	if !errors.Is(err, context.Canceled) || books.Requests == 0 || books.Answers != 0 || len(books.HTTPErrors) != 0 {
		t.Errorf("%v: %+v", err, books.Stats)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*ExchangeConfig){
		"no target":      func(c *ExchangeConfig) { c.Target = "" },
		"other host":     func(c *ExchangeConfig) { c.Target = "http://192.0.2.1:8080" },
		"name":           func(c *ExchangeConfig) { c.Target = "http://bidder.example.com" },
		"user part":      func(c *ExchangeConfig) { c.Target = "http://127.0.0.1@192.0.2.1/" },
		"https":          func(c *ExchangeConfig) { c.Target = "https://127.0.0.1" },
		"rate":           func(c *ExchangeConfig) { c.Rate = -1 },
		"users":          func(c *ExchangeConfig) { c.Users = -1 },
		"no exchange":    func(c *ExchangeConfig) { c.Exchanges = []Exchange{} },
		"auction type":   func(c *ExchangeConfig) { c.Exchanges = []Exchange{{Name: "x", AuctionType: 3}} },
		"behaviour":      func(c *ExchangeConfig) { c.Behaviour.Render = 2 },
		"negative grace": func(c *ExchangeConfig) { c.Grace = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := ExchangeConfig{Target: "http://127.0.0.1:1"}
			change(&cfg)
			if _, err := RunExchange(t.Context(), cfg); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestBooksAsJSON(t *testing.T) {
	books := Books{Stats: Stats{BilledNotifiedNanos: 1234567890123456789}}
	text, err := json.Marshal(books)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"exchange_billed_notified_nanos":"1234567890123456789"`, `"latency_us":{"p50":0`, `"requests":0`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
