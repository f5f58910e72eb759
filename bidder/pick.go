package bidder

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/predict"
)

const (
	// maxScored bounds the line items that are priced in one walk. With the
	// walk in the order of a bound, what is beyond it costs 0.05 % of value at
	// 100,000 line items (measured).
	maxScored = 64
	// maxChecked bounds the line items that are checked in one walk, so that a
	// request which nothing fits costs a bounded time.
	maxChecked = 4096
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
	expected money.Nanos   // what it pays for the bid on average: most bids lose
	table    uint32        // of exchange rates, that made worth of what it is worth; 0 for none
	value    float64       // nanos of the advertiser's currency per impression, before the multiplier
	outcomes float64       // the value that its limits count by, on average; 0 without limits
	tie      uint64
}

// looking says what to look for on an imp.
type looking struct {
	imp    int
	passed []event.LineItemID // these found no money
	// funded takes only line items whose budgets have room for the bid now:
	// that is not asked at first, since most have it.
	funded bool
	again  bool // line items that bid on other imps of the request, too
}

// pick finds the best bid for each way to buy an imp that is not done. It
// returns why the line item that came furthest was refused: of use when none
// was found.
//
// Line items that name a deal are looked for first, in a walk of their own.
// The deal was made for them: others fill it where none of them bids, and
// whatever those are worth, they do not hide them.
func (a *auction) pick(l looking) openrtb.Reason {
	for i := range a.ways {
		if a.ways[i].best = (choice{}); !a.ways[i].done {
			a.ways[i].rivals = rivals{}
		}
	}
	if a.why = openrtb.NoLineItem; a.unrated {
		a.why = openrtb.NoRate // the walk leaves out whom we have no rate for
	}
	if a.hasDeals() {
		a.search(l, true)
	}
	a.search(l, false)
	return a.why
}

// search walks in falling order of a bound on the bid, so it ends when no line
// item that is left can be above the best one found.
func (a *auction) search(l looking, deals bool) {
	imp := &a.req.Imps[l.imp]
	hasDeals := a.hasDeals()
	scored := 0
	reached := &a.reached[0]
	if deals {
		reached = &a.reached[1]
	}
	before := *reached
	a.query.DealsOnly = deals
	a.snap.Walk(&a.query, &a.walk)
	for range maxChecked {
		li, ok := a.walk.Next()
		if !ok || scored == maxScored {
			return
		}
		if a.settled(a.walk.Bound(), deals) {
			a.noteFloors()
			return
		}
		if hasDeals && li.DealsOnly() != deals || slices.Contains(l.passed, li.ID) {
			continue
		}
		why := li.Check(&a.query)
		if why == openrtb.None && !seatTaken(a.ex.SeatOf(li.Advertiser), a.req.AllowedSeats, a.req.BlockedSeats) {
			why = openrtb.SeatBlocked
		}
		if why == openrtb.None {
			why = a.besides(li, l.imp, l.again)
		}
		if why == openrtb.None {
			why = a.fitting(li, imp, l.imp)
		}
		if why != openrtb.None {
			a.refuse(l, li, why)
			continue
		}
		scored++
		if why = a.score(li, imp, l.funded); why != openrtb.None {
			a.refuse(l, li, why)
		} else {
			a.count(l, li, why)
		}
		a.witness(l, li, imp, before, reached)
		if why == openrtb.NoMoney {
			scored-- // any number of budgets may be used up: they must not hide the others
		}
	}
}

func (a *auction) refuse(l looking, li *catalog.LineItem, why openrtb.Reason) {
	a.b.metrics.of(a.ex).refuse(why)
	a.count(l, li, why)
	if rank(why) > rank(a.why) {
		a.why = why
	}
}

// settled says whether bids of at most so much leave all that was found as it
// is. A deal that nothing was found for is settled below its floor; in the
// open auction the walk goes on, so that what did not come up to the floor is
// known.
func (a *auction) settled(bound float64, deals bool) bool {
	for i := range a.ways {
		switch w := &a.ways[i]; {
		case w.done, !deals && w.best.item != nil && w.best.item.DealsOnly():
		case w.best.item != nil:
			if bound >= float64(w.best.worth) {
				return false
			}
		case w.deal == nil || len(w.deal.DurationFloors) > 0 || bound >= float64(w.floor):
			return false
		}
	}
	return true
}

// noteFloors says why nothing was found where the walk ended below the floors
// of deals.
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
func (a *auction) score(li *catalog.LineItem, imp *openrtb.Imp, funded bool) openrtb.Reason {
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
		if b := &w.best; b.item != nil && (b.item.DealsOnly() && !li.DealsOnly() || c.worth < b.worth || c.worth == b.worth && c.tie <= b.tie) {
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
		c.creative = creative
		if a.quote(w, imp, &c); c.cost <= 0 {
			if why != openrtb.None {
				why = openrtb.NoPrice
			}
			continue
		}
		if funded && !a.funds(c) {
			return openrtb.NoMoney
		}
		w.best, why = c, openrtb.None
		w.rivals.note(li.ID, c.worth)
	}
	return why
}

// funds says whether there is room for a bid at every budget of its line item.
// A bid that finds none counts as demand.
func (a *auction) funds(c choice) bool {
	if a.free { // holds nothing
		return true
	}
	a.nodes = c.item.AppendNodePeriods(a.nodes[:0], a.now)
	if a.b.Holds.Room(a.nodes, c.cost, a.now) {
		return true
	}
	c.censored(a.b.Counters.Of(c.item.ID))
	return false
}

// price says what an impression is worth to a line item, and what to bid at
// most.
func (a *auction) price(li *catalog.LineItem) choice {
	value := li.Worth * predict.Outcomes(a.b.Model, li, &a.query) * li.Factor(&a.query)
	a.value = value
	if !a.free { // nobody can buy it
		a.b.Counters.Of(li.ID).Opportunity(min(value, float64(li.MaxBid)) * a.quantity.Float())
	}
	multiplier := a.multipliers.Of(li.ID)
	worth := landscape.Worth(value, multiplier, li.MaxBid)
	over := 0.0
	if worth > 0 {
		over = value * multiplier / float64(worth)
	}
	in := a.walk.Currency()
	return choice{item: li, worth: inAuction(in, worth), over: over, table: in.Table, value: value, tie: catalog.Mix(a.seed ^ uint64(li.ID))}
}

// rank orders reasons by how far a line item came before it was refused: the
// one that came furthest says why an imp has no bid. Size is checked before
// what needs the user; price, floor and money come last.
func rank(r openrtb.Reason) int {
	switch r {
	case openrtb.WrongSize:
		return 2*int(openrtb.OutsideDaypart) + 1
	case openrtb.NoPrice, openrtb.BelowFloor, openrtb.DealDomain, openrtb.NoMoney:
		return 1000 + int(r)
	}
	return 2 * int(r)
}
