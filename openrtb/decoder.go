package openrtb

import "sync"

// Decoder turns bodies into requests. It is safe for concurrent use.
type Decoder struct {
	limits Limits
	pool   sync.Pool // of *Request
	gzips  sync.Pool // of *gunzipper
}

// NewDecoder returns a decoder with these limits; those that are not positive
// are the default ones.
func NewDecoder(limits Limits) *Decoder {
	return &Decoder{limits: limits.orDefault()}
}

// Decode reads one bid request. The body is copied and may be reused at once.
// The error is a *DecodeError. The caller must Release the request when the
// response has been written.
func (d *Decoder) Decode(body []byte) (*Request, error) {
	return nil, &DecodeError{Reason: Malformed}
}

// Gunzip appends the unpacked src to dst, within the limits. The error is a
// *DecodeError.
func (d *Decoder) Gunzip(dst, src []byte) ([]byte, error) {
	return nil, &DecodeError{Reason: Malformed}
}
