package openrtb

import "sync"

// memory is what a pooled request owns: the text that its slices point into,
// and slabs that its lists are cut from. A slab that grows leaves the slices
// cut before on the old array, which stays as it is.
type memory struct {
	pool   *sync.Pool // where Release gives the request back; nil when it is there
	text   []byte
	texts  [][]byte
	ints   []int
	sizes  []Size
	banner []Banner
	deals  []Deal
	imps   []Imp
	eids   []EID
	site   Publication
	app    Publication

	videos  []Video
	audios  []Audio
	natives []Native
}

// push adds a zero value to a slab and returns it. What was pushed before
// stays valid when the slab grows.
func push[T any](slab *[]T) *T {
	var zero T
	*slab = append(*slab, zero)
	return &(*slab)[len(*slab)-1]
}

// What a request may keep while it is in the pool; a larger one is left to
// the garbage collector, so that a few huge bodies do not stay for ever.
const (
	keepText  = 64 << 10 // bytes
	keepItems = 4 << 10  // in each slab
)

// Release gives the request's memory back. Nothing that came out of the
// request may be used afterwards. Further calls do nothing, until the memory
// has become another request.
func (r *Request) Release() {
	m := &r.mem
	pool := m.pool
	if pool == nil {
		return
	}
	if invariants {
		r.mangle()
	}
	if cap(m.text) > keepText || max(cap(m.texts), cap(m.ints), cap(m.sizes), cap(m.deals), cap(m.eids)) > keepItems {
		m.pool = nil
		return
	}
	m.pool = nil
	pool.Put(r)
}

// reset makes r an empty request with the memory that it had, large enough
// for a body of n bytes and its padding.
func (r *Request) reset(pool *sync.Pool, n int) {
	m := r.mem
	m.pool = pool
	if cap(m.text) < n+padding {
		m.text = make([]byte, 0, (n+padding)*5/4)
	}
	m.text = m.text[:0]
	m.texts, m.ints, m.sizes = m.texts[:0], m.ints[:0], m.sizes[:0]
	m.banner, m.deals, m.imps, m.eids = m.banner[:0], m.deals[:0], m.imps[:0], m.eids[:0]
	m.videos, m.audios, m.natives = m.videos[:0], m.audios[:0], m.natives[:0]
	m.site, m.app = Publication{}, Publication{}
	*r = Request{AuctionType: 2, CategoryTaxonomy: 1, Consent: Consent{GDPR: -1}, mem: m}
}

// mangle overwrites what the request owned, so that whoever kept a piece of
// it sees garbage at once rather than another user's data some day.
func (r *Request) mangle() {
	m := &r.mem
	text := m.text[:cap(m.text)]
	for i := range text {
		text[i] = 0xDB
	}
	clear(m.texts[:cap(m.texts)])
	clear(m.imps[:cap(m.imps)])
	clear(m.deals[:cap(m.deals)])
	clear(m.eids[:cap(m.eids)])
	clear(m.banner[:cap(m.banner)])
	m.site, m.app = Publication{}, Publication{}
	*r = Request{mem: *m}
}
