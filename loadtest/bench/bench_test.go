package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, // it ends by itself at its next look
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

func measured(cpu, p99, allocs float64) Measurement {
	return Measurement{CPU: cpu, P50: p99 / 2, P99: p99, Allocs: allocs, report: &load.Report{Answers: 10, Bids: 4}}
}

// The figures are medians of rounds, each over the null bidder's of its round.
func TestResult(t *testing.T) {
	cfg := Config{Sizes: []int{1_000, 10_000, 100_000}, Rounds: 3, Each: time.Second}
	r := newResult(&cfg)
	for i, n := range cfg.Sizes {
		s := Size{LineItems: n, Resident: int64(n) << 10}
		for _, machine := range []float64{1, 4, 2} { // its neighbours come and go
			s.null = append(s.null, measured(20*machine, 500, 3))
			s.echo = append(s.echo, measured(10*machine, 400, 1))
			s.bid = append(s.bid, measured(float64(30+6*i)*machine, 1500, 5))
		}
		r.Sizes = append(r.Sizes, s)
	}
	r.sum(&cfg)
	if r.LineItems != 10_000 || r.CPUNull != 40 || r.CPUBid != 72 || r.Ratio != 1.8 || r.RatioEcho != 3.6 || r.Allocs != 2 || r.Resident != 100_000<<10 {
		t.Errorf("%+v", r)
	}
	if math.Abs(r.Ratio100k-1.4) > 1e-9 {
		t.Errorf("100,000 over 1,000: %v", r.Ratio100k)
	}
	if s := r.Sizes[1].CPUBid; s != (Spread{72, 36, 144}) || r.Sizes[1].BidShare != .4 {
		t.Errorf("spread %+v, %+v", s, r.Sizes[1])
	}

	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var shape map[string]any
	if err := json.Unmarshal(b, &shape); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"cpu_us_null", "cpu_us_bid", "ratio", "ratio_100k_over_1k", "p99_us_null", "p99_us_bid", "allocs_per_request", "rss_bytes", "violations", "shed", "conditions", "sizes"} {
		if _, ok := shape[key]; !ok {
			t.Errorf("the JSON has no %s", key)
		}
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| CPU per request / null bidder's | 2.0 | 1.5 | 1.80 | 1.80 to 1.80 |", "at 1,000 | 3 | 2 | 1.40", "| 100,000 |"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

func TestSpreadOfNothingAndOfTwo(t *testing.T) {
	if spread(nil) != (Spread{}) || spread([]float64{3, 1}) != (Spread{2, 1, 3}) {
		t.Errorf("%v, %v", spread(nil), spread([]float64{3, 1}))
	}
}

// The null bidder answers with a bid, the echo with what came, and both say
// what they allocated.
func TestServeNull(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	for want, cfg := range map[string]NullConfig{canned: {Redis: redis.Addr(), Keyer: keyer}, `{"user":{"buyeruid":"b1"}}`: {}} {
		ctx, stop := context.WithCancel(t.Context())
		in, out := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- ServeNull(ctx, cfg, out) }()
		url, err := bufio.NewReader(in).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		url = strings.TrimSpace(url)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r, err := client.Post(url+"/openrtb2/alpha", "application/json", strings.NewReader(`{"user":{"buyeruid":"b1"}}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%v: %s", err, body)
		}
		text, err := get(url)
		if n, e := strconv.Atoi(text); err != nil || e != nil || n < 1 {
			t.Errorf("allocations %q: %v", text, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if !json.Valid([]byte(canned)) {
		t.Error("the canned bid is no JSON")
	}
}

func TestTheSystemTellsOfProcesses(t *testing.T) {
	before, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 20*time.Millisecond; {
	}
	after, err := cpuOf(os.Getpid())
	if err != nil || after <= before || after-before > 10*time.Second {
		t.Errorf("%v after %v: %v", after, before, err)
	}
	if n, err := residentOf(os.Getpid()); err != nil || n < 1<<20 {
		t.Errorf("%d bytes: %v", n, err)
	}
}

func TestWhatCannotBeMeasured(t *testing.T) {
	good := Config{Executable: "x", Sizes: []int{1}, Rounds: 1, Each: time.Second, MaxRate: 1000, Users: 1}
	if err := good.validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"program": func(c *Config) { c.Executable = "" }, "numbers": func(c *Config) { c.Sizes = nil }, "line items": func(c *Config) { c.Sizes = []int{0} },
		"rounds": func(c *Config) { c.Rounds = 0 }, "measurement": func(c *Config) { c.Each = time.Hour * 2 }, "rate": func(c *Config) { c.Rate = -1 },
		"highest": func(c *Config) { c.MaxRate = 1 }, "users": func(c *Config) { c.Users = 0 },
	} {
		c := good
		change(&c)
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
