package pacing

import (
	"sync"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Sum is what one line item met since the sums were last taken.
type Sum struct {
	LineItem      event.LineItemID
	Opportunities int64       // imps it was eligible for and scored on
	Bids          int64       // bids that left
	Censored      int64       // bids that were dropped for lack of money
	Value         float64     // nanos: value of the opportunities, before the multiplier
	Offered       money.Nanos // prices of bids and censored bids together
	Expected      money.Nanos // what the landscape expects those to cost, the ones that lose included
	Outcomes      float64     // nanos: value that is expected to come of them, before the multiplier, the ones that lose included
}

// Collector gathers sums on the bid path. It is safe for concurrent use.
type Collector struct {
	kept  atomic.Pointer[keeping]
	met   sync.Map  // LineItemID to *Counter: those that bids met before Keep named them
	spare []Counter // Keep's: side by side, as Take goes through them
}

// keeping is what Keep made: the counters by line item, and in a row.
type keeping struct {
	at  map[event.LineItemID]*Counter
	row []counted
}

type counted struct {
	id event.LineItemID
	n  *Counter
}

func (k *keeping) add(id event.LineItemID, n *Counter) {
	k.at[id] = n
	k.row = append(k.row, counted{id, n})
}

// spares is how many counters are made at once: all of them stay for as long as
// one is in use.
const spares = 256

// Counter is one line item's place in a Collector. Its methods take some
// nanoseconds and allocate nothing.
type Counter struct {
	opportunities, bids, censored atomic.Int64
	value, outcomes               atomic.Int64 // nanos
	offered, expected             atomic.Int64 // nanos
	idle                          int64        // Keep's: how often in a row it had counted nothing. Fills the cache line
}

// leftAfter is how many Keeps in a row neither name a line item that bids met
// nor find that it counted, before it is forgotten: a bid that has just met it
// may be about to count.
const leftAfter = 10

// NewCollector returns an empty collector.
func NewCollector() *Collector {
	c := new(Collector)
	c.kept.Store(new(keeping))
	return c
}

// Of returns the line item's counter, which stays the same for as long as
// [Collector.Keep] names it. It waits for nobody: a catalog that got thousands of
// line items is bid from before the next tick knows them.
func (c *Collector) Of(id event.LineItemID) *Counter {
	if n, ok := c.kept.Load().at[id]; ok {
		return n
	}
	n, ok := c.met.Load(id)
	if !ok {
		n, _ = c.met.LoadOrStore(id, new(Counter))
	}
	// Keep may have been faster. It stores its map before it takes out of met
	// what is in that.
	if n, ok := c.kept.Load().at[id]; ok {
		return n
	}
	return n.(*Counter)
}

// Keep makes the counters of these line items, so that the bid path finds them,
// and drops those of others, unless they counted since the last Take: a request
// may still be at work with a line item that has left. One that counts after that
// is lost, which is no loss: nobody asks for it. Keep and Take are for one
// goroutine at a time.
func (c *Collector) Keep(ids []event.LineItemID) {
	old := c.kept.Load()
	next := keeping{at: make(map[event.LineItemID]*Counter, len(ids)), row: make([]counted, 0, len(ids))}
	for i, id := range ids {
		giveWay(i)
		n := old.at[id]
		if n == nil {
			n = c.add(id)
		}
		next.add(id, n)
	}
	for i, k := range old.row {
		giveWay(i)
		if next.at[k.id] == nil && k.n.counted() {
			next.add(k.id, k.n)
		}
	}
	c.kept.Store(&next)
	c.met.Range(func(id, met any) bool {
		n := met.(*Counter)
		switch {
		case next.at[id.(event.LineItemID)] != nil:
			c.met.Delete(id)
		case n.counted():
			n.idle = 0
		case n.idle >= leftAfter:
			c.met.Delete(id)
		default:
			n.idle++
		}
		return true
	})
}

// add returns a new counter, or the one that bids have made. It is found in met
// until kept has it.
func (c *Collector) add(id event.LineItemID) *Counter {
	if n, ok := c.met.Load(id); ok {
		return n.(*Counter)
	}
	if len(c.spare) == 0 {
		c.spare = make([]Counter, spares)
	}
	n, there := c.met.LoadOrStore(id, &c.spare[0])
	if !there {
		c.spare = c.spare[1:]
	}
	return n.(*Counter)
}

func (n *Counter) counted() bool {
	return n.opportunities.Load() != 0 || n.bids.Load() != 0 || n.censored.Load() != 0
}

// Opportunity counts an imp that the line item could bid on, and its value in
// nanos before the multiplier.
func (n *Counter) Opportunity(value float64) {
	n.opportunities.Add(1)
	n.value.Add(int64(money.FromFloat(value)))
}

// Bid counts a bid that left: its price, and what it is expected to cost, the
// chance of losing included. Both are what the advertiser would pay. Who knows
// no prices of the market gives the price for both: the controller learns what
// share of it is billed.
func (n *Counter) Bid(price, expected money.Nanos) {
	n.bids.Add(1)
	n.offered.Add(int64(price))
	n.expected.Add(int64(expected))
}

// Censored counts a bid that would have left had there been money. It is
// demand all the same: without it, a bidder that ran dry would look cheap.
func (n *Counter) Censored(price, expected money.Nanos) {
	n.censored.Add(1)
	n.offered.Add(int64(price))
	n.expected.Add(int64(expected))
}

// Outcome adds what a counted bid is expected to bring: its value in nanos,
// before the multiplier, times the chance of winning. Line items with a
// CostLimit need it.
func (n *Counter) Outcome(expected float64) { n.outcomes.Add(int64(money.FromFloat(expected))) }

// Take appends the sums since the last Take to dst, line items that met
// nothing left out: of 100,000 most, which costs a look at each.
func (c *Collector) Take(dst []Sum) []Sum {
	for i, k := range c.kept.Load().row {
		giveWay(i)
		dst = k.n.take(k.id, dst)
	}
	c.met.Range(func(id, n any) bool {
		dst = n.(*Counter).take(id.(event.LineItemID), dst)
		return true
	})
	return dst
}

// take appends what a line item met, if anything.
func (n *Counter) take(id event.LineItemID, dst []Sum) []Sum {
	if n.untouched() {
		return dst
	}
	s := Sum{
		LineItem:      id,
		Opportunities: n.opportunities.Swap(0),
		Bids:          n.bids.Swap(0),
		Censored:      n.censored.Swap(0),
		Value:         float64(n.value.Swap(0)),
		Offered:       money.Nanos(n.offered.Swap(0)),
		Expected:      money.Nanos(n.expected.Swap(0)),
		Outcomes:      float64(n.outcomes.Swap(0)),
	}
	return append(dst, s)
}

// untouched says whether there is nothing to take. To look takes a tenth of
// what it takes to swap, and leaves the line to the processors that have it.
func (n *Counter) untouched() bool {
	return n.opportunities.Load()|n.bids.Load()|n.censored.Load()|n.value.Load()|n.offered.Load()|n.expected.Load()|n.outcomes.Load() == 0
}
