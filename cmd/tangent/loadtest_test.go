package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/chaos"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Two bidders on real servers: one is killed with kill -9, the event log and
// the database go away, notices come twice or never. Afterwards the exchange's
// books and the ledger agree, bid by bid.
func TestMoneyIsRightThoughEverythingBreaks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.json")
	t.Setenv("TMPDIR", t.TempDir())

	// When a short run with some of the faults is played.
	p := launch(t, nil, "loadtest", "money", "--bidders", "2", "--nats-servers", "1", "--duration", "15s", "--rate", "80",
		"--faults", "kill-bidder,stop-nats,stop-postgres,duplicate,reorder,drop-notice", "--seed", "2", "--json", file)
	select {
	case <-p.done:
	case <-time.After(3 * time.Minute):
		t.Fatal("it does not end")
	}

	// Then it says that the money is right, and shows it.
	var r struct {
		BilledNotified   string             `json:"exchange_billed_notified_nanos"`
		BilledUnnotified string             `json:"exchange_billed_unnotified_nanos"`
		Booked           string             `json:"booked_nanos"`
		Lost             int                `json:"lost_events"`
		Double           int                `json:"double_booked"`
		Recovery         map[string]float64 `json:"recovery_seconds"`
	}
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, p.errors.String())
	}
	if r.BilledNotified != r.Booked || r.Booked == "0" || r.BilledUnnotified == "0" || r.Lost != 0 || r.Double != 0 {
		t.Errorf("the books disagree or show nothing: %+v", r)
	}
	for _, f := range []chaos.Fault{chaos.KillBidder, chaos.StopNATS, chaos.StopPostgres} {
		if _, ok := r.Recovery[string(f)]; !ok {
			t.Errorf("it did not recover from %s", f)
		}
	}
	// Within so short a run, what the killed bidder held does not come back in
	// time to be used: that may be the one complaint.
	for line := range strings.Lines(p.errors.String()) {
		if !strings.Contains(line, " was used") {
			t.Errorf("it complains: %s", line)
		}
	}
}

func TestLoadtestTakesNoUnknownFault(t *testing.T) {
	status, _, errs := tangent(t, "", "loadtest", "money", "--faults", "kill-bidder,flood")
	if status != 1 || !strings.Contains(errs, `there is no fault "flood"`) {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestLoadtestWithoutServersSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	status, _, errs := tangent(t, "", "loadtest", "money")
	if status != 1 || !strings.Contains(errs, "install it with: apt-get install -y") {
		t.Errorf("status %d: %s", status, errs)
	}
}

// None is not taken for the default.
func TestLoadtestTakesNoZero(t *testing.T) {
	for _, flag := range []string{"--check-every", "--max-in-flight", "--users", "--vendor-id"} {
		status, _, errs := tangent(t, "", "loadtest", "run", flag, "0", "--duration", "10ms")
		if status != 1 || !strings.Contains(errs, "must be at least 1") {
			t.Errorf("%s: status %d: %s", flag, status, errs)
		}
	}
}

// What is asked for in vain is said before anything is sent.
func TestLoadtestRefusesWhatItCannotDo(t *testing.T) {
	nowhere, other := filepath.Join(t.TempDir(), "none", "x"), writeFile(t, "other.json", `{"requests":7}`)
	for want, args := range map[string][]string{
		"without --ramp":          {"run", "--steps", "--ramp", "1..9"},
		"--tmax at least 1ms":     {"run", "--tmax", "0s"},
		"allowed is 1ms to 10s":   {"run", "--tmax", "100h"},
		`"alpha" is there twice`:  {"run", "--exchanges", "alpha,beta,alpha"},
		`"a/b?c": the name can`:   {"run", "--exchanges", "a/b?c"},
		nowhere + ": no such ":    {"run", "--json", nowhere},
		nowhere + ": no such  ":   {"run", "--svg", nowhere},
		nowhere + ": no such   ":  {"bench", "--json", nowhere},
		nowhere + ": no such    ": {"money", "--json", nowhere},
		"name one file":           {"run", "--json", "x", "--svg", "./x"},
		"share 2 of consent":      {"run", "--consent", "2"},
		"share NaN of deals":      {"run", "--deals", "NaN"},
		"share 1.5 of no bids":    {"run", "--no-bid", "1.5"},
		"an overload of 2s, in three parts: allowed is 3s to 1m15s": {"run", "--overload", "--duration", "2s"},
		"no result of tangent loadtest bench":                       {"sizing", "--from", other},
	} {
		status, _, errs := tangent(t, "", append([]string{"loadtest"}, args...)...)
		if status != 1 || !strings.Contains(errs, strings.TrimRight(want, " ")) {
			t.Errorf("%v: status %d: %s", args, status, errs)
		}
	}
}

// The first signal ends a run when what is under way is answered, the second
// at once; both leave a report that says so.
func TestLoadtestEndsAtOnce(t *testing.T) {
	asked, over := make(chan struct{}, 1000), make(chan struct{})
	bidder := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-over
	}))
	t.Cleanup(func() { close(over); bidder.Close() })
	file := filepath.Join(t.TempDir(), "report.json")
	p := launch(t, nil, "loadtest", "run", "--url", bidder.URL, "--rate", "20", "--tmax", "10s", "--json", file)
	<-asked
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	status := p.signal(syscall.SIGTERM)
	var r struct {
		Requests    int
		Interrupted bool
		HTTPErrors  map[string]int `json:"http_errors"`
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || status != 130 || r.Requests == 0 || !r.Interrupted || len(r.HTTPErrors) > 0 || !strings.Contains(p.errors.String(), "ended at once") {
		t.Errorf("status %d, %v: %+v\n%s", status, err, r, p.errors.String())
	}
}

