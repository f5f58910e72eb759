package catalog

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// index finds candidates among line items that are sorted by bound,
// descending. A position is a line item's place in that order; it means
// nothing outside this index. Immutable but for mask, which walks read, and
// swept and over, which the catalog's lock guards.
type index struct {
	items []*LineItem
	at    map[event.LineItemID]uint32

	// mask has a bit for every line item that may bid at this moment. It saves
	// walks the paused ones; LineItem.Paused decides.
	mask []atomic.Uint64
	// ends lists the flights that have an end, soonest first; the first swept
	// of them are over for good, as over says by position.
	ends  []flightEnd
	swept int
	over  []uint64
	rests *rests // while it is built

	exchange, currency, size, country, device, place dimension
	facets                                           []facetAxis // most restricted first
	deals                                            dealAxis

	exchanges  map[event.ExchangeID]int32
	currencies map[string]int32
	sizes      map[openrtb.Size]int32
	countries  map[countryCode]int32
	devices    map[int]int32
	sites      map[string]int32 // rows of place
	apps       map[string]int32 // rows of place
	longest    int              // bytes of the longest site or app
}

type flightEnd struct {
	unix int64
	pos  uint32
}

func wordsFor(n int) int { return (n + 63) / 64 }

func onesIn(w uint64) int { return bits.OnesCount64(w) }

// before is the order of walks: descending bound, then ascending id.
func before(a, b *LineItem) int {
	switch {
	case a.Bound > b.Bound:
		return -1
	case a.Bound < b.Bound:
		return 1
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}

// newIndex indexes items, which it keeps, in the order that they must have.
func newIndex(items []*LineItem, r *rests) *index {
	ix := &index{
		items: items, rests: r,
		at:   make(map[event.LineItemID]uint32, len(items)),
		mask: make([]atomic.Uint64, wordsFor(len(items))),
		over: make([]uint64, wordsFor(len(items))),
	}
	for pos, li := range ix.each() {
		ix.at[li.ID] = uint32(pos)
		if li.end != openEnd {
			ix.ends = append(ix.ends, flightEnd{li.end, uint32(pos)})
		}
		ix.refresh(uint32(pos))
	}
	slices.SortFunc(ix.ends, func(a, b flightEnd) int { return cmp.Compare(a.unix, b.unix) })
	ix.build()
	ix.rests = nil
	return ix
}

// each goes through the positions and their line items, resting in between.
func (ix *index) each() iter.Seq2[int, *LineItem] {
	return func(yield func(int, *LineItem) bool) {
		for pos, li := range ix.items {
			ix.rests.each(pos)
			if !yield(pos, li) {
				return
			}
		}
	}
}

// refresh brings the mask of one position up to date. Callers hold the
// catalog's lock, so that two of them cannot overwrite each other with what
// they saw before.
func (ix *index) refresh(pos uint32) {
	word, bit := pos/64, uint64(1)<<(pos%64)
	if ix.over[word]&bit == 0 && ix.items[pos].live.bits.Load() == 0 {
		ix.mask[word].Or(bit)
	} else {
		ix.mask[word].And(^bit)
	}
}

// sweep takes the line items whose flight ended before an instant (Unix
// seconds) out of the mask. Callers hold the catalog's lock.
func (ix *index) sweep(before int64) {
	for ; ix.swept < len(ix.ends) && ix.ends[ix.swept].unix <= before; ix.swept++ {
		pos := ix.ends[ix.swept].pos
		ix.over[pos/64] |= 1 << (pos % 64)
		ix.refresh(pos)
	}
}

// lookup returns a line item and its position.
func (ix *index) lookup(id event.LineItemID) (*LineItem, uint32, bool) {
	if ix == nil {
		return nil, 0, false
	}
	pos, ok := ix.at[id]
	if !ok {
		return nil, 0, false
	}
	return ix.items[pos], pos, true
}

func (ix *index) len() int {
	if ix == nil {
		return 0
	}
	return len(ix.items)
}
