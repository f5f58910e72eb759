package tcf

import "github.com/tangent-dsp/tangent/audience/bitstring"

// MaxVendor is the greatest vendor id that a string can hold.
const MaxVendor = 1<<16 - 1

// Vendors is a list of vendor ids inside a string, as a bit field or as
// ranges. The zero list is empty.
type Vendors struct {
	in   bitstring.Reader // at the first bit, or at the count of ranges
	last int              // the length of the bit field
	form form
}

type form uint8

const (
	formEmpty form = iota
	formBits
	formRanges    // ids of 16 bits
	formFibonacci // distances in Fibonacci coding
)

// Has says whether a vendor is in the list.
func (v *Vendors) Has(id int) bool {
	switch v.form {
	case formBits:
		if id < 1 || id > v.last {
			return false
		}
		bit := v.in.At(v.in.Pos() + id - 1)
		return bit.Bit()
	case formRanges, formFibonacci:
		r := v.in
		return readRanges(&r, id, v.form)
	}
	return false
}

// readVendors steps over a list that says its greatest id first.
func readVendors(r *bitstring.Reader, ranges form) Vendors {
	v := Vendors{last: r.Int(16), form: formBits}
	if r.Bit() {
		v.form = ranges
		v.in = *r
		readRanges(r, 0, ranges)
		return v
	}
	v.in = *r
	r.Advance(v.last)
	return v
}

// readRanges steps over single ids and ranges of them, and says whether one
// vendor is among them.
func readRanges(r *bitstring.Reader, vendor int, ranges form) (found bool) {
	end := 0
	for n := r.Int(12); n > 0 && !r.Bad(); n-- {
		var first int
		if ranges == formFibonacci {
			isRange := r.Bit()
			first = end + r.Fibonacci()
			end = first
			if isRange {
				end = first + r.Fibonacci()
			}
		} else {
			both := r.Int(1 + 16) // whether it is a range, and the first id
			first = both & MaxVendor
			end = first
			if both > MaxVendor {
				end = r.Int(16)
			}
		}
		if first == 0 || end < first || end > MaxVendor {
			r.Fail()
		}
		found = found || first <= vendor && vendor <= end
	}
	return found && !r.Bad()
}
