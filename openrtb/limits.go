package openrtb

import "fmt"

// Limits bound what one bid request may cost. What is above a limit is
// refused with reason TooLarge, or Malformed for nesting, but for imps: the
// first are read and the others left.
type Limits struct {
	MaxBody      int // bytes of the body as received, compressed or not
	MaxUnpacked  int // bytes of the body after gzip
	MaxGzipRatio int // unpacked bytes per packed byte
	MaxDepth     int // objects and arrays inside each other
	MaxImps      int // impression opportunities per request: the first are kept
}

// DefaultLimits are several times what exchanges send: bodies are 1 to 20 KB,
// pack at 3 to 10, nest a dozen levels and offer a handful of imps.
func DefaultLimits() Limits {
	return Limits{
		MaxBody:      256 << 10,
		MaxUnpacked:  1 << 20,
		MaxGzipRatio: 64,
		MaxDepth:     32,
		MaxImps:      64,
	}
}

// orDefault returns l with the default for every limit that is not positive.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ limit, def *int }{
		{&l.MaxBody, &d.MaxBody},
		{&l.MaxUnpacked, &d.MaxUnpacked},
		{&l.MaxGzipRatio, &d.MaxGzipRatio},
		{&l.MaxDepth, &d.MaxDepth},
		{&l.MaxImps, &d.MaxImps},
	} {
		if *f.limit <= 0 {
			*f.limit = *f.def
		}
	}
	return l
}

// DecodeError says why a body is not a bid request that can be looked at.
type DecodeError struct {
	Reason Reason // Malformed or TooLarge
	Offset int    // bytes into the (unpacked) body; 0 when it is not about one place
	Msg    string // says what is wrong, and never quotes the body: it may hold user ids
}

func (e *DecodeError) Error() string {
	if e.Offset == 0 {
		return "cannot decode bid request: " + e.Msg
	}
	return fmt.Sprintf("cannot decode bid request: %s at byte %d", e.Msg, e.Offset)
}
