package audience

import (
	"encoding/base64"
	"slices"
	"time"
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
	interests    []int // purposes by legitimate interest; nil: all
	noInterest   bool  // in us
	global       bool
	location     bool // opted in to
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

func (w *bitWriter) flag(set bool) {
	if set {
		w.put(1, 1)
	} else {
		w.put(0, 1)
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
		w.flag(slices.Contains(ids, id))
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
	w.flag(!s.global)  // service specific
	w.put(0, 1)        // standard texts
	w.flag(s.location) // special feature 1
	w.put(0, 11)
	for p := range 24 {
		w.flag(slices.Contains(s.purposes, p+1))
	}
	for p := range 24 {
		w.flag(s.interests == nil || slices.Contains(s.interests, p+1))
	}
	w.put(0, 1)
	w.put(3<<6|4, 12)
	w.vendors(s.vendors, s.ranges)
	if s.noInterest {
		w.vendors([]int{ourVendor + 1}, !s.ranges)
	} else {
		w.vendors([]int{ourVendor}, !s.ranges)
	}
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
		d.put(1, 3)
		d.vendors(s.disclosed, s.ranges)
		text += "." + d.text()
	}
	return []byte(text)
}
