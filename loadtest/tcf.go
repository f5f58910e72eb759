package loadtest

import (
	"encoding/base64"
	"time"
)

// tcf writes a consent string of the IAB's Transparency and Consent
// Framework, version 2.3: the core segment, and the list of vendors that were
// disclosed to the user. purposes is how many of the 24 are consented to,
// counted from the first; vendor is consented to if consent is set.
func tcf(purposes, vendor int, consent bool, made time.Time) string {
	var core bitWriter
	tenths := uint64(made.Unix()) * 10
	core.put(2, 6)       // version
	core.put(tenths, 36) // created
	core.put(tenths, 36) // last updated
	core.put(31, 12)     // CMP
	core.put(1, 12)      // its version
	core.put(1, 6)       // screen
	core.put('E'-'A', 6)
	core.put('N'-'A', 6)
	core.put(140, 12) // vendor list
	core.put(5, 6)    // policy
	core.put(1, 1)    // service specific
	core.put(0, 1)    // standard texts
	core.put(0, 12)   // special features
	core.put((1<<purposes-1)<<(24-purposes), 24)
	core.put(0, 24) // by legitimate interest
	core.put(0, 1)  // purpose one treatment
	core.put('D'-'A', 6)
	core.put('E'-'A', 6)
	core.putVendor(vendor, consent)
	core.putVendor(vendor, false) // by legitimate interest
	core.put(0, 12)               // publisher restrictions

	var disclosed bitWriter
	disclosed.put(1, 3) // segment type
	disclosed.putVendor(vendor, true)
	return core.String() + "." + disclosed.String()
}

// bitWriter collects numbers, most significant bit first.
type bitWriter struct {
	bytes []byte
	used  int // bits
}

func (w *bitWriter) put(v uint64, n int) {
	for n--; n >= 0; n-- {
		if w.used%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.used/8] |= byte(v>>n&1) << (7 - w.used%8)
		w.used++
	}
}

// putVendor writes a vendor section as a list of ranges: the one vendor, or
// none.
func (w *bitWriter) putVendor(vendor int, in bool) {
	w.put(uint64(vendor), 16) // the greatest id of the section
	w.put(1, 1)               // ranges
	if !in {
		w.put(0, 12)
		return
	}
	w.put(1, 12)
	w.put(0, 1) // a single id
	w.put(uint64(vendor), 16)
}

// String returns the web-safe base64 text, unpadded.
func (w *bitWriter) String() string { return base64.RawURLEncoding.EncodeToString(w.bytes) }