// What was found until a signal ended the run counts for more than the signal.
func TestLoadtestThatFoundSomethingFails(t *testing.T) {
	asked := make(chan struct{}, 1000)
	bidder := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		_, _ = w.Write([]byte(`{"id":"another","seatbid":[{"bid":[{"id":"b","impid":"9","price":1}]}]}`))
	}))
	t.Cleanup(bidder.Close)
	p := launch(t, nil, "loadtest", "run", "--url", bidder.URL, "--rate", "20", "--tmax", "10s", "--duration", "1h")
	<-asked
	<-asked
	status := p.signal(os.Interrupt)
	if text := p.errors.String(); status != 1 || !strings.Contains(text, "break the protocol") || !strings.Contains(text, "interrupted: the report is of") {
		t.Errorf("status %d: %s", status, text)
	}
}

// Why nothing was answered is told apart.
func TestLoadtestSaysWhyNothingWasAnswered(t *testing.T) {
	wrong := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(wrong.Close)
	well := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(well.Close)
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusNoContent
		if r.URL.Path == "/openrtb2/beta" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(half.Close)
	for want, args := range map[string][]string{
		"the bidder has not all exchanges":                       {"--url", half.URL, "--rate", "100", "--duration", "400ms"},
		"nothing was answered by http://127.0.0.1:1 (0 errors, ": {"--url", well.URL + ",http://127.0.0.1:1", "--rate", "50", "--duration", "400ms"},
		", http://127.0.0.1:1 refused ":                          {"--url", well.URL + ",http://127.0.0.1:1", "--rate", "50", "--duration", "400ms"},
		"but for errors (status_404 ":                            {"--url", wrong.URL, "--rate", "50", "--duration", "200ms"},
		"nothing was answered (refused ":                         {"--url", "http://127.0.0.1:1", "--rate", "50", "--duration", "200ms"},
		"no request was due":                                     {"--url", wrong.URL, "--rate", "0.001", "--duration", "10ms"},
	} {
		args = append([]string{"loadtest", "run", "--tmax", "10s"}, args...) // however busy the machine is
		if status, _, errs := tangent(t, "", args...); status != 1 || !strings.Contains(errs, want) {
			t.Errorf("status %d, want %q: %s", status, want, errs)
		}
	}
}

