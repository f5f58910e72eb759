package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/loadtest/replay"
)

func TestReplayPlaysALog(t *testing.T) {
	var log strings.Builder
	for i := range 2000 {
		log.WriteString("0\t" + []string{"10", "35.5", "80"}[i%3] + "\t" + []string{"0.001", "0.0002"}[i%2] + "\tmore\n")
	}
	train, data := writeFile(t, "a.train.txt", log.String()), writeFile(t, "a.test.txt", log.String())
	dir := t.TempDir()
	status, out, errs := tangent(t, "", "replay", "--train", train, "--data", data, "--delay", "0", "--policies", "tangent,fixed,hindsight",
		"--stress", "price2", "--json", filepath.Join(dir, "a.json"), "--plot", filepath.Join(dir, "plots"))
	if status != 0 || strings.Count(out, "\n") != 7 || !strings.Contains(out, "hindsight") {
		t.Errorf("exit status %d\n%s%s", status, out, errs)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a.json")); err != nil || !strings.Contains(string(b), `"log": "a"`) {
		t.Errorf("%v: %.200s", err, b)
	}
	if _, err := os.Stat(filepath.Join(dir, "plots", "a-second-delay0-price2-value.svg")); err != nil {
		t.Error(err)
	}
}

// A replay is long, and what can be written of it is.
func TestReplayDrawsWhatItCannotWrite(t *testing.T) {
	log := writeFile(t, "a.txt", strings.Repeat("0\t10\t0.5\n0\t20\t0\n", 500))
	file, dir := filepath.Join(t.TempDir(), "a.json"), filepath.Join(t.TempDir(), "plots")
	errs := &taker{name: file}
	status := run(t.Context(), []string{"replay", "--train", log, "--data", log, "--delay", "0", "--policies", "fixed",
		"--json", file, "--plot", dir}, streams{nil, io.Discard, errs})
	if status != 1 || !strings.Contains(errs.said.String(), "cannot write JSON: open "+file) {
		t.Errorf("exit status %d\n%s", status, errs.said.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "a-second-delay0-spend.svg")); err != nil {
		t.Error(err)
	}
}

// taker makes a folder of a name as soon as anything is said: no file can have
// it any more.
type taker struct {
	name string
	said strings.Builder
}

func (w *taker) Write(p []byte) (int, error) {
	_ = os.Mkdir(w.name, 0o755) // it may be there
	return w.said.Write(p)
}

// The published table has the logs, the first of the made-up campaigns, and
// all of these.
func TestReplayReportHasItsColumns(t *testing.T) {
	logs, made := []replay.Pair{{Name: "a"}, {Name: "b"}}, []replay.Pair{{Name: "heavy"}, {Name: "steady"}, {Name: "drift"}}
	for _, c := range []struct {
		logs, made []replay.Pair
		want       string
	}{
		{logs, made, "a, b: 2; heavy: 1; 3 made-up: 3; "},
		{nil, made, "heavy: 1; 3 made-up: 3; "},
		{logs, made[:1], "a, b: 2; heavy: 1; "},
		{logs, nil, "a, b: 2; "},
	} {
		got := ""
		for _, g := range columns(c.logs, c.made) {
			got += fmt.Sprintf("%s: %d; ", g.Name, len(g.Logs))
		}
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestReplaySaysWhatIsWrong(t *testing.T) {
	bad := writeFile(t, "bad.txt", "0\t1\t1\n0\tx\t1\n")
	huge := writeFile(t, "huge.txt", strings.Repeat("0\t1\t1e300\n", 9))
	fine := writeFile(t, "fine.txt", "0\t1\t1\n")
	for name, c := range map[string]struct{ args, want string }{
		"no log":         {"", "--synthetic"},
		"one day only":   {"--data " + bad, "each day needs the day before it"},
		"a bad line":     {"--train " + bad + " --data " + bad, "line 2"},
		"no such file":   {"--train /nowhere --data /nowhere", "/nowhere"},
		"format":         {"--synthetic --rows 1000 --format price", "price and value are needed"},
		"fraction":       {"--synthetic --rows 1000 --budget-fraction 2", "--budget-fraction"},
		"policy":         {"--synthetic --rows 1000 --policies luck", `no policy "luck"`},
		"mechanism":      {"--synthetic --rows 1000 --mechanism third", `no mechanism "third"`},
		"stress":         {"--synthetic --rows 1000 --stress war", `no stress "war"`},
		"campaign":       {"--synthetic --rows 1000 --campaigns mine", `no synthetic campaign "mine"`},
		"rows":           {"--synthetic --rows 3", "--rows 3"},
		"shape":          {"--synthetic --rows 1000 --shape /nowhere", "--shape"},
		"most to bid":    {"--synthetic --rows 1000 --max-bid 7", "quantile"},
		"no tick":        {"--synthetic --rows 1000 --tick 0", "--tick 0"},
		"bid nothing":    {"--synthetic --rows 1000 --max-bid 0", "--max-bid 0"},
		"win delay":      {"--synthetic --rows 1000 --win-delay=-5", "--win-delay -5"},
		"win deadline":   {"--synthetic --rows 1000 --win-deadline=-1", "--win-deadline -1"},
		"seed twice":     {"--synthetic --rows 1000 --seeds 1,1", "seed 1 is given twice"},
		"stress twice":   {"--synthetic --rows 1000 --stress price2,price2", "stress price2 is given twice"},
		"budget twice":   {"--synthetic --rows 1000 --budget-fraction 1/2,.5", "budget fraction 0.5 is given twice"},
		"campaign twice": {"--synthetic --rows 1000 --campaigns heavy,heavy", "log heavy is given twice"},
		"log twice":      {"--train " + fine + "," + fine + " --data " + fine + "," + fine, "is given twice"},
		"many bidders":   {"--synthetic --rows 1000 --bidders 30000", "30000 bidders: allowed is 1 to 256"},
		"value too high": {"--train " + huge + " --data " + huge, "is above 1e+100"},
		"negative delay": {"--synthetic --rows 1000 --delay=-4", "-4"},
		"no such place":  {"--synthetic --rows 1000 --json /nowhere/a.json", "cannot write: open /nowhere/a.json"},
		"no folder":      {"--synthetic --rows 1000 --plot " + fine, "cannot write into " + fine},
		"no page":        {"--synthetic --rows 1000 --report " + fine, "cannot write into " + fine},
	} {
		status, out, errs := tangent(t, "", append([]string{"replay"}, strings.Fields(c.args)...)...)
		if status == 0 || !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: exit status %d, %q is wanted in:\n%s%s", name, status, c.want, out, errs)
		}
	}
}

// Of a folder that is not there nothing is left where the replay is refused.
func TestARefusedReplayLeavesNoFolder(t *testing.T) {
	dir := t.TempDir()
	status, _, errs := tangent(t, "", "replay", "--synthetic", "--rows", "1000", "--seeds", "1,1", "--plot", filepath.Join(dir, "plots", "a"), "--report", filepath.Join(dir, "report"))
	if left, err := os.ReadDir(dir); status != 1 || !strings.Contains(errs, "given twice") || err != nil || len(left) > 0 {
		t.Errorf("status %d, %v is left, %v: %s", status, left, err, errs)
	}
}
