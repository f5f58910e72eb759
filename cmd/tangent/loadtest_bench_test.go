package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The whole benchmark, as short as it can be: its figures mean nothing here,
// but that they are there, that what was answered keeps to the protocol, and
// that they can be reckoned with.
func TestBenchMeasures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	// The race detector lets each process sleep for a second at its end, and there are dozens.
	t.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	p := launch(t, nil, "loadtest", "bench", "--line-items", "100", "--rounds", "1", "--duration", "250ms", "--rate", "200",
		"--max-rate", "500", "--users", "200", "--soak", "3s", "--users-cached", "200", "--try", "GOGC=200", "--report", dir)
	select {
	case <-p.done:
	case <-time.After(8 * time.Minute):
		t.Fatal("it does not end")
	}
	var r struct {
		CPUNull    float64 `json:"cpu_us_null"`
		CPUBid     float64 `json:"cpu_us_bid"`
		Ratio      float64 `json:"ratio"`
		Resident   int64   `json:"rss_bytes"`
		Violations *int64  `json:"violations"`
		Requests   float64 `json:"request_bytes"`
		Events     float64 `json:"event_bytes"`
		Shed       struct {
			Due int64 `json:"due"`
		} `json:"shed"`
		Disturbed []struct {
			What        string  `json:"what"`
			P99         []int64 `json:"p99_us_by_span"`
			Collections int     `json:"garbage_collections"`
		} `json:"disturbances"`
		Cached struct {
			Limit   int64    `json:"limit_bytes"`
			Held    int64    `json:"held_bytes"`
			IDs     int64    `json:"held_ids"`
			Collect *float64 `json:"collection_seconds"` // of so few users, too short to be told
		} `json:"near_cache"`
		Soak struct {
			Points   []struct{} `json:"points"`
			Errors   int64      `json:"errors"`
			Failover struct {
				Due struct {
					Due int64 `json:"due"`
				} `json:"through"`
				Before float64 `json:"known_share_before"`
				Worst  float64 `json:"known_share_worst"`
			} `json:"failover"`
		} `json:"soak"`
		Series []struct {
			Kind    string  `json:"kind"`
			Notices float64 `json:"notices_per_request"`
			Near    float64 `json:"near_reads"`
		} `json:"series"`
	}
	file := filepath.Join(dir, "speed.json")
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, p.out.String(), p.errors.String())
	}
	if r.CPUNull <= 0 || r.CPUBid <= 0 || r.Ratio <= 0 || r.Resident < 1<<20 || r.Shed.Due == 0 || len(r.Soak.Points) != 3 || r.Violations == nil || *r.Violations != 0 {
		t.Errorf("%s", b)
	}
	if f := r.Soak.Failover; f.Due.Due == 0 || f.Worst >= f.Before { // a busy machine may know fewer all the time
		t.Errorf("a master of Redis was killed, and %+v", f)
	}
	if c := r.Cached; c.IDs == 0 || c.Held <= 0 || c.Held > c.Limit || c.Collect == nil {
		t.Errorf("200 users came to a near-cache: %+v", c)
	}
	for i, want := range []string{"nothing", "one line item is edited", "a garbage collection is forced", "connections to Redis are cut", "Redis hangs for 200ms", "5 line items are added"} {
		spans := 5
		if i == 5 { // what follows is looked at for longer
			spans = 17
		}
		if len(r.Disturbed) != 6 || r.Disturbed[i].What != want || len(r.Disturbed[i].P99) != spans || i == 2 && r.Disturbed[i].Collections == 0 {
			t.Fatalf("want %s of 6, got %+v", want, r.Disturbed)
		}
	}
	if r.Requests < 500 || r.Events <= 0 {
		t.Errorf("a request has %v bytes, an event %v", r.Requests, r.Events)
	}
	kinds := ""
	for _, s := range r.Series {
		kinds += s.Kind + " "
		if (s.Kind == "bid+notices") != (s.Notices > 0) {
			t.Errorf("%s has %v notices per request", s.Kind, s.Notices)
		}
		if (s.Kind == "bid+cache") != (s.Near > 0) {
			t.Errorf("of the reads of %s %v were answered near", s.Kind, s.Near)
		}
	}
	if kinds != "bid bid+notices bid-notices bid+cache GOGC=200 null echo " {
		t.Errorf("measured were %s", kinds)
	}
	page := filepath.Join(dir, "sizing.md")
	if p := launch(t, nil, "loadtest", "sizing", "--from", file, "--page", page); p.wait() != 0 {
		t.Error(p.errors.String())
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "| machines of 16 cores for the two,") {
		t.Errorf("%v\n%s", err, b)
	}
}

// The page of the repository is reckoned from the figures of the repository.
func TestTheSizingPageIsOfTheFigures(t *testing.T) {
	file, err := filepath.Abs("../../docs/benchmarks/speed.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/sizing.md")
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, nil, "loadtest", "sizing", "--from", file)
	if p.wait() != 0 || !strings.Contains(string(page), p.out.String()) {
		t.Errorf("docs/sizing.md is not of docs/benchmarks/speed.json: write it anew with make bench-report\n%s%s", p.errors.String(), p.out.String())
	}
}
