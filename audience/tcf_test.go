package audience

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tcfString is what a test wants a string to say. bytes encodes it the plain
// way, bit by bit, so that it shares nothing with the decoder.
type tcfString struct {
	version      int // 0 means 2
	made         time.Time
	purposes     []int
	vendors      []int
	ranges       bool // vendors as ranges, not as a bit field
	restrictions []tcfRestriction
	disclosed    []int // nil: no segment
	publisher    bool  // a publisher's segment, which nobody reads
}

type tcfRestriction struct {
	purpose, kind int
	vendors       []int
}

type bitWriter struct{ bits []byte }

func (w *bitWriter) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		w.bits = append(w.bits, byte(v>>i&1))
	}
}

func (w *bitWriter) text() string {
	out := make([]byte, (len(w.bits)+7)/8)
	for i, b := range w.bits {
		out[i/8] |= b << (7 - i%8)
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

func (w *bitWriter) vendors(ids []int, ranges bool) {
	last := 0
	for _, id := range ids {
		last = max(last, id)
	}
	w.put(uint64(last), 16)
	if ranges {
		w.put(1, 1)
		w.ranges(ids)
		return
	}
	w.put(0, 1)
	for id := 1; id <= last; id++ {
		if slices.Contains(ids, id) {
			w.put(1, 1)
		} else {
			w.put(0, 1)
		}
	}
}

// ranges writes runs of consecutive ids as ranges.
func (w *bitWriter) ranges(ids []int) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var runs [][2]int
	for _, id := range ids {
		if n := len(runs); n > 0 && runs[n-1][1] == id-1 {
			runs[n-1][1] = id
		} else {
			runs = append(runs, [2]int{id, id})
		}
	}
	w.put(uint64(len(runs)), 12)
	for _, r := range runs {
		if r[0] == r[1] {
			w.put(0, 1)
			w.put(uint64(r[0]), 16)
		} else {
			w.put(1, 1)
			w.put(uint64(r[0]), 16)
			w.put(uint64(r[1]), 16)
		}
	}
}

func (s tcfString) bytes() []byte {
	var w bitWriter
	version := s.version
	if version == 0 {
		version = 2
	}
	made := s.made
	if made.IsZero() {
		made = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	}
	w.put(uint64(version), 6)
	w.put(uint64(made.UnixMilli()/100), 36)
	w.put(uint64(made.UnixMilli()/100), 36)
	w.put(300, 12)     // CMP
	w.put(1, 12)       // its version
	w.put(1, 6)        // screen
	w.put(4<<6|13, 12) // language
	w.put(100, 12)     // vendor list
	w.put(4, 6)        // policy
	w.put(1, 1)        // service specific
	w.put(0, 1)        // standard texts
	w.put(0, 12)       // special features
	for p := range 24 {
		if slices.Contains(s.purposes, p+1) {
			w.put(1, 1)
		} else {
			w.put(0, 1)
		}
	}
	w.put(math.MaxUint32>>8, 24) // everything by legitimate interest, which must not matter
	w.put(0, 1)
	w.put(3<<6|4, 12)
	w.vendors(s.vendors, s.ranges)
	w.vendors([]int{ourVendor}, !s.ranges) // by legitimate interest
	w.put(uint64(len(s.restrictions)), 12)
	for _, r := range s.restrictions {
		w.put(uint64(r.purpose), 6)
		w.put(uint64(r.kind), 2)
		w.ranges(r.vendors)
	}
	text := w.text()
	if s.publisher {
		var p bitWriter
		p.put(3, 3)
		p.put(0, 24+24+6)
		text += "." + p.text()
	}
	if s.disclosed != nil {
		var d bitWriter
		d.put(disclosedVendors, 3)
		d.vendors(s.disclosed, s.ranges)
		text += "." + d.text()
	}
	return []byte(text)
}

func TestCheckTCF(t *testing.T) {
	all := []int{1, 3, 4}
	ours := []int{ourVendor}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		s    tcfString
		want refusal
	}{
		{"bit field", tcfString{purposes: all, vendors: ours}, permitted},
		{"ranges", tcfString{purposes: all, vendors: []int{3, 40, 41, 42, 43, 900}, ranges: true}, permitted},
		{"every purpose", tcfString{purposes: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, vendors: ours}, permitted},
		{"no purpose 1", tcfString{purposes: []int{2, 3, 4}, vendors: ours}, refusedTCFPurpose},
		{"no purpose 3", tcfString{purposes: []int{1, 2, 4}, vendors: ours}, refusedTCFPurpose},
		{"no purpose 4", tcfString{purposes: []int{1, 2, 3}, vendors: ours}, refusedTCFPurpose},
		{"no purpose", tcfString{vendors: ours}, refusedTCFPurpose},
		{"others' consent, bit field", tcfString{purposes: all, vendors: []int{41, 43}}, refusedTCFVendor},
		{"others' consent, ranges", tcfString{purposes: all, vendors: []int{41, 43}, ranges: true}, refusedTCFVendor},
		{"the list ends before us", tcfString{purposes: all, vendors: []int{7}}, refusedTCFVendor},
		{"nobody's consent", tcfString{purposes: all}, refusedTCFVendor},
		{"version 1", tcfString{version: 1, purposes: all, vendors: ours}, refusedTCFUnreadable},
		{"purpose not allowed", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, ours}}}, refusedTCFRestricted},
		{"by legitimate interest only", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{4, 2, ours}}}, refusedTCFRestricted},
		{"by consent only", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{4, 1, ours}}}, permitted},
		{"another purpose", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{7, 0, ours}}}, permitted},
		{"another vendor", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, []int{1, 2}}}}, permitted},
		{"the second restriction", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, []int{1, 2}}, {1, 0, ours}}}, refusedTCFRestricted},
		{"disclosed", tcfString{purposes: all, vendors: ours, made: now, disclosed: []int{1, ourVendor}}, permitted},
		{"disclosed, after another segment", tcfString{purposes: all, vendors: ours, made: now, disclosed: ours, publisher: true}, permitted},
		{"undisclosed", tcfString{purposes: all, vendors: ours, made: now, disclosed: []int{1, 2}}, refusedTCFUndisclosed},
		{"undisclosed, before it had to be", tcfString{purposes: all, vendors: ours, disclosed: []int{1, 2}}, refusedTCFUndisclosed},
		{"2.3 without disclosure", tcfString{purposes: all, vendors: ours, made: now}, refusedTCFUndisclosed},
		{"2.3 with another segment", tcfString{purposes: all, vendors: ours, made: now, publisher: true}, refusedTCFUndisclosed},
		{"the last moment of 2.2", tcfString{purposes: all, vendors: ours, made: time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC)}, permitted},
		{"the first moment of 2.3", tcfString{purposes: all, vendors: ours, made: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, refusedTCFUndisclosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := checkTCF(tt.s.bytes(), ourVendor); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Given a good string, when it is cut anywhere, then it refuses. (The last
// character may hold nothing but the padding of the last byte.)
func TestCheckTCFTruncated(t *testing.T) {
	good := tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}, ranges: true,
		made: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), disclosed: []int{ourVendor}}.bytes()
	if why := checkTCF(good, ourVendor); why != permitted {
		t.Fatalf("the whole string refuses: %v", why)
	}
	for n := range len(good) - 1 {
		if why := checkTCF(good[:n], ourVendor); why == permitted {
			t.Errorf("the first %d of %d characters permit", n, len(good))
		}
	}
}

