package openrtb

import "sync"

// memory is what a pooled request owns: the text that its slices point into,
// and slabs that its lists are cut from. A slab that grows leaves the slices
// cut before on the old array, which stays as it is.
type memory struct {
	pool  *sync.Pool // where Release gives the request back; nil when it is there
	text  []byte
	inner []byte // native requests, out of their strings
	slabs
}

// slabs hold what the request's lists and pointers are cut from.
type slabs struct {
	texts    [][]byte
	ints     []int
	sizes    []Size
	ratios   []Ratio
	banner   []Banner
	videos   []Video
	audios   []Audio
	natives  []Native
	assets   []Asset
	trackers []EventTracker
	floors   []DurationFloor
	deals    []Deal
	imps     []Imp
	eids     []EID
	segments []DataSegment
	brands   []Brand
	places   []Publication
	contents []Content
	nodes    []SupplyNode
	chains   []SupplyChain
}

// empty cuts every slab to nothing.
func (s *slabs) empty() {
	s.texts, s.ints, s.sizes, s.ratios = s.texts[:0], s.ints[:0], s.sizes[:0], s.ratios[:0]
	s.banner, s.videos, s.audios, s.natives = s.banner[:0], s.videos[:0], s.audios[:0], s.natives[:0]
	s.assets, s.trackers, s.floors = s.assets[:0], s.trackers[:0], s.floors[:0]
	s.deals, s.imps, s.eids, s.segments = s.deals[:0], s.imps[:0], s.eids[:0], s.segments[:0]
	s.brands, s.places, s.contents, s.nodes, s.chains = s.brands[:0], s.places[:0], s.contents[:0], s.nodes[:0], s.chains[:0]
}

// most returns the length of the longest slab, of those that a request can
// make long.
func (s *slabs) most() int {
	return max(cap(s.texts), cap(s.ints), cap(s.sizes), cap(s.ratios), cap(s.banner), cap(s.assets), cap(s.trackers),
		cap(s.floors), cap(s.deals), cap(s.eids), cap(s.segments), cap(s.nodes))
}

// mangle overwrites every slab.
func (s *slabs) mangle() {
	clear(s.texts[:cap(s.texts)])
	clear(s.ints[:cap(s.ints)])
	clear(s.sizes[:cap(s.sizes)])
	clear(s.ratios[:cap(s.ratios)])
	clear(s.banner[:cap(s.banner)])
	clear(s.videos[:cap(s.videos)])
	clear(s.audios[:cap(s.audios)])
	clear(s.natives[:cap(s.natives)])
	clear(s.assets[:cap(s.assets)])
	clear(s.trackers[:cap(s.trackers)])
	clear(s.floors[:cap(s.floors)])
	clear(s.deals[:cap(s.deals)])
	clear(s.imps[:cap(s.imps)])
	clear(s.eids[:cap(s.eids)])
	clear(s.segments[:cap(s.segments)])
	clear(s.brands[:cap(s.brands)])
	clear(s.places[:cap(s.places)])
	clear(s.contents[:cap(s.contents)])
	clear(s.nodes[:cap(s.nodes)])
	clear(s.chains[:cap(s.chains)])
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
	if cap(m.text)+cap(m.inner) > keepText || m.most() > keepItems {
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
	m.inner = m.inner[:0]
	m.empty()
	*r = Request{AuctionType: 2, CategoryTaxonomy: 1, Consent: Consent{GDPR: -1}, mem: m}
	r.Device.Hints.Mobile = -1
}

// mangle overwrites what the request owned, so that whoever kept a piece of
// it sees garbage at once rather than another user's data some day.
func (r *Request) mangle() {
	m := &r.mem
	text := m.text[:cap(m.text)]
	for i := range text {
		text[i] = 0xDB
	}
	for i := range m.inner[:cap(m.inner)] {
		m.inner[:cap(m.inner)][i] = 0xDB
	}
	m.slabs.mangle()
	*r = Request{mem: *m}
}
