package natslog

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// A process that appends is killed in the middle, again and again; whatever it
// was told is kept must be there afterwards.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds, perRound = 5, 400
	dir := t.TempDir()
	acknowledged := make(map[uint64]bool)
	last := uint64(0)
	for range rounds {
		for _, seq := range appendUntilKilled(t, dir, last+1_000_000, perRound) {
			acknowledged[seq] = true
			last = max(last, seq)
		}
	}

	l := open(t, Config{Dir: dir})
	found := make(map[uint64]int)
	for _, seq := range consumeAll(t, l) {
		found[seq]++
	}
	for seq := range acknowledged {
		if found[seq] != 1 {
			t.Errorf("event %d was acknowledged and is there %d times, want once", seq, found[seq])
		}
	}
	t.Logf("%d acknowledged, %d found in the log", len(acknowledged), len(found))
}

// appendUntilKilled starts a process that appends events numbered from from,
// kills it when n were acknowledged, and returns all that were.
func appendUntilKilled(t *testing.T, dir string, from uint64, n int) (seqs []uint64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), helperEnv+"=append-forever",
		"NATSLOG_TEST_DIR="+dir, fmt.Sprintf("NATSLOG_TEST_FROM=%d", from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		seq, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			break // the kill cut the line
		}
		if seqs = append(seqs, seq); len(seqs) == n {
			cmd.Process.Kill() // SIGKILL; go on reading what it had printed
		}
	}
	cmd.Wait()
	if len(seqs) < n {
		t.Fatalf("the process ended after %d acknowledgements, want %d", len(seqs), n)
	}
	return seqs
}

// consumeAll reads the log to its end: it may keep events beyond those that
// were acknowledged.
func consumeAll(t *testing.T, l *Log) (seqs []uint64) {
	t.Helper()
	info, err := l.mustStream(t).Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var last uint64
	err = l.Consume(ctx, "reader", func(_ context.Context, b event.Batch) error {
		for _, e := range b.Events {
			seqs = append(seqs, e.Bid.Sequence())
		}
		if last = b.Sequence; last >= info.State.LastSeq {
			cancel()
		}
		return nil
	})
	if err != nil || last < info.State.LastSeq {
		t.Fatalf("read up to message %d of %d: %v", last, info.State.LastSeq, err)
	}
	return seqs
}
