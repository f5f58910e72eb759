package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// scratch is the memory that an auction works in: some 50 KB, most of it for
// facts of the request. A request has one while it computes, and none while it
// waits for Redis. So there are hardly more of them than CPUs, however many
// requests are under way: when a slow Redis or a busy machine holds up a
// thousand, they are not a thousand times that, for the garbage collector to
// look through just when CPU is short.
type scratch struct {
	ways      []way               // to buy the imp at hand
	fits      []*catalog.Creative // of the line item at hand, for the imp at hand
	alike     []*catalog.Creative // of those, before it was narrowed to a size
	witnessed []witnessed         // of the imp at hand, to be sampled
	shown     []shown             // bids so far

	bids     []openrtb.Bid
	nodes    []event.NodePeriod
	rates    []catalog.Currency
	urls     []byte // what the bids' URLs point into
	markup   []byte // what their native markup points into
	unpacked []byte
	packed   []byte
	out      []byte

	signals openrtb.Signals
	token   openrtb.Token
	walk    catalog.Walk
	facts   catalog.Facts
}

func newScratch() *scratch {
	return &scratch{rates: []catalog.Currency{}, urls: make([]byte, 0, 4096), out: make([]byte, 0, 4096)}
}

func (a *auction) takeScratch() { a.scratch = a.b.scratches.Get().(*scratch) }

// dropScratch gives the memory back, with nothing of the request in it.
func (a *auction) dropScratch() {
	s := a.scratch
	if s == nil {
		return
	}
	clear(s.bids)
	clear(s.ways)
	clear(s.fits)
	clear(s.alike)
	clear(s.shown)
	s.signals, s.token = openrtb.Signals{}, openrtb.Token{}
	if s.bids, s.ways = s.bids[:0], s.ways[:0]; cap(s.ways) > keepWays {
		s.ways = nil
	}
	s.fits, s.alike, s.witnessed, s.shown = s.fits[:0], s.alike[:0], s.witnessed[:0], s.shown[:0]
	s.nodes, s.rates = s.nodes[:0], s.rates[:0]
	s.urls, s.markup, s.unpacked, s.packed, s.out = s.urls[:0], s.markup[:0], s.unpacked[:0], s.packed[:0], s.out[:0]
	a.scratch = nil
	a.b.scratches.Put(s)
}
