package openrtb

import "sync"

// Decoder turns bodies into requests. It is safe for concurrent use.
//
// It is strict about JSON and lenient about OpenRTB. A body that is not one
// JSON object in UTF-8, that is nested too deep, or in which a key that we
// read is there twice in one object, is malformed: two values for one key are
// two requests, and we cannot know which of them the exchange auctions. Keys
// are compared as they are, after unescaping; unknown ones are skipped, and
// may repeat. A value of the wrong type disables what depends on it.
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

// Limits returns the limits in force.
func (d *Decoder) Limits() Limits { return d.limits }

// Decode reads one bid request. The body is copied and may be reused at once.
// A request without any imp that has an id decodes, to no imps. The error is
// a *DecodeError. The caller must Release the request when the response has
// been written.
func (d *Decoder) Decode(body []byte) (*Request, error) {
	if len(body) > d.limits.MaxUnpacked {
		return nil, &DecodeError{Reason: TooLarge, Msg: "the body is too large"}
	}
	r, _ := d.pool.Get().(*Request)
	if r == nil {
		r = new(Request)
	}
	r.reset(&d.pool, len(body))
	m := &r.mem
	m.text = append(append(m.text, body...), make([]byte, padding)...)

	p := parser{r: r, m: m, maxImps: d.limits.MaxImps, old: Consent{GDPR: -1}}
	p.cursor = cursor{b: m.text, end: len(body), depth: d.limits.MaxDepth}
	if err := p.parse(); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}
