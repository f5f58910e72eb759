package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/predict"
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
// over. Price and floor are left to the walk, which comes to every line item
// that is not outbid.
func (a *auction) wouldBe(li *catalog.LineItem, imp int) openrtb.Reason {
	for i := range a.shown {
		if s := &a.shown[i]; s.imp == imp && s.item.ID == li.ID {
			return openrtb.None
		}
	}
	why := nothingYet
	for v := 0; v < a.query.Views() && why != openrtb.None; v++ {
		why = further(why, a.admits(li, v, imp, false))
	}
	if why == openrtb.None && !a.hasWayFor(li) {
		why = openrtb.WrongDeal
	}
	if why == openrtb.None && !a.couldPay(li) {
		why = openrtb.NoMoney
	}
	if why == openrtb.None && a.outbid(li) {
		why = openrtb.Outbid
	}
	if why == openrtb.None && a.cutBefore(li) {
		why = openrtb.NotReached
	}
	return why
}

// couldPay says whether there is room for the highest bid of a line item at
// every budget of it. The walk does not ask that of those behind a better bid:
// with more to offer they would still not bid.
func (a *auction) couldPay(li *catalog.LineItem) bool {
	value := li.Worth * predict.Outcomes(a.b.Model, li, &a.query) * li.Factor(&a.query)
	most := landscape.Worth(value, a.multipliers.Of(li.ID), li.MaxBid)
	a.nodes = li.AppendNodePeriods(a.nodes[:0], a.now)
	return a.b.Holds.Room(a.nodes, li.Cost(a.quantity.Of(most), a.quantity.Impressions(), a.now), a.now) > 0
}

// hasWayFor says whether a way to buy the imp takes a line item.
func (a *auction) hasWayFor(li *catalog.LineItem) bool {
	seat := a.ex.SeatOf(li.Advertiser)
	for i := range a.ways {
		if a.ways[i].takes(li, seat) {
			return true
		}
	}
	return false
}

// outbid says whether each way that takes a line item has a better bid than
// its could be, so that the walk did not look at it.
func (a *auction) outbid(li *catalog.LineItem) bool {
	seat, most, outbid := a.ex.SeatOf(li.Advertiser), float64(a.highest(li)), false
	for i := range a.ways {
		w := &a.ways[i]
		if !w.takes(li, seat) {
			continue
		}
		if w.best.item == nil || most >= float64(w.best.worth) {
			return false
		}
		outbid = true
	}
	return outbid
}

// cutBefore says whether want of time ended a walk before it came to a line
// item.
func (a *auction) cutBefore(li *catalog.LineItem) bool {
	at := a.cut[0]
	if _, named, _ := a.sells(); named && li.DealsOnly() {
		at = a.cut[1]
	}
	return a.query.BoundOf(li) <= at
}
