package spool

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// start returns a command that runs a helper in a directory.
func start(t *testing.T, name, dir string, from uint64, wrap ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(wrap, self)
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), helperEnv+"="+name, "SPOOL_TEST_DIR="+dir, fmt.Sprintf("SPOOL_TEST_FROM=%d", from))
	return cmd
}

// A process that appends is killed in the middle, again and again; whatever it
// was told is kept must be replayed afterwards.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	const rounds, perRound = 8, 300
	dir := t.TempDir()
	var acknowledged []uint64
	for round := range uint64(rounds) {
		cmd := start(t, "forever", dir, round*1_000_000)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, n := bufio.NewScanner(out), 0
		for ; lines.Scan(); n++ {
			acknowledged = append(acknowledged, parseSeq(t, lines.Text()))
			if n == perRound {
				cmd.Process.Kill() // SIGKILL; go on reading what it had printed
			}
		}
		cmd.Wait()
		if n < perRound {
			t.Fatalf("the process ended after %d acknowledgements, want %d", n, perRound)
		}
	}
	got, st := replayed(t, dir)
	wantAll(t, got, acknowledged)
	if st.Lost != 0 {
		t.Errorf("stats are %+v, want nothing lost", st)
	}
	t.Logf("%d acknowledged, %d replayed", len(acknowledged), len(got))
}

// A disk that takes a part of a write, and then no more: what was acknowledged
// before stays, what comes after is refused, and the spool says that it is not
// fit, until the disk takes writes again.
func TestDiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	acknowledged, stderr := finish(t, start(t, "starved", dir, 0))
	if len(acknowledged) < 2*starvedAppends || len(acknowledged) >= 3*starvedAppends {
		t.Fatalf("%d appends were acknowledged, want those before and after, and some while the disk filled up", len(acknowledged))
	}
	for _, want := range []string{"file too large", "full: 0 kept, unfit: the event log is away, and its spool cannot be written", "free: fit"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("the helper said %.2000q, want %q", stderr, want)
		}
	}
	got, st := replayed(t, dir)
	wantAll(t, got, acknowledged)
	if st.Lost != 0 {
		t.Errorf("stats are %+v, want nothing lost", st)
	}
	t.Logf("%d acknowledged, %d replayed", len(acknowledged), len(got))
}

// A sync that fails acknowledges nothing, and the file is not written again.
func TestSyncThatFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing, it makes syncs fail: apt-get install -y strace")
	}
	dir := t.TempDir()
	acknowledged, stderr := finish(t, start(t, "some", dir, 0, strace, "-f", "-qq", "-o", os.DevNull,
		"-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=6+7"))
	if !strings.Contains(stderr, "input/output error") || len(acknowledged) < 20 || len(acknowledged) > 290 {
		t.Fatalf("%d of 300 acknowledged, errors %.300q; want some of both", len(acknowledged), stderr)
	}
	got, st := replayed(t, dir)
	wantAll(t, got, acknowledged)
	if st.Lost != 0 {
		t.Errorf("stats are %+v, want nothing lost", st)
	}
}

// finish runs a helper to its end and returns what it was told is kept, and
// what it said besides.
func finish(t *testing.T, cmd *exec.Cmd) (acknowledged []uint64, stderr string) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	for line := range strings.Lines(string(out)) {
		acknowledged = append(acknowledged, parseSeq(t, strings.TrimSpace(line)))
	}
	return acknowledged, said.String()
}

func parseSeq(t *testing.T, line string) uint64 {
	t.Helper()
	seq, err := strconv.ParseUint(line, 10, 64)
	if err != nil {
		t.Fatalf("the helper printed %q", line)
	}
	return seq
}

func wantAll(t *testing.T, got, acknowledged []uint64) {
	t.Helper()
	found := make(map[uint64]bool)
	for _, seq := range got {
		found[seq] = true
	}
	missing := 0
	for _, seq := range acknowledged {
		if !found[seq] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged events are missing", missing, len(acknowledged))
	}
}
