package bidder

import (
	"math"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/predict"
)

const (
	// fullyScored is how many line items of a walk are priced and counted
	// whatever they offer, so that it is known what they could have had.
	// Those that come after are looked at where their price may win, and else
	// passed over: that takes a tenth of the time, a hundredth where their
	// ceilings are known, and changes no winner.
	fullyScored = 64
	// maxWork bounds the line items that all walks of a request come to
	// together: so many that are passed over, each some 60 ns, or so many by
	// aCheck that are checked, each 0.1 to 0.4 us. That is 1 to 4 ms: more than
	// catalogs were seen to need, and little enough that no request makes a
	// bidder slow. Where it ends a walk, that is counted.
	maxWork = 64 << 10
	aCheck  = 8
	aPass   = 8 // by so many are passed over by their ceilings, each some 5 ns
	// lookEvery is after how much of it the deadline is looked at.
	lookEvery = 1 << 10
)

// choice is what to bid on an imp.
type choice struct {
	item     *catalog.LineItem
	creative *catalog.Creative
	worth    money.Nanos // the most to bid per impression, in the auction's currency
	over     float64     // how many times worth it is worth, where the maximum bid cuts it
	quote    landscape.Quote
	context  landscape.Key // of the price that it meets
	learned  bool          // about this market: else the quote's win rate is a guess
	cost     money.Nanos   // what the advertiser pays for a showing at the bid
	paid     money.Nanos   // what it pays for the bid on average where it wins
	expected money.Nanos   // what it pays for the bid on average: most bids lose
	table    uint32        // of exchange rates, that made worth of what it is worth; 0 for none
	value    float64       // nanos of the advertiser's currency per impression, before the multiplier
	outcomes float64       // the value that its limits count by, on average; 0 without limits
	lowered  bool          // to what there is room for in the budgets
	tie      uint64
}

// looking says what to look for on an imp.
type looking struct {
	imp    int
	passed []event.LineItemID // these found no money, the first of them for all of its bid
	// funded bids no more than there is room for in the budgets now: that is not
	// asked at first, since most have it.
	funded bool
	again  bool // line items that bid on other imps of the request, too
}

// pick finds the best bid for each way to buy an imp that is not done. It
// returns why the line item that came furthest was refused: of use when none
// was found.
//
// Deals that line items name are for those alone, and are looked for in a walk
// of their own: whatever others are worth, they do not hide them.
func (a *auction) pick(l looking) openrtb.Reason {
	for i := range a.ways {
		if a.ways[i].best = (choice{}); !a.ways[i].done {
			a.ways[i].rivals = rivals{}
		}
	}
	if a.why = openrtb.NoLineItem; a.unrated {
		a.why = openrtb.NoRate // the walk leaves out whom we have no rate for
	}
	open, named, unnamed := a.sells()
	if !open {
		a.why = openrtb.DealsOnly
	}
	if named {
		a.search(l, catalog.NamedDeals)
	}
	switch {
	case open:
		a.search(l, catalog.AllDeals)
	case unnamed:
		a.search(l, catalog.AnyDeals)
	}
	return a.why
}

// search walks in falling order of a bound on the bid, and ends when no line
// item that is left can be above the best one found: what it finds is what a
// look at all line items would, but where the request's time is used up.
func (a *auction) search(l looking, of catalog.DealWalk) {
	imp := &a.req.Imps[l.imp]
	deals := of == catalog.NamedDeals
	_, hasDeals, _ := a.sells()
	scored := 0
	reached, cut := &a.reached[0], &a.cut[0]
	if deals {
		reached, cut = &a.reached[1], &a.cut[1]
	}
	before := *reached
	a.query.Deals = of
	a.snap.Walk(&a.query, &a.walk)
	var ceilings *catalog.Ceilings
	for {
		if scored >= fullyScored {
			if ceilings == nil {
				ceilings = a.b.ceilings.of(a.snap, a.multipliers)
			}
			if ceilings != nil {
				a.walk.PassBelow(a.least(deals), ceilings, a.multipliers.Values())
			}
		}
		li, ok := a.walk.Next()
		passed := a.walk.Passed()
		if !ok {
			if passed > 0 {
				a.noteFloors()
			}
			return
		}
		counted := scored < fullyScored
		if a.settled(a.walk.Bound(), deals, !counted) {
			a.noteFloors()
			return
		}
		work := aCheck
		if hasDeals && li.DealsOnly() != deals || len(l.passed) > 0 && slices.Contains(l.passed[1:], li.ID) || !counted && !a.mayWin(li) {
			work = 1
		}
		if !a.mayGoOn(work + passed/aPass) {
			*cut = max(*cut, a.walk.Bound())
			a.why = openrtb.NotReached
			a.b.metrics.of(a.ex).cut.Inc()
			return
		}
		if work == 1 {
			continue
		}
		bound := a.walk.Bound()
		why, priced := a.consider(l, li, imp, len(l.passed) > 0 && bound >= before)
		if why != openrtb.None {
			a.refuse(l, li, why)
		} else {
			a.count(l, li, why)
		}
		if !priced {
			continue
		}
		scored++
		if bound < before {
			*reached = bound
			if counted {
				a.witness(l, li, imp)
			}
		}
		if why == openrtb.NoMoney {
			scored-- // any number of budgets may be used up: they must not hide the others
		}
	}
}

// least returns what a line item has to be worth to change what was found, in
// the auction's currency.
func (a *auction) least(deals bool) float64 {
	least := math.Inf(1)
	for i := range a.ways {
		switch w := &a.ways[i]; {
		case w.done, w.named != deals:
		case w.best.item != nil:
			least = min(least, float64(w.best.worth))
		default:
			least = min(least, float64(w.least))
		}
	}
	return least
}

