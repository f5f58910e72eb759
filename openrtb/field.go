package openrtb

import "math/bits"

// FieldURLs are the fields that hold URLs of notices.
const FieldURLs = FieldNURL | FieldBURL | FieldLURL

// fieldNames are what settings call the fields, in the order of the bits.
var fieldNames = [fieldsEnd]string{
	"adid", "mtype", "dur", "protocol", "api", "apis", "language", "cattax", "iurl", "bundle", "exp", "nurl", "burl", "lurl", "slotinpod", "bidid",
}

// FieldByName returns the field that is called so in responses. The names of
// a bid's are the specification's.
func FieldByName(name string) (Fields, bool) {
	for i, n := range fieldNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// Names returns the names of the fields, in a fixed order.
func (f Fields) Names() []string {
	names := make([]string, 0, bits.OnesCount32(uint32(f)))
	for i, n := range fieldNames {
		if f.Has(1 << i) {
			names = append(names, n)
		}
	}
	return names
}
