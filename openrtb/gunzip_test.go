package openrtb

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

func TestGunzip(t *testing.T) {
	d := NewDecoder(Limits{MaxBody: 20_000, MaxUnpacked: 40_000, MaxGzipRatio: 20})
	body := corpus(t)[firstName(t)]
	noise := make([]byte, 30_000)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(noise)
	halves := bytes.Repeat(noise[:500], 100) // packs well, but not below the ratio
	for _, c := range []struct {
		name string
		src  []byte
		want Reason
		out  []byte
	}{
		{"a request", pack(t, body), None, body},
		{"two streams in a row", append(pack(t, body), pack(t, body)...), None, append(bytes.Clone(body), body...)},
		{"empty", pack(t, nil), None, nil},
		{"not gzip", body, Malformed, nil},
		{"nothing", nil, Malformed, nil},
		{"cut short", pack(t, body)[:len(pack(t, body))-9], Malformed, nil},
		{"bad checksum", flip(pack(t, body), -6), Malformed, nil},
		{"garbage behind", append(pack(t, body), "xx"...), Malformed, nil},
		{"packed too large", pack(t, noise), TooLarge, nil},
		{"unpacked too large", pack(t, halves), TooLarge, nil},
		{"packed too well", pack(t, make([]byte, 30_000)), TooLarge, nil},
	} {
		out, err := d.Gunzip([]byte("kept"), c.src)
		got := None
		var bad *DecodeError
		if errors.As(err, &bad) {
			got = bad.Reason
		}
		if got != c.want || !bytes.Equal(out, append([]byte("kept"), c.out...)) {
			t.Errorf("%s: got %v (%v), %d bytes", c.name, got, err, len(out))
		}
	}
}

// TestGunzipBombMemory unpacks 16 MB of zeros, which pack to 16 KB.
func TestGunzipBombMemory(t *testing.T) {
	d := NewDecoder(Limits{})
	out, err := d.Gunzip(nil, pack(t, make([]byte, 16<<20)))
	if err == nil || cap(out) > 4<<20 {
		t.Errorf("got %v, with %d bytes of memory", err, cap(out))
	}
}

func TestGunzipAllocatesNothing(t *testing.T) {
	d := NewDecoder(Limits{})
	src := pack(t, corpus(t)[firstName(t)])
	dst := make([]byte, 0, 64<<10)
	if got := testing.AllocsPerRun(100, func() {
		var err error
		if dst, err = d.Gunzip(dst[:0], src); err != nil {
			t.Fatal(err)
		}
	}); got >= 1 && !raceEnabled {
		t.Errorf("%v allocations, want 0", got)
	}
}

// firstName returns the name of one sample request, always the same.
func firstName(t testing.TB) string {
	first := ""
	for name := range corpus(t) {
		if first == "" || name < first {
			first = name
		}
	}
	return first
}

func flip(b []byte, i int) []byte {
	b[len(b)+i] ^= 1
	return b
}
