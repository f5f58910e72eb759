package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, // it ends by itself at its next look
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

func measured(cpu, p99, allocs float64) Measurement {
	return Measurement{CPU: cpu, P50: p99 / 2, P99: p99, Allocs: allocs, RedisCPU: cpu / 4, Due: 100, Lost: 20, report: &load.Report{
		Requests: 100, Answers: 80, Bids: 32, SentBytes: 200_000, ReceivedBytes: 90_000,
		Curve: []loadtest.Quantile{{Share: .5, US: int64(p99 / 2)}, {Share: .99, US: int64(p99)}},
	}}
}

// played is the result of three rounds, in which the machine is as fast as it
// is, four times slower and twice as slow.
func played(cfg *Config) *Result {
	r := newResult(cfg)
	add := func(kind string, n int, cpu, p99, allocs float64) *Series {
		s := &Series{Kind: kind, LineItems: n, Resident: int64(n) << 10}
		for _, machine := range []float64{1, 4, 2} {
			s.rounds = append(s.rounds, measured(cpu*machine, p99, allocs))
		}
		r.Series = append(r.Series, s)
		return s
	}
	for i, n := range cfg.Sizes {
		add(ofBid, n, float64(30+6*i), 1500, 5)
	}
	notices := add(ofNotices, 10_000, 48, 1500, 9)
	for i := range notices.rounds {
		notices.rounds[i].report.Notices.Sent, notices.rounds[i].report.Wins = 200, 80
	}
	add(ofUntold, 10_000, 36, 1500, 9)
	near := add(ofCache, 10_000, 25, 1500, 4)
	for i := range near.rounds {
		near.rounds[i].Near = .9
	}
	add(ofNull, 0, 20, 500, 3)
	add(ofEcho, 0, 10, 400, 1)
	r.Shed = &load.Shed{Rate: 8000, Due: 1000, AcceptedShare: .6, AcceptedP99: 42_000, ShedShare: .3, Recovery: .5}
	r.sum(cfg)
	return r
}

func sizes() *Config {
	return &Config{Sizes: []int{1_000, 10_000, 100_000}, Rounds: 3, Each: time.Second}
}

