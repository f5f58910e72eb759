package spool

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// build returns the bytes of a segment, and where each record ends.
func build(number, first uint64, payloads [][]byte) (data []byte, ends []int) {
	data = appendHeader(nil, number, first)
	for i, p := range payloads {
		at := len(data)
		data = append(append(data, make([]byte, recordSize)...), p...)
		sealRecord(data[at:], number, first+uint64(i))
		ends = append(ends, len(data))
	}
	return data, ends
}

// read returns the numbers of the records in data.
func read(data []byte, number uint64) (numbers []uint64) {
	for at := 0; ; {
		r, _, ok := nextRecord(data, at, number)
		if !ok {
			return numbers
		}
		numbers = append(numbers, r.number)
		at = r.end
	}
}

// payloads may look like the format itself.
func payloads() *rapid.Generator[[][]byte] {
	return rapid.SliceOfN(rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 0, 60),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(p []byte) []byte {
			data, _ := build(7, 1, [][]byte{p})
			return data
		}),
	), 1, 12)
}

func TestCutAnywhereKeepsAllWholeRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := payloads().Draw(t, "payloads")
		data, ends := build(3, 100, ps)
		cut := rapid.IntRange(0, len(data)).Draw(t, "cut")
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		v := surveySegment(data[:cut], 3)
		if got, want := read(data[:cut], 3), seqs(100, 99+uint64(whole)); !slices.Equal(got, want) {
			t.Fatalf("read %v, want %v", got, want)
		}
		if v.records != uint64(whole) || v.header != (cut >= headerSize) || v.garbled {
			t.Fatalf("survey is %+v, want %d records", v, whole)
		}
		if v.header && v.next != 100+uint64(whole) {
			t.Fatalf("next is %d, want %d", v.next, 100+whole)
		}
	})
}

// Whatever happens to a stretch of bytes, every record outside it is found,
// none that was not written is, and what is missing is counted.
func TestDamageLosesOnlyWhatItTouches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := payloads().Draw(t, "payloads")
		data, ends := build(3, 100, ps)
		from := rapid.IntRange(0, len(data)-1).Draw(t, "from")
		to := rapid.IntRange(from, min(from+200, len(data))).Draw(t, "to")
		damaged := bytes.Clone(data)
		copy(damaged[from:to], rapid.SliceOfN(rapid.Byte(), to-from, to-from).Draw(t, "bytes"))

		var want []uint64
		for i, end := range ends {
			begin := headerSize
			if i > 0 {
				begin = ends[i-1]
			}
			if bytes.Equal(damaged[begin:end], data[begin:end]) {
				want = append(want, 100+uint64(i))
			}
		}
		if got := read(damaged, 3); !slices.Equal(got, want) {
			t.Fatalf("read %v, want %v", got, want)
		}
		v := surveySegment(damaged, 3)
		if got := v.count(100, 100+uint64(len(ps))); got != uint64(len(want)) {
			t.Fatalf("counted %d, want %d", got, len(want))
		}
	})
}

func TestRecordsOfAnotherSegmentAreNone(t *testing.T) {
	data, _ := build(3, 1, [][]byte{{1}, {2}})
	if got := read(data, 4); got != nil {
		t.Errorf("read %v as of segment 4", got)
	}
	if _, ok := parseHeader(data, 4); ok {
		t.Error("the header passes for that of segment 4")
	}
}

func TestFileNames(t *testing.T) {
	for _, n := range []uint64{0, 1, 0xabc, 1<<64 - 1} {
		if got, ok := parseFileName(fileName(n)); !ok || got != n {
			t.Errorf("%s is read as %d, %t", fileName(n), got, ok)
		}
	}
	for _, name := range []string{"lock", "1.spool", "000000000000000g.spool", "00000000000000001.spool", "-000000000000001.spool"} {
		if n, ok := parseFileName(name); ok {
			t.Errorf("%s is read as %d", name, n)
		}
	}
}

// Whatever is on the disk, reading ends, and returns only records whose bytes
// are those that writing them would give.
func FuzzSegment(f *testing.F) {
	good, ends := build(3, 100, [][]byte{[]byte("one"), {}, []byte("three")})
	f.Add(good)
	f.Add(good[:ends[1]+5])
	f.Add(append(bytes.Clone(good[:ends[0]]), good[ends[1]:]...))
	f.Add([]byte(magic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		v := surveySegment(data, 3)
		var n uint64
		for at := 0; ; n++ {
			r, skipped, ok := nextRecord(data, at, 3)
			if !ok {
				if at+skipped != len(data) || v.tail != skipped && (!v.header || n > 0) {
					t.Fatalf("%d bytes skipped at %d of %d, survey is %+v", skipped, at, len(data), v)
				}
				break
			}
			again := append(make([]byte, recordSize), r.payload...)
			sealRecord(again, 3, r.number)
			if begin := at + skipped; !bytes.Equal(again, data[begin:r.end]) {
				t.Fatalf("%x was read as %x", data[begin:r.end], again)
			}
			at = r.end
		}
		if v.records != n || v.count(0, 1<<64-1) > n {
			t.Fatalf("survey is %+v, %d were read", v, n)
		}
		// What is put before it is found, whatever it is.
		if got := read(append(bytes.Clone(good), data...), 3); len(got) < 3 || !slices.Equal(got[:3], seqs(100, 102)) {
			t.Fatalf("before it, %v were read", got)
		}
	})
}
