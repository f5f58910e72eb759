package pacing

import "github.com/tangent-dsp/tangent/event"

// places says where in its slab each open bid of a shard is. A bidder gives its
// ids out in a row, so the places of bids that come, and end, together stand
// together, in a page: some bytes for each, of the processor's cache for most. A map
// of all ids takes some 30 bytes for each, and every look at it misses the cache.
type places struct {
	pages map[pageKey]*page
	n     int // bids
	last  struct {
		key  pageKey
		page *page // where the last one was; nil: none
	}
	free []*page // with nothing in them
}

// pageKey is what the ids on a page have in common.
type pageKey struct{ incarnation, sequences uint64 }

type page struct {
	places [pageBids]uint32 // and 1; 0: not open
	n      int32            // that are
}

const (
	shardCount = 64
	pageBids   = 64 // of every shardCount-th sequence
)

// at returns the page of an id, nil if there is none, and where on it the id is.
func (p *places) at(id event.BidID) (*page, pageKey, uint64) {
	n := id.Sequence() / shardCount
	key := pageKey{id.Incarnation(), n / pageBids}
	if p.last.page == nil || p.last.key != key {
		found := p.pages[key]
		if found == nil {
			return nil, key, n % pageBids
		}
		p.last.key, p.last.page = key, found
	}
	return p.last.page, key, n % pageBids
}

// of returns the place of an open bid.
func (p *places) of(id event.BidID) (place uint32, open bool) {
	if on, _, i := p.at(id); on != nil && on.places[i] > 0 {
		return on.places[i] - 1, true
	}
	return 0, false
}

// add notes the place of a bid that is not open yet.
func (p *places) add(id event.BidID, place uint32) {
	on, key, i := p.at(id)
	if on == nil {
		if last := len(p.free) - 1; last >= 0 {
			on, p.free = p.free[last], p.free[:last]
		} else {
			on = new(page)
		}
		if p.pages == nil {
			p.pages = make(map[pageKey]*page)
		}
		p.pages[key] = on
		p.last.key, p.last.page = key, on
	}
	on.places[i] = place + 1
	on.n++
	p.n++
}

// drop forgets an open bid.
func (p *places) drop(id event.BidID) {
	on, key, i := p.at(id)
	on.places[i] = 0
	on.n--
	p.n--
	if on.n == 0 {
		delete(p.pages, key)
		p.free = append(p.free, on)
		p.last.page = nil
	}
}