func TestCheckTCFSpelling(t *testing.T) {
	good := string(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}}.bytes())
	for _, tt := range []struct {
		name, text string
		want       refusal
	}{
		{"padded", good + "==", permitted},
		{"not base64", strings.Repeat("!", len(good)), refusedTCFUnreadable},
		{"a blank in it", good[:20] + " " + good[21:], refusedTCFUnreadable},
		{"empty last segment", good + ".", permitted},
		{"an empty segment within", good + "..YAAA", refusedTCFUnreadable},
		{"dots", "...", refusedTCFUnreadable},
		{"empty", "", refusedTCFMissing},
	} {
		if got := checkTCF([]byte(tt.text), ourVendor); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever a string says, the check agrees with the plain reading of it.
func TestCheckTCFLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.IntRange(1, 60), 0, 30)
		s := tcfString{
			purposes: rapid.SliceOfN(rapid.SampledFrom([]int{1, 1, 2, 3, 3, 4, 4, 5}), 0, 12).Draw(t, "purposes"),
			vendors:  ids.Draw(t, "vendors"),
			ranges:   rapid.Bool().Draw(t, "ranges"),
		}
		if rapid.Bool().Draw(t, "2.3") {
			s.made = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		}
		if rapid.Bool().Draw(t, "segment") {
			s.disclosed = append([]int{}, ids.Draw(t, "disclosed")...)
		}
		for range rapid.IntRange(0, 3).Draw(t, "restrictions") {
			s.restrictions = append(s.restrictions, tcfRestriction{
				purpose: rapid.IntRange(1, 5).Draw(t, "purpose"), kind: rapid.IntRange(0, 2).Draw(t, "kind"),
				vendors: ids.Draw(t, "restricted"),
			})
		}
		vendor := rapid.IntRange(1, 60).Draw(t, "vendor")

		want := slices.Contains(s.vendors, vendor)
		for _, p := range []int{1, 3, 4} {
			want = want && slices.Contains(s.purposes, p)
			for _, r := range s.restrictions {
				if r.purpose == p && r.kind != 1 && slices.Contains(r.vendors, vendor) {
					want = false
				}
			}
		}
		if s.disclosed != nil {
			want = want && slices.Contains(s.disclosed, vendor)
		} else if !s.made.IsZero() {
			want = false
		}
		if got := checkTCF(s.bytes(), vendor); (got == permitted) != want {
			t.Fatalf("got %q, want permitted %v", got, want)
		}
	})
}

// The bit reader agrees with a decoder that goes through bytes.
func FuzzBits(f *testing.F) {
	f.Add([]byte{0xff, 0x01, 0x80}, uint8(5))
	f.Fuzz(func(t *testing.T, data []byte, width uint8) {
		n := int(width)%36 + 1
		b := bits{text: []byte(base64.RawURLEncoding.EncodeToString(data))}
		for at := 0; at+n <= 8*len(data); at += n {
			var want uint64
			for i := at; i < at+n; i++ {
				want = want<<1 | uint64(data[i/8]>>(7-i%8)&1)
			}
			if got := b.uint(n); got != want || b.bad {
				t.Fatalf("bits %d to %d: got %d, want %d", at, at+n, got, want)
			}
		}
	})
}

func FuzzCheckTCF(f *testing.F) {
	f.Add(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}}.bytes())
	f.Add(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}, ranges: true, disclosed: []int{ourVendor},
		restrictions: []tcfRestriction{{3, 1, []int{1, 2, 9}}}}.bytes())
	f.Add([]byte("...."))
	f.Fuzz(func(t *testing.T, text []byte) {
		why := checkTCF(text, ourVendor)
		if why >= refusalCount || why.String() == "" && why != permitted {
			t.Fatalf("no such refusal: %d", why)
		}
	})
}
