package natslog

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event/eventtest/powerloss"
)

// The power fails at many moments of a process that appends. Whatever had been
// acknowledged must be on the disk, though the disk lost everything that was
// not synced.
func TestPowerLossLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		helper  string
		appends int
		moments int
		model   powerloss.Model
	}{
		{"append-some", helperAppends, 10, powerloss.Strict},
		{"append-some", helperAppends, 10, powerloss.Journaled},
		// Over several of the server's files, whose names it does not sync:
		// see the residue in the package's documentation.
		{"append-blocks", minBytes / mib, 4, powerloss.Journaled},
	} {
		trace := traced(t, test.helper)
		for i := 1; i <= test.moments; i++ {
			moment := trace.Moments() * i / test.moments
			acknowledged := said(t, trace, moment)
			if i == test.moments && len(acknowledged) != test.appends {
				t.Errorf("%s: %d appends were acknowledged, want %d", test.helper, len(acknowledged), test.appends)
			}
			if lost := lostAt(t, trace, moment, test.model, acknowledged); lost > 0 {
				t.Errorf("%s, model %d, moment %d of %d: %d of %d acknowledged events are lost",
					test.helper, test.model, moment, trace.Moments(), lost, len(acknowledged))
			}
		}
	}
}

// The same without syncs must lose something, or the test above proves
// nothing.
func TestPowerLossIsSeen(t *testing.T) {
	t.Parallel()
	trace := traced(t, "append-some-unsynced")
	acknowledged := said(t, trace, trace.Moments())
	if lost := lostAt(t, trace, trace.Moments(), powerloss.Journaled, acknowledged); len(acknowledged) != helperAppends || lost == 0 {
		t.Errorf("without syncs %d of %d acknowledged events are lost, want some", lost, len(acknowledged))
	}
}

// traced runs a helper that appends, and returns what it did to its files.
func traced(t *testing.T, name string) *powerloss.Trace {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	trace, err := powerloss.Record(t.Context(), dir, append(os.Environ(), helperEnv+"="+name, "NATSLOG_TEST_DIR="+dir), self)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// lostAt returns how many acknowledged events a log opened after a power
// failure does not have.
func lostAt(t *testing.T, trace *powerloss.Trace, moment int, model powerloss.Model, acknowledged []uint64) (lost int) {
	t.Helper()
	dir := t.TempDir()
	if err := trace.Survive(moment, dir, model, nil); err != nil {
		t.Fatal(err)
	}
	l := open(t, Config{Dir: dir})
	var got []uint64
	if info, err := l.mustStream(t).Info(t.Context()); err != nil {
		t.Fatal(err)
	} else if info.State.Msgs > 0 {
		got = consumeAll(t, l)
	}
	closeLog(t, l)
	for _, seq := range acknowledged {
		if !slices.Contains(got, seq) {
			lost++
		}
	}
	return lost
}

// said returns what had been acknowledged before a moment.
func said(t *testing.T, trace *powerloss.Trace, moment int) (seqs []uint64) {
	t.Helper()
	out, err := trace.Output(moment)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		seq, err := strconv.ParseUint(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatal(fmt.Errorf("the helper printed %q", line))
		}
		seqs = append(seqs, seq)
	}
	return seqs
}
