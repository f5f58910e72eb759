package main

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// On a terminal progress is one line, written over, with what is left;
// elsewhere the last line stays, and one now and then.
func TestProgress(t *testing.T) { synctest.Test(t, testProgress) } // whose clock stands still

func testProgress(t *testing.T) {
	began := time.Now().Add(-2 * time.Second)
	var out strings.Builder
	p := &progress{out: &out, live: true, every: redraw, start: began}
	p.show(0.5, "10 rows")
	if got := out.String(); got != "\r\x1b[K[###############...............] 10 rows, 2s left" {
		t.Errorf("half way: %q", got)
	}
	p.show(0.7, "14 rows")
	if got := out.String(); strings.Contains(got, "14") {
		t.Errorf("drawn again at once: %q", got)
	}
	p.show(1, "20 rows")
	p.end()
	if got := out.String(); !strings.HasSuffix(got, "left\r\x1b[K["+strings.Repeat("#", 30)+"] 20 rows\n") {
		t.Errorf("done: %q", got)
	}

	out.Reset()
	p = newProgress(&out)
	p.show(0.5, "10 rows")
	p.end()
	if got := out.String(); got != "["+strings.Repeat("#", 15)+strings.Repeat(".", 15)+"] 10 rows\n" {
		t.Errorf("not on a terminal: %q", got)
	}
	out.Reset()
	p = newProgress(&out)
	p.drawn = began.Add(-redrawLog)
	p.show(-1, "10 rows")
	p.end()
	if got := out.String(); got != "10 rows\n10 rows\n" {
		t.Errorf("not on a terminal, after a while: %q", got)
	}
	out.Reset()
	p = newProgressEvery(&out, redrawSoon)
	p.drawn = time.Now().Add(-redrawSoon)
	p.show(-1, "10 rows")
	p.say("more")
	if got := out.String(); got != "10 rows\nmore\n" {
		t.Errorf("of what is over soon: %q", got)
	}
	out.Reset()
	if newProgress(&out).end(); out.Len() != 0 {
		t.Errorf("of nothing: %q", out.String())
	}
}

func TestBytesProgress(t *testing.T) {
	var out strings.Builder
	for name, all := range map[string]int64{"[#######.......................] 1.0 MB read": 4e6, "1.0 MB read": 0} {
		out.Reset()
		bar := &bytesProgress{progress: newProgress(&out), verb: "read", all: all}
		if n, err := io.Copy(io.Discard, io.TeeReader(strings.NewReader(strings.Repeat("x", 1e6)), bar)); n != 1e6 || err != nil {
			t.Fatal(n, err)
		}
		bar.end()
		if got := out.String(); !strings.HasPrefix(got, name+", ") || !strings.HasSuffix(got, " MB/s\n") {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}
