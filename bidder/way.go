package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// way is one way to buy an imp: in the open auction, or under a deal.
type way struct {
	deal  *openrtb.Deal // nil in the open auction
	key   catalog.DealKey
	named bool        // by a line item: the deal is for those that do alone
	kind  int         // of auction: see auctionKind
	floor money.Nanos // in the auction's currency; of a fixed price, the price
	least money.Nanos // the lowest floor of any duration, or floor
	best  choice      // no line item when none was found
	done  bool        // there is a bid, or one for the imp is all that the exchange takes

	context landscape.Key // of what was priced last, and what is known of it
	prices  landscape.Prices

	rivals rivals // of ours
}

// maxDeals bounds how many deals of an imp that no line item names are looked
// at: any one of them is as good as another. Those that are named are all
// looked at, whatever stands before them.
const maxDeals = 64

// keepWays is for how many ways an auction keeps room.
const keepWays = 2 * maxDeals

// fixedPrice is the auction type of a deal whose floor is the price. Of all
// others the exchange's settings say which of the two they are like.
const fixedPrice = 3

// auctionKind returns how a request, or a deal of it, is priced: first, second
// or fixed price. A deal that does not say goes by the request.
func (a *auction) auctionKind(d *openrtb.Deal) int {
	switch {
	case d == nil || d.AuctionType == 0:
		return a.ex.AuctionLike(a.req.AuctionType, a.req.AuctionTypeGiven)
	case d.AuctionType == fixedPrice:
		return fixedPrice
	}
	return a.ex.AuctionLike(d.AuctionType, true)
}

// openWays lists the ways to buy an imp, or says why there is none. A deal
// that invites other seats is none, nor is what has a floor that cannot be
// converted.
func (a *auction) openWays(imp *openrtb.Imp) openrtb.Reason {
	clear(a.ways)
	a.ways = a.ways[:0]
	why := openrtb.DealsOnly
	if !imp.PrivateAuction {
		w := way{kind: a.auctionKind(nil)}
		var ok bool
		if w.floor, ok = a.floorOf(imp.Floor, imp.FloorCurrency); ok {
			a.addWay(w, imp)
		} else {
			why = openrtb.FloorCurrencyUnknown
		}
	}
	if len(imp.Deals) > maxDeals {
		for i := range imp.Deals {
			if d := &imp.Deals[i]; a.snap.NamesDeal(catalog.DealKeyOf(d.ID)) {
				why = a.openDeal(imp, d, why)
			}
		}
	}
	for i := range imp.Deals[:min(len(imp.Deals), maxDeals)] {
		why = a.openDeal(imp, &imp.Deals[i], why)
	}
	if len(a.ways) == 0 {
		return why
	}
	return openrtb.None
}

// openDeal adds a deal to the ways, and returns why there is none if there is
// none else: why, or that the deal's floor cannot be converted.
func (a *auction) openDeal(imp *openrtb.Imp, d *openrtb.Deal, why openrtb.Reason) openrtb.Reason {
	w := way{deal: d, key: catalog.DealKeyOf(d.ID), kind: a.auctionKind(d)}
	if !a.anySeat(d.AllowedSeats, nil) || a.hasWay(w.key) {
		return why
	}
	var ok bool
	if w.floor, ok = a.floorOf(d.Floor, d.FloorCurrency); !ok {
		return openrtb.FloorCurrencyUnknown
	}
	w.named = a.snap.NamesDeal(w.key)
	a.addWay(w, imp)
	return why
}

func (a *auction) addWay(w way, imp *openrtb.Imp) {
	w.least = a.leastFloor(&w, imp)
	a.ways = append(a.ways, w)
}

// hasWay says whether a deal is among the ways already: a second one of its
// id could not be told from it.
func (a *auction) hasWay(k catalog.DealKey) bool {
	for i := range a.ways {
		if a.ways[i].deal != nil && a.ways[i].key == k {
			return true
		}
	}
	return false
}

// sells says what kinds of ways there are: the open auction, deals that line
// items name, deals that none does.
func (a *auction) sells() (open, named, unnamed bool) {
	for i := range a.ways {
		w := &a.ways[i]
		open, named, unnamed = open || w.deal == nil, named || w.named, unnamed || w.deal != nil && !w.named
	}
	return open, named, unnamed
}

// takes says whether a line item, which bids in the name of a seat, may buy
// this way.
func (w *way) takes(li *catalog.LineItem, seat string) bool {
	if w.deal == nil {
		return !li.DealsOnly()
	}
	return li.TakesDeal(w.key, w.named) && seatTaken(seat, w.deal.AllowedSeats, nil)
}

// openChance is how likely a bid in an open auction wins where nothing was
// learned yet, beside one under a deal, which exchanges put first. It is a
// round figure from what exchanges publish on win rates, and used only to
// choose between the two where an exchange takes one bid for an imp.
const openChance = 0.25

// before says whether a way with a bid is to be offered before another: a
// guaranteed deal, then what is worth the most times its chance.
func (w *way) before(o *way) bool {
	if g, h := w.guaranteed(), o.guaranteed(); g != h {
		return g
	}
	return w.expected() > o.expected()
}

func (w *way) guaranteed() bool { return w.deal != nil && w.deal.Guaranteed }

// expected is what a way's bid is worth, times the chance that it wins.
func (w *way) expected() float64 {
	chance := 1.0
	switch {
	case w.best.learned:
		chance = w.best.quote.WinRate
	case w.deal == nil:
		chance = openChance
	}
	return float64(w.best.worth) * chance
}

// nextWay returns the way to offer next, or nil when none has a bid.
func (a *auction) nextWay() (next *way) {
	for i := range a.ways {
		w := &a.ways[i]
		if !w.done && w.best.item != nil && (next == nil || w.before(next)) {
			next = w
		}
	}
	return next
}