// The figures are medians of rounds, each over the null bidder's of its round.
func TestResult(t *testing.T) {
	r := played(sizes())
	if r.LineItems != 10_000 || r.CPUNull != 40 || r.CPUBid != 72 || r.Ratio != 1.8 || r.RatioEcho != 3.6 || r.RatioP99 != 3 || r.Allocs != 2 || r.AllocsNull != 3 {
		t.Errorf("%+v", r)
	}
	if r.Resident != 100_000<<10 || r.Notice != (Spread{12, 6, 24}) || r.CPUNotice != 12 || r.RedisCPU != 18 || r.RequestBytes != 2000 || r.ResponseBytes != 900 || r.RatioCache != 2.5 {
		t.Errorf("%+v", r)
	}
	if math.Abs(r.Ratio100k-1.4) > 1e-9 || r.Growth.High-r.Growth.Low > 1e-9 {
		t.Errorf("100,000 over 1,000: %v, %v", r.Ratio100k, r.Growth)
	}
	if s := r.find(ofBid, 10_000); s.CPU != (Spread{72, 36, 144}) || s.BidShare != .4 || s.Due != 300 || s.Lost != 60 || s.Wins != 0 || len(s.Curve) != 2 {
		t.Errorf("%+v", s)
	}

	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var shape map[string]any
	if err := json.Unmarshal(b, &shape); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"cpu_us_null", "cpu_us_bid", "ratio", "ratio_100k_over_1k", "p99_us_null", "p99_us_bid", "allocs_per_request", "rss_bytes", "violations", "shed", "quiet", "conditions", "series"} {
		if _, ok := shape[key]; !ok {
			t.Errorf("the JSON has no %s", key)
		}
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| CPU per bid request / null bidder's | 1.80 | 1.80 to 1.80 | 1.5 |", "at 1,000 | 1.40", "| bidder, 100,000 |", "| with auctions, 10,000 |", " | 60 of 300 | ", "answers 90 % of the reads / bare echo's | 2.50 |",
		"Medians of 3 rounds of 1 s after 1 s of warm-up, all", "60 % accepted (p50 0.0 ms, p99 42.0 ms", "30 % shed", "as before after 0.50 s"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

// A generator that could not send as fast as it was to is said.
func TestTheGeneratorAsLimitIsSaid(t *testing.T) {
	r := played(sizes())
	r.ShedApart, r.ShedKept = true, 4000
	for lag, want := range map[int64]bool{9_000: false, 12_500: true} {
		r.Shed.LagP99 = lag
		var text bytes.Buffer
		if err := r.Print(&text); err != nil || strings.Contains(text.String(), "its requests left 12.5 ms late") != want ||
			!strings.Contains(text.String(), "for the generator: the bidder keeps up with 4000 requests per second.\nAt 8000 requests") {
			t.Errorf("%v\n%s", err, text.String())
		}
	}
}

// A search that found no rate is not told as one that did.
func TestNoSaturationIsSaid(t *testing.T) {
	r := played(sizes())
	r.ShedApart = true
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "kept up with no rate that was tried, and 4000 requests per second stand in.") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// Who measures on a busy machine is told so, in the table too.
func TestBusyMachinesAreSaid(t *testing.T) {
	r := played(sizes())
	if r.Quiet = r.Conditions.Others <= tooBusy; !r.Quiet {
		t.Error("a machine without others is busy")
	}
	before, after := busyTime{}, busyTime{at: time.Time{}.Add(time.Second), all: time.Duration(runtime.NumCPU()) * 700 * time.Millisecond, own: time.Duration(runtime.NumCPU()) * 500 * time.Millisecond}
	if got := after.others(before); math.Abs(got-.2) > 1e-9 {
		t.Errorf("others took %v of the machine, want 0.2", got)
	}
	r.Conditions.Others, r.Quiet = .2, false
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.HasPrefix(text.String(), "**Not to be relied on:** others took 20 %") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// What is written is read again, and the text around the tables stays.
func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	r := played(sizes())
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "speed.md")
	first, err := os.ReadFile(page)
	if err != nil || !strings.HasPrefix(string(first), "# Speed, measured\n") {
		t.Fatalf("%v\n%s", err, first)
	}
	if err := os.WriteFile(page, append([]byte("Mine.\n"), append(first, "Below.\n"...)...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(page)
	if err != nil || string(again) != "Mine.\n"+string(first)+"Below.\n" {
		t.Errorf("%v\n%s", err, again)
	}
	back, err := Read(filepath.Join(dir, "speed.json"))
	if err != nil || back.Ratio != r.Ratio || back.find(ofNull, 0).CPU != r.find(ofNull, 0).CPU {
		t.Errorf("%v: %+v", err, back)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "speed-latency.svg"))
	if n := strings.Count(string(picture), "<polyline"); err != nil || n != 4 || strings.Contains(string(picture), "NaN") {
		t.Errorf("%d curves: %v", n, err)
	}
	if err := os.WriteFile(page, []byte("no place\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(dir); err == nil {
		t.Error("a page without a place was written")
	}
}

var update = flag.Bool("update", false, "write docs/benchmarks/speed.md anew from speed.json")

// The page that is published is of the figures beside it.
func TestThePageIsOfTheFigures(t *testing.T) {
	const dir = "../../docs/benchmarks"
	r, err := Read(filepath.Join(dir, "speed.json"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "speed.md"))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil || !strings.Contains(string(page), text.String()) {
		t.Errorf("docs/benchmarks/speed.md is not of speed.json: write it anew with -update: %v", err)
	}
}

// A demand takes in proportion what was measured.
func TestSizing(t *testing.T) {
	r := played(sizes()) // 84 us at 100,000 line items for .4 bids, 12 us per notice, 2.5 notices per win, 18 us of Redis
	r.RedisPerUser, r.EventBytes = 100, 200
	d := Demand{Requests: []float64{1e6}, Bids: .5, Wins: .2, Losses: .5, Users: 1e9, Utilisation: .5, Cores: 16, Horizon: time.Hour, Connections: 100}
	got := r.need(&d, 1e6)
	want := Need{
		Requests: 1e6, Wins: 100_000, Events: 100_000*2.5 + 400_000*.5, BidCores: 168 * 1.25, NoticeCores: 450_000 * 12e-6 / .5,
		Machines: 14, OpenBids: 200_000*3600 + 300_000*300, Memory: 100_000<<10 + 1.5*(150*810e6/14+100*30_000), RedisCores: 36, RedisMemory: 1e11, In: 16e9, Out: 7.2e9 * 1.25, LogBytes: 90e6,
	}
	if fmt.Sprintf("%.6g", got) != fmt.Sprintf("%.6g", want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if d.LineItems = 10_000; r.need(&d, 1e6).BidCores != 180 {
		t.Errorf("at 10,000 line items: %+v", r.need(&d, 1e6))
	}
	// Who bids on fewer than was measured needs no more, and who knows how much less.
	fewer := d
	if fewer.Bids = .3; r.need(&fewer, 1e6).BidCores != 144 || r.need(&fewer, 1e6).Out != 7.2e9 {
		t.Errorf("with 0.3 bids per request: %+v", r.need(&fewer, 1e6))
	}
	// What is over soon is no longer open because a notice could have told of it.
	soon := d
	if soon.Horizon = time.Minute; r.need(&soon, 1e6).OpenBids != 500_000*60 {
		t.Errorf("with a horizon of a minute: %+v", r.need(&soon, 1e6))
	}
	var text strings.Builder
	if err := r.Sizing(&text, d); err != nil || !strings.Contains(text.String(), "| machines of 16 cores for the two, Redis not among them | 12 |") {
		t.Errorf("%v\n%s", err, text.String())
	}
	partial := *r
	partial.Partial = "2 of 3 rounds"
	text.Reset()
	if err := partial.Sizing(&text, d); err != nil || !strings.HasPrefix(text.String(), "**Partial:** the benchmark was ended before its time, after 2 of 3 rounds.") {
		t.Errorf("%v\n%s", err, text.String())
	}
	// What is noise is told as that, and nothing is reckoned with it.
	for _, s := range []*Series{r.find(ofUntold, 0), r.find(ofNotices, 0)} {
		for i := range s.rounds {
			s.rounds[i].CPU = float64(10 * (i + 1))
		}
	}
	r.find(ofUntold, 0).rounds[0].CPU = 12
	r.sum(sizes())
	text.Reset()
	if err := r.Print(&text); err != nil || !strings.Contains(text.String(), "| not told: less than the noise | -1.0 to 0.0 |") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if err := r.Sizing(io.Discard, d); err == nil || !strings.Contains(err.Error(), "noise") {
		t.Errorf("notices that cost nothing: %v", err)
	}
	r = played(sizes())
	for _, bad := range []func(d *Demand){
		func(d *Demand) { d.Requests = nil }, func(d *Demand) { d.Requests = []float64{0} }, func(d *Demand) { d.Wins = 2 }, func(d *Demand) { d.Bids = -1 },
		func(d *Demand) { d.Users = -1 }, func(d *Demand) { d.Utilisation = 0 }, func(d *Demand) { d.Cores = 0 }, func(d *Demand) { d.LineItems = 7 },
		func(d *Demand) { d.Horizon = 0 }, func(d *Demand) { d.Connections = -1 },
	} {
		wrong := d
		if bad(&wrong); r.Sizing(io.Discard, wrong) == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}

func TestSoakComparesItsThirds(t *testing.T) {
	s := &Soak{}
	for i := range 9 {
		s.Points = append(s.Points, SoakPoint{At: float64(i), CPU: 10, P99: float64(100 + i), Resident: int64(1000 * (i + 1))})
	}
	s.sum()
	if s.Resident != [2]Spread{{2000, 1000, 3000}, {8000, 7000, 9000}} || s.P99[1] != (Spread{107, 106, 108}) || s.CPU[0] != s.CPU[1] {
		t.Errorf("%+v", s)
	}
	// One that has an end before its time says how far it came, and no more than it has.
	const early = "\nThe soak of 30 minutes ended before its time: after "
	for _, c := range []struct {
		cluster bool
		points  int
		done    time.Duration
		want    string
	}{
		{true, 2, time.Minute, early + "60 seconds, over.\n"},
		{true, 3, 15 * time.Minute, early + "15 minutes, over.\n"},
		{false, 2, 10 * time.Minute, early + "10 minutes.\n"},
		{false, 9, 0, "Nothing failed over: redis-server is not "},
	} {
		r := played(sizes())
		r.Soak = &Soak{Planned: 1800, Cluster: c.cluster, Points: s.Points[:c.points]}
		if c.done > 0 {
			r.Soak.end(c.done, "over")
		}
		r.Soak.sum()
		var text strings.Builder
		if err := r.Print(&text); err != nil || !strings.Contains(text.String(), c.want) || strings.Contains(text.String(), "before its time: ") != (c.done > 0) {
			t.Errorf("no %q in %s, %v", c.want, text.String(), err)
		}
	}
}

// What disturbs is told beside nothing, and a soak with what failed over in it.
func TestDisturbancesAreTold(t *testing.T) {
	r := played(sizes())
	calm, rough := load.Calm{P99: 2000, Worst: 4000, Due: 100}, load.Calm{P99: 9000, Worst: 81_000, Due: 500, Lost: 7}
	edit := Disturbance{What: "one line item is edited", LineItems: 100_000, Rate: 800, Collections: 2, Disturbed: load.Disturbed{Before: calm, Through: rough, After: calm, Recovery: 1.25}}
	lost := edit
	lost.What, lost.Recovery, lost.After = "all is lost", -1, load.Calm{}
	r.Disturbed = []Disturbance{{What: "nothing", LineItems: 100_000, Rate: 800, Disturbed: load.Disturbed{Before: calm, Through: calm, After: calm}}, edit, lost}
	r.Cached = &Cached{Users: 1_000_000, LineItems: 100_000, Seconds: 83, Limit: 282_000_000, Held: 200 << 20, IDs: 2_100_000, Evicted: 5, Before: 500 << 20, Resident: 800 << 20, Collection: .25, Without: .24}
	r.Soak = &Soak{Planned: 1800, Seconds: 1920, Cluster: true, Points: make([]SoakPoint, 3), Rate: 800, Requests: 1_440_000, Unanswered: 7, Failover: &Failover{Disturbance: edit, KnownBefore: 1, KnownWorst: .6, Known: 4.5}}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| what happens, at 100,000 line items and 800 requests per second |", "| nothing | 2.00 | 2.00 | 4.00 | 2.00 | 0 of 100 | at once | 0 |",
		"| one line item is edited | 2.00 | 9.00 | 81.00 | 2.00 | 7 of 500 | 1.25 s | 2 |", "| all is lost | 2.00 | 9.00 | 81.00 | - | 7 of 500 | not in the time",
		"| a near-cache for 1,000,000 users, 100,000 line items | |", "| 2,100,000; 5 |", "| 200 of 269 |", "| 800; 500 |", "| 250; 240 |", "| a soak of 30 minutes at 800 requests per second, in 32 minutes |", "1440000 requests, 7 of them without", "100.0 % were known before and 60.0 % in the worst quarter second; as many as before after 4.5 s.",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	r.Partial = "2 of 3 rounds"
	text.Reset()
	if err := r.Print(&text); err != nil || !strings.HasPrefix(text.String(), "**Partial:** the benchmark was ended before its time, after 2 of 3 rounds") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// What was measured until a benchmark ended is a result from the first round on.
func TestWhatWasReached(t *testing.T) {
	cfg := sizes()
	b := &bench{cfg: *cfg, result: played(cfg)}
	if got := b.reached(); got != "all rounds, but not all that comes after them" {
		t.Errorf("after all rounds: %q", got)
	}
	b.result.Series[2].rounds = b.result.Series[2].rounds[:2]
	if got := b.reached(); !strings.HasPrefix(got, "2 of 3 rounds") {
		t.Errorf("in the third round: %q", got)
	}
	b.result.Series[0].rounds = nil
	if got := b.reached(); got != "" {
		t.Errorf("in the first round: %q", got)
	}
}

func TestPlaced(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(Placed(""), Placed(dir), Placed(filepath.Join(dir, "new"))); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "speed.md"), []byte("no place\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if Placed(dir) == nil {
		t.Error("a page without a place can be written into")
	}
}

func TestSettings(t *testing.T) {
	flags, env, err := setting(" GOGC=200 --tick=2s  GOMEMLIMIT=1GiB")
	if err != nil || !slices.Equal(flags, []string{"--tick=2s"}) || !slices.Equal(env, []string{"GOGC=200", "GOMEMLIMIT=1GiB"}) {
		t.Errorf("%v, %v, %v", flags, env, err)
	}
	if _, _, err := setting("GOGC=off GOGC=0"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "GOGC", "=1", "GOGC=many", "GOGC=", "GOGC=-5", "GOGC=50%", "--listen=127.0.0.1:1", "--data-dir=x", "--check-config"} {
		if _, _, err := setting(bad); err == nil {
			t.Errorf("%q was taken", bad)
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
// A machine that is busy now and then, or all the time, makes no collection of
// less than nothing, and none of what others took.
func TestACollectionIsWhatAProfileTakesLonger(t *testing.T) {
	for _, c := range []struct {
		with, without []float64
		want          float64
	}{
		{[]float64{1.25, 1, 9, 1.25, 1.5}, []float64{.25, 7, .25, .25, .125}, 1},
		{[]float64{.25, .25, .25}, []float64{.5, .5, .5}, 0},
	} {
		if took := longer(c.with, c.without); took != c.want {
			t.Errorf("%v with it and %v without are a collection of %v s, want %v", c.with, c.without, took, c.want)
		}
	}
}

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
		"soak": func(c *Config) { c.Soak = 1 }, "twice": func(c *Config) { c.Sizes = []int{2, 2} }, "want --flag": func(c *Config) { c.Try = []string{"x"} },
		"near-cache": func(c *Config) { c.Cached = -1 }, "highest": func(c *Config) { c.MaxRate = 1 }, "users": func(c *Config) { c.Users = 0 },
	} {
		c := good
		change(&c)
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