// Users who come in turn come once each, however long the run may last.
func TestLoadtestEndsWhenAllHaveCome(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	_, _, errs := tangent(t, "", "loadtest", "run", "--in-turn", "--users", "30", "--url", "http://127.0.0.1:1", "--rate", "1000", "--duration", "10h", "--json", file)
	var r struct{ Requests int }
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || r.Requests != 30 {
		t.Errorf("%d requests of 30 users: %v\n%s", r.Requests, err, errs)
	}
}

// What populate cannot do it says before it makes anything.
func TestPopulateRefusesBeforeItMakes(t *testing.T) {
	secret := strings.Repeat("A", 43) + "="
	secrets := writeFile(t, "secrets.json", "{}")
	good := writeFile(t, "secrets.json", `{"notice_keys":[{"id":1,"secret":"`+secret+`"}],"user_secret":"`+secret+`"}`)
	for want, args := range map[string][]string{
		"-5 line items":            {"--line-items=-5"},
		"2000000 line items":       {"--line-items", "2000000"},
		"-1 line items per":        {"--per-campaign=-1"},
		"nothing to make":          {"--line-items", "0"},
		"--users -1":               {"--users=-1"},
		"--users 2000000000":       {"--users", "2000000000", "--audience", "127.0.0.1:1"},
		"--users needs --audience": {"--users", "5"},
		"cannot find the secrets":  {"--users", "5", "--audience", "127.0.0.1:1"},
		"cannot use the secrets":   {"--users", "5", "--audience", "127.0.0.1:1", "--secrets-file", secrets},
		"connection refused":       {"--users", "5", "--audience", "127.0.0.1:1", "--secrets-file", good},
		"lives in its own process": {"--users", "5", "--audience", "embedded"},
		`exchange "b c": `:         {"--exchanges", "alpha,b c"},
		`exchange "": `:            {"--exchanges", "alpha,"},
		`"alpha" is named twice`:   {"--exchanges", "alpha, alpha"},
		"give --yes":               {"--yes=false"},
	} {
		data := filepath.Join(t.TempDir(), "data")
		status, _, errs := tangent(t, "", append([]string{"loadtest", "populate", "--yes", "--data-dir", data}, args...)...)
		if status != 1 || !strings.Contains(errs, want) {
			t.Errorf("%v: status %d: %s", args, status, errs)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%v: the data folder was made", args)
		}
	}
}

// Recorded requests that are none are said, before and in the report.
func TestLoadtestSaysWhatIsNoRequest(t *testing.T) {
	dir := t.TempDir()
	lines := `{"id":"1","imp":[{"id":"1","banner":{"format":[{"w":300,"h":250}]}}]}` + "\nno\n{}\n"
	if err := os.WriteFile(filepath.Join(dir, "a.jsonl"), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	_, out, errs := tangent(t, "", "loadtest", "run", "--requests", dir, "--url", "http://127.0.0.1:1", "--rate", "20", "--duration", "100ms")
	if !strings.Contains(errs, "2 of 3 recorded requests are none and are left out") || !strings.Contains(out, "recorded    1 requests, sent over and over; 2 left out") {
		t.Errorf("%s\n%s", out, errs)
	}
}

// A line of progress tells no latency where nothing ended since the last.
func TestStanding(t *testing.T) {
	p := load.Progress{Step: 2, Target: 100}
	p.Answers, p.Unsent, p.Violations = 7, 1, map[string]int64{"price": 2}
	if got := standing(p); got != "step 2,    0 s  100/s asked, 7 answered, 0 bids, 1 unsent, 2 violations" {
		t.Errorf("%q", got)
	}
	p.RecentLatencyUS = loadtest.Percentiles{P50: 1500, P99: 2500, Max: 2500}
	if got := standing(p); !strings.HasSuffix(got, "0 bids, p50 1.50 ms, p99 2.50 ms, 1 unsent, 2 violations") {
		t.Errorf("%q", got)
	}
}
