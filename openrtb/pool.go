package openrtb

// memory is what a pooled request owns.
type memory struct{}

// Release gives the request's memory back. Nothing that came out of the
// request may be used afterwards.
func (r *Request) Release() {}
