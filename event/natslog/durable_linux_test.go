package natslog

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// slowSync is how long strace delays every sync of the traced process.
const slowSync = 300 * time.Millisecond

// An acknowledgement must wait for the disk. strace makes every fsync take
// 300 ms: an Append that returns sooner did not wait for one. The second half
// takes the sync out and shows that the first would notice: one of ten is
// sooner, however busy the machine.
func TestAppendWaitsForTheSync(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing, it shows that an append is synced: apt-get install -y strace")
	}
	if took := tracedAppend(t, strace, "append-synced"); took < slowSync {
		t.Errorf("an append took %v while a sync takes %v: it was acknowledged before it was on disk", took, slowSync)
	}
	least := time.Hour
	for i := 0; i < 10 && least >= slowSync; i++ {
		least = min(least, tracedAppend(t, strace, "append-unsynced"))
	}
	if least >= slowSync {
		t.Errorf("an append without sync took %v: this test cannot tell it from one with a sync of %v", least, slowSync)
	}
}

// tracedAppend runs a helper process under strace and returns how long its
// Append took.
func tracedAppend(t *testing.T, strace, name string) time.Duration {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	delay := strconv.FormatInt(slowSync.Microseconds(), 10)
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-o", os.DevNull,
		"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_enter="+delay, self)
	cmd.Env = append(os.Environ(), helperEnv+"="+name, "NATSLOG_TEST_DIR="+t.TempDir())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("helper %s under strace: %v\n%s", name, err, stderr.String())
	}
	ms, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		t.Fatalf("helper %s printed %q", name, out)
	}
	t.Logf("%s: %d ms", name, ms)
	return time.Duration(ms) * time.Millisecond
}
