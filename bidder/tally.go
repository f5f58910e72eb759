package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// SampleEvery and sampleSize say how many line items are looked at beside the
// walk, to know what becomes of those that the index leaves out: one request
// in SampleEvery looks at the next sampleSize of the catalog, on one of its
// imps. That is a check per two or three requests, whatever the catalog: a check of a
// line item that nobody looked at for long costs half a microsecond.
const (
	SampleEvery = 32
	sampleSize  = 12
)

// Traffic counts the requests of all exchanges, by the reason of their answer:
// None is a bid. Test requests are left out.
func (b *Bidder) Traffic() *catalog.Tally { return &b.traffic }

func (b *Bidder) countRequest(a *auction, why openrtb.Reason) {
	if a.ex != nil && (a.req == nil || !a.req.Test) {
		b.traffic.Count(why)
	}
}

// count counts what became of a line item on an imp: once, when it is first
// looked at, though the imp is tried again where the best bid finds no money,
// and for each ad of a break. Whether there is room in the budgets is asked
// from the second time on.
func (a *auction) count(l looking, li *catalog.LineItem, why openrtb.Reason) {
	asked := 0
	if why == openrtb.NoMoney {
		asked = 1
	}
	if !a.free && !l.again && a.rest.media == nil && len(l.passed) == asked {
		li.Tally().Count(why)
	}
}

// sample looks at some line items, each request that does at the next ones, as
// the walk would were there no index, and counts what became of them apart.
// What it finds changes nothing.
func (a *auction) sample(imp int) {
	const salt = 0x5a3d1e // so that who is sampled has nothing to do with ties
	chosen := catalog.Mix(a.seed ^ salt)
	places := a.snap.Places()
	if a.free || len(a.ways) == 0 || places == 0 || chosen%SampleEvery != 0 || chosen>>32%uint64(len(a.req.Imps)) != uint64(imp) {
		return
	}
	a.rest = adBreak{} // as at the first ad of it
	n := min(sampleSize, places)
	from := a.b.samples.Add(uint64(n)) - uint64(n)
	for i := range n {
		if li := a.snap.At(int((from + uint64(i)) % uint64(places))); li != nil && !li.Paused() {
			li.Tally().Sample(a.wouldBe(li, imp))
		}
	}
}

// wouldBe says why a line item could not have bid on an imp whose auction is
// over. Price, floor and money are left to the walk, which comes to every line
// item that is not outbid.
func (a *auction) wouldBe(li *catalog.LineItem, imp int) openrtb.Reason {
	for i := range a.shown {
		if s := &a.shown[i]; s.imp == imp && s.item.ID == li.ID {
			return openrtb.None
		}
	}
	why := li.Check(&a.query)
	if why == openrtb.None && !seatTaken(a.ex.SeatOf(li.Advertiser), a.req.AllowedSeats, a.req.BlockedSeats) {
		why = openrtb.SeatBlocked
	}
	if why == openrtb.None {
		why = a.besides(li, imp, false)
	}
	if why == openrtb.None {
		why = a.fitting(li, &a.req.Imps[imp], imp)
	}
	if why == openrtb.None && a.outbid(li) {
		why = openrtb.Outbid
	}
	return why
}

// outbid says whether each way that takes a line item has a better bid than
// its could be, so that the walk did not come to it.
func (a *auction) outbid(li *catalog.LineItem) bool {
	seat, outbid := a.ex.SeatOf(li.Advertiser), false
	for i := range a.ways {
		w := &a.ways[i]
		if !w.takes(li, seat) {
			continue
		}
		if w.best.item == nil || a.query.BoundOf(li) >= float64(w.best.worth) {
			return false
		}
		outbid = true
	}
	return outbid
}