// mayGoOn says whether the request has time for so much more work.
func (a *auction) mayGoOn(work int) bool {
	a.worked += work
	return a.worked <= a.mostWork && (a.worked%lookEvery >= work || time.Now().Before(a.deadline))
}

// mayWin says whether a line item's price could put it before what was found
// for a way, or above the floors of one that nothing was found for. The price
// is the most that its modifiers could make it.
func (a *auction) mayWin(li *catalog.LineItem) bool {
	return a.mayBeat(li, a.highest(li))
}

// highest returns at least as much as a line item bids, in the auction's
// currency. It asks for no fact of the request.
func (a *auction) highest(li *catalog.LineItem) money.Nanos {
	return inAuction(a.query.CurrencyOf(li), landscape.Worth(li.Most, a.multipliers.Of(li.ID), li.MaxBid))
}

// mayBeat says whether a line item at a price could change what was found.
func (a *auction) mayBeat(li *catalog.LineItem, worth money.Nanos) bool {
	if worth <= 0 {
		return false
	}
	seat := a.ex.SeatOf(li.Advertiser)
	for i := range a.ways {
		w := &a.ways[i]
		switch b := &w.best; {
		case w.done || !w.takes(li, seat):
		case b.item == nil:
			if worth >= w.least {
				return true
			}
		case worth > b.worth || worth == b.worth && a.tieOf(li) > b.tie:
			return true
		}
	}
	return false
}

func (a *auction) refuse(l looking, li *catalog.LineItem, why openrtb.Reason) {
	a.b.metrics.of(a.ex).refuse(why)
	a.count(l, li, why)
	if rank(why) > rank(a.why) {
		a.why = why
	}
}

// settled says whether bids of at most so much leave all that was found as it
// is. A deal that nothing was found for is settled below its floors; in the
// open auction the walk goes on until enough is known of what did not come up
// to the floor.
func (a *auction) settled(bound float64, deals, enough bool) bool {
	for i := range a.ways {
		switch w := &a.ways[i]; {
		case w.done, w.named != deals:
		case w.best.item != nil:
			if bound >= float64(w.best.worth) {
				return false
			}
		case w.deal == nil && !enough || bound >= float64(w.least):
			return false
		}
	}
	return true
}

// noteFloors says why nothing was found where the walk ended below the floors.
func (a *auction) noteFloors() {
	for i := range a.ways {
		if a.ways[i].best.item != nil {
			return
		}
	}
	a.why = openrtb.BelowFloor
}

// score prices a line item whose creatives are in a.fits, and puts it before
// what was found for each way that it beats. It says why no way takes it.
func (a *auction) score(l looking, li *catalog.LineItem, imp *openrtb.Imp) openrtb.Reason {
	c := a.price(li)
	if c.worth <= 0 {
		return openrtb.NoPrice
	}
	seat := a.ex.SeatOf(li.Advertiser)
	why := openrtb.WrongDeal
	for i := range a.ways {
		w := &a.ways[i]
		if w.done || !w.takes(li, seat) {
			continue
		}
		if b := &w.best; b.item != nil && (c.worth < b.worth || c.worth == b.worth && c.tie <= b.tie && b.item != li) {
			why = openrtb.None // outbid by our own
			w.rivals.note(li.ID, c.worth)
			continue
		}
		creative, r := a.choose(w, li, imp, c.worth)
		if creative == nil {
			if why != openrtb.None && rank(r) > rank(why) {
				why = r
			}
			continue
		}
		if b := &w.best; b.item == li && c.worth == b.worth && a.snap.Draw(li, creative, a.seed) <= a.snap.Draw(li, b.creative, a.seed) {
			why = openrtb.None // of what is worth the same, its rotation chooses
			continue
		}
		c.creative = creative
		if a.quote(w, imp, &c); c.cost <= 0 {
			if why != openrtb.None {
				why = openrtb.NoPrice
			}
			continue
		}
		bid := c
		if l.funded && !a.fund(l, w, imp, &bid) {
			return openrtb.NoMoney
		}
		why = openrtb.None
		w.rivals.note(li.ID, bid.worth)
		if w.best.item == nil || !bid.lowered || bid.worth > w.best.worth {
			w.best = bid
		}
	}
	return why
}

// price says what an impression is worth to a line item, and what to bid at
// most.
func (a *auction) price(li *catalog.LineItem) choice {
	value := li.Worth * predict.Outcomes(a.b.Model, li, &a.query) * li.Factor(&a.query)
	a.value = value
	multiplier := a.multipliers.Of(li.ID)
	worth := landscape.Worth(value, multiplier, li.MaxBid)
	over := 0.0
	if worth > 0 {
		over = value * multiplier / float64(worth)
	}
	in := a.walk.Currency()
	return choice{item: li, worth: inAuction(in, worth), over: over, table: in.Table, value: value, tie: a.tieOf(li)}
}

// tieOf says who of two that offer the same is before the other: the higher.
func (a *auction) tieOf(li *catalog.LineItem) uint64 { return catalog.Mix(a.seed ^ uint64(li.ID)) }

// rank orders reasons by how far a line item came before it was refused: the
// one that came furthest says why an imp has no bid. Size is checked before
// what needs the user; price, floor and money come last.
func rank(r openrtb.Reason) int {
	switch r {
	case openrtb.WrongSize:
		return 2*int(openrtb.OutsideDaypart) + 1
	case openrtb.NoPrice, openrtb.BelowFloor, openrtb.DealDomain, openrtb.NoMoney, openrtb.NotReached:
		return 1000 + int(r)
	}
	return 2 * int(r)
}
