package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The whole benchmark, as short as it can be: its figures mean nothing here,
// but that they are there, and that what was answered keeps to the protocol.
func TestBenchMeasures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "speed.json")
	t.Setenv("TMPDIR", t.TempDir())
	p := launch(t, nil, "loadtest", "bench", "--line-items", "200", "--rounds", "1", "--duration", "500ms", "--rate", "100",
		"--max-rate", "500", "--users", "500", "--json", file)
	select {
	case <-p.done:
	case <-time.After(90 * time.Second):
		t.Fatal("it does not end")
	}
	var r struct {
		CPUNull    float64 `json:"cpu_us_null"`
		CPUBid     float64 `json:"cpu_us_bid"`
		Ratio      float64 `json:"ratio"`
		Resident   int64   `json:"rss_bytes"`
		Violations *int64  `json:"violations"`
		Shed       struct {
			Due int64 `json:"due"`
		} `json:"shed"`
	}
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, p.out.String(), p.errors.String())
	}
	if r.CPUNull <= 0 || r.CPUBid <= 0 || r.Ratio <= 0 || r.Resident < 1<<20 || r.Shed.Due == 0 || r.Violations == nil || *r.Violations != 0 {
		t.Errorf("%s", b)
	}
}
