package spool

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event/eventtest"
)

// spooled returns a directory with three segments of events 1 to n, and the
// paths of the segments.
func spooled(t *testing.T, n uint64) (dir string, paths []string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, Config{Dir: dir, Primary: away{}, SegmentBytes: 1000})
	for seq := uint64(1); seq <= n; seq++ {
		appendSeqs(t, s, seq)
	}
	closeSpool(t, s)
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	return dir, paths
}

// replayed opens a spool, and returns what it replays and its stats at the end.
func replayed(t *testing.T, dir string) ([]uint64, Stats) {
	t.Helper()
	primary := new(eventtest.Log)
	s := open(t, Config{Dir: dir, Primary: primary})
	drain(t, s)
	wantNoFiles(t, s)
	closeSpool(t, s)
	return seqsOf(primary.Events()), s.Stats()
}

func TestDamageIsSkippedAndCounted(t *testing.T) {
	const n = 18
	flip := func(data []byte, at int) []byte { data[at] ^= 0x40; return data }
	for name, test := range map[string]struct {
		path   int // which segment, counted from the end if negative
		change func(data []byte) []byte
		lost   uint64
		torn   bool
	}{
		"nothing":                    {0, func(d []byte) []byte { return d }, 0, false},
		"a record in the middle":     {1, func(d []byte) []byte { return flip(d, headerSize+recordSize+3) }, 1, false},
		"a length":                   {1, func(d []byte) []byte { return flip(d, headerSize+4) }, 1, false},
		"a header":                   {1, func(d []byte) []byte { return flip(d, 3) }, 0, false},
		"the first header":           {0, func(d []byte) []byte { return flip(d, 3) }, 0, false},
		"a page of zeros":            {1, func(d []byte) []byte { clear(d[headerSize+10 : headerSize+400]); return d }, 3, false},
		"the end of an earlier file": {0, func(d []byte) []byte { return d[:len(d)-1] }, 1, false},
		"a write cut short":          {-1, func(d []byte) []byte { return append(d, d[headerSize:headerSize+50]...) }, 0, true},
		"zeros after the end":        {-1, func(d []byte) []byte { return append(d, make([]byte, 4096)...) }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, paths := spooled(t, n)
			if len(paths) < 3 {
				t.Fatalf("%d segments, want three or more", len(paths))
			}
			path := paths[(test.path+len(paths))%len(paths)]
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, test.change(data), 0o640); err != nil {
				t.Fatal(err)
			}
			got, st := replayed(t, dir)
			if uint64(len(got)) != n-test.lost || st.Lost != test.lost || st.Torn > 0 != test.torn {
				t.Errorf("replayed %v, stats %+v; want %d lost, torn %t", got, st, test.lost, test.torn)
			}
			if !slices.IsSorted(got) {
				t.Errorf("replayed %v: out of order", got)
			}
		})
	}
}

func TestMissingFileIsCounted(t *testing.T) {
	dir, paths := spooled(t, 18)
	before, _ := replayedCopy(t, dir, -1)
	without, st := replayedCopy(t, dir, 1)
	if missing := uint64(len(before) - len(without)); missing == 0 || st.Lost != missing {
		t.Errorf("%d events are missing without %s, lost is %d", missing, paths[1], st.Lost)
	}
}

// replayedCopy replays a copy of a directory without one of its segments.
func replayedCopy(t *testing.T, dir string, without int) ([]uint64, Stats) {
	t.Helper()
	to := t.TempDir()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if i == without {
			continue
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(p)), data, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return replayed(t, to)
}

// A crash leaves a torn end in what is then no longer the last file: that is
// no damage, ever after.
func TestTornEndStaysHarmless(t *testing.T) {
	dir, paths := spooled(t, 4)
	f, err := os.OpenFile(paths[len(paths)-1], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("half a record"))
	f.Close()
	for round := range 3 { // each opening appends to a file of its own
		s := open(t, Config{Dir: dir, Primary: away{}})
		if st := s.Stats(); st.Lost != 0 || st.Torn > 0 != (round == 0) {
			t.Errorf("opening %d: stats are %+v", round, st)
		}
		appendSeqs(t, s, uint64(5+round))
		closeSpool(t, s)
	}
	if got, st := replayed(t, dir); !slices.Equal(got, seqs(1, 7)) || st.Lost != 0 {
		t.Errorf("replayed %v, stats %+v", got, st)
	}
}

// Appends, outages, restarts and damage in any order: what was acknowledged
// and not damaged reaches the primary, in order but for what it took directly.
func TestNothingAcknowledgedIsForgotten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, primary := t.TempDir(), new(eventtest.Log)
		c := Config{Dir: dir, Primary: primary, NoSync: true, SegmentBytes: rapid.SampledFrom([]int64{1, 1000, 1 << 20}).Draw(rt, "segment")}
		s := open(t, c)
		var last uint64
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				n := rapid.Uint64Range(1, 5).Draw(rt, "events")
				appendSeqs(t, s, seqs(last+1, last+n)...)
				last += n
			},
			"lose":   func(*rapid.T) { primary.Fail(errTest) },
			"find":   func(*rapid.T) { primary.Fail(nil) },
			"drain":  func(*rapid.T) { primary.Fail(nil); drain(t, s) },
			"reopen": func(*rapid.T) { closeSpool(t, s); s = open(t, c) },
		})
		primary.Fail(nil)
		drain(t, s)
		closeSpool(t, s)
		got := seqsOf(primary.Events())
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, seqs(1, last)) {
			rt.Fatalf("the primary has %v, want 1 to %d", got, last)
		}
		if st := s.Stats(); st.Lost != 0 || st.Torn != 0 {
			rt.Fatalf("stats are %+v", st)
		}
	})
}
