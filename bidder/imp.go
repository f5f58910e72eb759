package bidder

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// auctionImp bids on one imp, or says why not.
func (a *auction) auctionImp(i int) openrtb.Reason {
	imp := &a.req.Imps[i]
	if why := admitImp(imp); why != openrtb.None {
		return why
	}
	if imp.Secure && !a.b.secure {
		return openrtb.PublicURLInsecure
	}
	a.query.ForImp(imp)
	a.rest, a.quantity = adBreak{}, openrtb.QuantityOf(imp.Quantity)
	a.reached, a.cut = [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{-1, -1}
	a.mostWork = maxWork * (i + 1) / len(a.req.Imps) // what an imp leaves is the next one's
	why := a.bidOnce(i)
	a.keepWitnessed()
	for why == openrtb.None && isBreak(imp) && a.rest.more() && a.bidOnce(i) == openrtb.None {
		continue // one ad more, the best of those that are left
	}
	a.sample(i)
	return why
}

// bidOnce bids on one imp, or on what is left of its ad break.
func (a *auction) bidOnce(i int) openrtb.Reason {
	if why := a.openWays(&a.req.Imps[i]); why != openrtb.None {
		return why
	}
	a.heldBack = false
	why := a.bidOn(looking{imp: i})
	if why != openrtb.None && a.heldBack {
		why = a.bidOn(looking{imp: i, again: true})
	}
	return why
}

// bidOn offers the best bid for an imp, or the best of each way where the
// exchange takes several. Where one finds no money, the best is looked for of
// what there is money for: its own bid is one of those, lowered to that.
func (a *auction) bidOn(l looking) openrtb.Reason {
	var passed [maxHoldTries]event.LineItemID // best bids that found no money; the first may be lowered
	offered := 0
	for try := range maxHoldTries {
		l.passed, l.funded = passed[:try], try > 0
		why := a.pick(l)
		var poor *catalog.LineItem
		for w := a.nextWay(); w != nil && poor == nil; w = a.nextWay() {
			if time.Now().After(a.deadline) {
				why = openrtb.NoTime
				break
			}
			if !a.offer(l.imp, w) {
				poor = w.best.item
				break
			}
			w.done = true
			if offered++; offered == a.mostBids(l.imp) {
				return openrtb.None
			}
		}
		switch {
		case poor != nil:
			if try > 0 { // else the next walk asks what there is room for
				a.b.metrics.of(a.ex).refuse(openrtb.NoMoney)
				poor.Tally().Count(openrtb.NoMoney)
			}
			passed[try] = poor.ID
			continue
		case offered > 0:
			return openrtb.None
		case try > 0 && why != openrtb.NoTime:
			return openrtb.NoMoney
		}
		return why
	}
	if offered > 0 {
		return openrtb.None
	}
	return openrtb.NoMoney
}

// maxHoldTries bounds how often an imp is tried when the best bid finds no
// money. From the second time on, line items without money are passed over
// whatever their number: more than two tries take bids of other requests that
// were faster.
const maxHoldTries = 4

// admitImp says whether an imp is one that we can bid on.
func admitImp(imp *openrtb.Imp) openrtb.Reason {
	switch {
	case !takesAny(imp):
		return openrtb.NoFormat
	case imp.FloorBad:
		return openrtb.FloorUnreadable
	case imp.BlocksBad:
		return openrtb.BlocksUnreadable
	case imp.QuantityBad:
		return openrtb.QuantityUnreadable
	case imp.Again:
		return openrtb.ImpRepeated
	}
	return openrtb.None
}

// mostBids is how many bids the exchange takes for one imp, in as many ways.
// In an ad break a second bid is a second ad.
func (a *auction) mostBids(imp int) int {
	if a.ex.SeveralBidsPerImp && !isBreak(&a.req.Imps[imp]) {
		return maxBidsPerImp
	}
	return 1
}

// maxBidsPerImp bounds the bids for one imp, each of which holds money though
// one at most is shown.
const maxBidsPerImp = 8

// see makes a bid of this request count for the imps that follow, as an
// exposure too: two imps of one page must not both use up a user's last
// impression. Of several bids for one imp, one at most is shown.
func (a *auction) see(imp int, li *catalog.LineItem, c *catalog.Creative) {
	again := false
	for i := range a.shown {
		again = again || a.shown[i].imp == imp && a.shown[i].item == li
	}
	a.shown = append(a.shown, shown{imp, li, c, podOf(&a.req.Imps[imp])})
	a.rest.take(&a.req.Imps[imp], c)
	if !again && a.query.UserKnown && li.NeedsUser {
		a.profile.Exposures = append(a.profile.Exposures, campaign.Exposure{At: a.now, LineItem: li.ID, Campaign: li.Campaign, Advertiser: li.Advertiser})
		a.query.Exposures = a.profile.Exposures
	}
}
