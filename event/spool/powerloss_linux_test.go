package spool

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event/eventtest/powerloss"
)

// The power fails at many moments of a process that appends. Whatever it had
// been told is kept must be on the disk, though the disk lost everything that
// was not synced (or some of it, in pieces): also on a file system that keeps
// a name only when its directory was synced.
func TestPowerLossLosesNothingAcknowledged(t *testing.T) {
	trace := traced(t, "some")
	const moments = 25
	for i := range moments + 1 {
		moment := trace.Moments() * i / moments
		acknowledged := said(t, trace, moment)
		for name, r := range map[string]*rand.Rand{"all": nil, "some": rand.New(rand.NewPCG(1, uint64(i)))} {
			dir := t.TempDir()
			if err := trace.Survive(moment, dir, powerloss.Strict, r); err != nil {
				t.Fatal(err)
			}
			got, st := replayed(t, dir)
			wantAll(t, got, acknowledged)
			if st.Lost != 0 {
				t.Errorf("moment %d, %s of what was not synced lost: stats are %+v", moment, name, st)
			}
		}
		if i == moments && len(acknowledged) != 300 {
			t.Errorf("%d appends were acknowledged, want 300", len(acknowledged))
		}
	}
}

// The same without syncs must lose something, or the test above proves
// nothing.
func TestPowerLossIsSeen(t *testing.T) {
	trace := traced(t, "some-unsynced")
	dir := t.TempDir()
	if err := trace.Survive(trace.Moments(), dir, powerloss.Journaled, nil); err != nil {
		t.Fatal(err)
	}
	got, _ := replayed(t, dir)
	if acknowledged := said(t, trace, trace.Moments()); len(acknowledged) != 300 || len(got) >= len(acknowledged) {
		t.Errorf("without syncs %d of %d appends survive", len(got), len(acknowledged))
	}
}

func traced(t *testing.T, name string) *powerloss.Trace {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	trace, err := powerloss.Record(t.Context(), dir, append(os.Environ(), helperEnv+"="+name, "SPOOL_TEST_DIR="+dir), self)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// said returns what had been acknowledged before a moment.
func said(t *testing.T, trace *powerloss.Trace, moment int) (seqs []uint64) {
	t.Helper()
	out, err := trace.Output(moment)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		seqs = append(seqs, parseSeq(t, strings.TrimSpace(line)))
	}
	return seqs
}
