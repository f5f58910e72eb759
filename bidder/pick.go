package bidder

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

const (
	// maxScored bounds the line items that are priced for one imp. With the
	// walk in the order of a bound, what is beyond it costs 0.05 % of value at
	// 100,000 line items (measured).
	maxScored = 64
	// maxChecked bounds the line items that are checked for one imp, so that a
	// request which nothing fits costs a bounded time.
	maxChecked = 4096
)

// choice is what to bid on an imp.
type choice struct {
	item     *catalog.LineItem
	creative *catalog.Creative
	price    money.Nanos // per impression, in the auction's currency
	cost     money.Nanos // what the advertiser pays for one at that price
	table    uint32      // of exchange rates, that made price of what it is worth; 0 for none
	value    float64     // nanos of the advertiser's currency per impression, before the multiplier
	tie      uint64
}

// pick returns the highest bid for an imp among the line items that are not
// in passed, or no line item and why the one that came furthest was refused.
// The walk is in falling order of a bound on the bid, so it ends when no line
// item that is left can be above the best one found. With funded, only line
// items whose budgets have room for the bid now are taken: that is not asked
// at first, since most have it.
func (a *auction) pick(imp *openrtb.Imp, passed []event.LineItemID, funded bool) (best choice, why openrtb.Reason) {
	if why = openrtb.NoLineItem; a.unrated {
		why = openrtb.NoRate // the walk leaves out whom we have no rate for
	}
	refuse := func(r openrtb.Reason) {
		a.b.metrics.of(a.ex).refuse(r)
		if rank(r) > rank(why) {
			why = r
		}
	}
	scored := 0
	a.snap.Walk(&a.query, &a.walk)
	for range maxChecked {
		li, ok := a.walk.Next()
		if !ok || best.item != nil && a.walk.Bound() < float64(best.price) || scored == maxScored {
			break
		}
		if slices.Contains(passed, li.ID) {
			continue
		}
		if r := li.Check(&a.query); r != openrtb.None {
			refuse(r)
			continue
		}
		creative, r := a.creativeFor(li, imp)
		if r != openrtb.None {
			refuse(r)
			continue
		}
		c := a.price(li)
		c.creative = creative
		scored++
		switch {
		case c.price <= 0:
			refuse(openrtb.NoPrice)
		case c.price < a.floor:
			refuse(openrtb.BelowFloor)
		case best.item == nil, c.price > best.price, c.price == best.price && c.tie > best.tie:
			if funded && !a.funds(c) {
				refuse(openrtb.NoMoney)
				scored-- // any number of budgets may be used up: they must not hide the others
				continue
			}
			best = c
		}
	}
	return best, why
}

// funds says whether there is room for a bid at every budget of its line item.
// A bid that finds none counts as demand.
func (a *auction) funds(c choice) bool {
	if a.req.Test { // holds nothing
		return true
	}
	a.nodes = c.item.AppendNodePeriods(a.nodes[:0], a.now)
	if a.b.Holds.Room(a.nodes, c.cost, a.now) {
		return true
	}
	a.b.Counters.Of(c.item.ID).Censored(c.cost)
	return false
}

// price says what an impression is worth to a line item, and what to bid.
func (a *auction) price(li *catalog.LineItem) choice {
	value := li.Value
	if li.Goal.Kind == campaign.CPC {
		value = float64(li.Goal.Amount) * a.b.Model.ClickRate(li, &a.query)
	}
	value *= li.Factor(&a.query)
	a.b.Counters.Of(li.ID).Opportunity(min(value, float64(li.MaxBid)))
	worth := min(money.FromFloat(value*a.multipliers.Of(li.ID)), li.MaxBid)
	in := a.walk.Currency()
	price, cost := inAuction(li, in, worth, a.now)
	return choice{item: li, price: price, cost: cost, table: in.Table, value: value, tie: mix(a.seed ^ uint64(li.ID))}
}

// creativeFor returns the creative of a line item that fills an imp: of those
// that may, one by the request's hash, so that each gets its share and the
// same request the same one. Without any it says why the last was refused.
func (a *auction) creativeFor(li *catalog.LineItem, imp *openrtb.Imp) (*catalog.Creative, openrtb.Reason) {
	var best *catalog.Creative
	var bestTie uint64
	why := openrtb.WrongSize
	for i := range li.Creatives {
		c := &li.Creatives[i]
		if r := c.Check(&a.query, imp, a.req); r != openrtb.None {
			if rank(r) > rank(why) {
				why = r
			}
			continue
		}
		if tie := mix(a.seed ^ uint64(c.ID)<<1); best == nil || tie > bestTie {
			best, bestTie = c, tie
		}
	}
	if best == nil {
		return nil, why
	}
	return best, openrtb.None
}

// rank orders reasons by how far a line item came before it was refused: the
// one that came furthest says why an imp has no bid. Size is checked before
// what needs the user; price, floor and money come last.
func rank(r openrtb.Reason) int {
	switch r {
	case openrtb.WrongSize:
		return 2*int(openrtb.OutsideDaypart) + 1
	case openrtb.NoPrice, openrtb.BelowFloor, openrtb.NoMoney:
		return 1000 + int(r)
	}
	return 2 * int(r)
}
