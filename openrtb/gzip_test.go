package openrtb

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "identity": false, "gzip": true, "GZIP": true, "deflate, gzip": true, "gzip;q=0": false, "gzip; q=0.000": false,
		"gzip;q=0.5": true, "gzip; Q=1.0": true, "*": true, "*;q=0": false, "gzip;q=0, *": false, "*, gzip;q=0": false, "gzipped": false,
		"gzip;q=x": false, "br;q=1.0, gzip;q=0.8, *;q=0.1": true, ",,": false, "x-gzip": true,
	} {
		if got := AcceptsGzip([]byte(header)); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
}

func TestGzipPacksWhatUnpacks(t *testing.T) {
	var p Packer
	d := NewDecoder(Limits{MaxGzipRatio: 2000})
	rapid.Check(t, func(t *rapid.T) {
		src := bytes.Repeat(rapid.SliceOf(rapid.Byte()).Draw(t, "src"), rapid.IntRange(0, 50).Draw(t, "times"))
		packed := p.Gzip([]byte("kept"), src)
		if !bytes.HasPrefix(packed, []byte("kept")) {
			t.Fatal("what was there is gone")
		}
		if got, err := d.Gunzip(nil, packed[4:]); err != nil || !bytes.Equal(got, src) {
			t.Fatalf("got %d bytes, %v", len(got), err)
		}
	})
}

func TestGzipAllocatesNothing(t *testing.T) {
	var p Packer
	src := AppendResponse(nil, testResponse(t))
	dst := p.Gzip(nil, src)
	if len(dst) >= len(src) {
		t.Errorf("%d bytes became %d", len(src), len(dst))
	}
	if got := testing.AllocsPerRun(50, func() { dst = p.Gzip(dst[:0], src) }); got >= 1 && !raceEnabled {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkGzip(b *testing.B) {
	var p Packer
	src := AppendResponse(nil, testResponse(b))
	var dst []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		dst = p.Gzip(dst[:0], src)
	}
}
