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

// Collector gathers sums on the bid path. It is safe for concurrent use. Of
// 100,000 line items most meet no bid: it has counters of those that do.
type Collector struct {
	kept  atomic.Pointer[keeping]
	named []event.LineItemID // by the last Keep

	mu  sync.RWMutex // bids wait for it: held for less than giveWayEvery line items
	met *keeping     // those that bids met since kept was made
}

// keeping is the counters by line item, and in a row. The one in kept does not
// change, the one in met grows.
type keeping struct {
	at  map[event.LineItemID]*Counter
	row []counted
}

type counted struct {
	id event.LineItemID
	n  *Counter
}

func newKeeping(n int) *keeping {
	return &keeping{at: make(map[event.LineItemID]*Counter, n), row: make([]counted, 0, n)}
}

func (k *keeping) add(id event.LineItemID, n *Counter) {
	k.at[id] = n
	k.row = append(k.row, counted{id, n})
}

// metShare is how many line items bids meet before kept, all of which is copied
// for that, has them as well: one for so many that it has. Until then bids find
// them behind a lock.
const metShare = 16

// Counter is one line item's place in a Collector. Its methods take some
// nanoseconds and allocate nothing.
type Counter struct {
	opportunities, bids, censored atomic.Int64
	value, outcomes               atomic.Int64 // nanos
	offered, expected             atomic.Int64 // nanos
	idle                          int64        // Take's and Keep's, see left. Fills the cache line
}

// leftAfter is how many renewals in a row may find that a line item in met is
// not named and counted nothing since the one before, until it is forgotten: a
// bid may be about to count, and ticks may be about to know it.
const leftAfter = 10

// NewCollector returns an empty collector.
func NewCollector() *Collector {
	c := &Collector{met: newKeeping(0)}
	c.kept.Store(new(keeping))
	return c
}

// Of returns the line item's counter, which stays the same for as long as
// [Collector.Keep] names it. One that no bid met before gets it now: whether a
// tick knows the line item yet does not matter.
func (c *Collector) Of(id event.LineItemID) *Counter {
	if n, ok := c.kept.Load().at[id]; ok {
		return n
	}
	c.mu.RLock()
	n := c.met.at[id]
	c.mu.RUnlock()
	if n != nil {
		return n
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.kept.Load().at[id]; ok { // since we looked
		return n
	}
	if n = c.met.at[id]; n == nil {
		n = new(Counter)
		c.met.add(id, n)
	}
	return n
}

// Keep says which line items there are. It drops the counters of others, unless
// they counted since the last Take: a request may still be at work with a line
// item that has left. One that counts after that is lost, which is no loss: nobody
// asks for it. Keep and Take are for one goroutine at a time.
func (c *Collector) Keep(ids []event.LineItemID) {
	c.named = ids
	c.renew(giveWay)
}

// renew takes what bids met over into kept, and drops what has left. Both are
// made anew beside those that bids use. It calls between with each loop's count.
func (c *Collector) renew(between func(i int)) {
	named := make(map[event.LineItemID]struct{}, len(c.named))
	for i, id := range c.named {
		between(i)
		named[id] = struct{}{}
	}
	old, met := c.kept.Load(), c.lately()
	next, rest := newKeeping(len(old.row)+len(met)), newKeeping(0)
	for i, k := range old.row {
		between(i)
		if _, is := named[k.id]; is || k.n.counted() {
			next.add(k.id, k.n)
		}
	}
	for i, k := range met {
		between(i)
		if _, is := named[k.id]; is {
			next.add(k.id, k.n)
		} else if !k.n.left() {
			rest.add(k.id, k.n)
		}
	}
	for done := len(met); !c.swap(next, rest, done); {
		more := c.lately()[done:] // that bids met meanwhile
		for i, k := range more {
			between(i)
			rest.add(k.id, k.n)
		}
		done += len(more)
	}
}

// swap puts next and rest in the place of kept and met, unless bids met many
// more than the done first of met, which are in next and rest.
func (c *Collector) swap(next, rest *keeping, done int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	more := c.met.row[done:]
	if len(more) >= giveWayEvery {
		return false
	}
	for _, k := range more {
		rest.add(k.id, k.n)
	}
	c.kept.Store(next)
	c.met = rest
	return true
}

// lately returns what bids met since kept was made.
func (c *Collector) lately() []counted {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.met.row
}

// left says whether a line item that is not named is to be forgotten. Take
// begins idle anew, too: it is called before most renewals, and leaves nothing.
func (n *Counter) left() bool {
	if n.counted() {
		n.idle = 0
	} else {
		n.idle++
	}
	return n.idle > leftAfter
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
// nothing left out.
func (c *Collector) Take(dst []Sum) []Sum {
	row, met := c.kept.Load().row, c.lately()
	for i, k := range row {
		giveWay(i)
		dst = k.n.take(k.id, dst)
	}
	for i, k := range met {
		giveWay(i)
		dst = k.n.take(k.id, dst)
	}
	if len(met) > len(row)/metShare {
		c.renew(giveWay)
	}
	return dst
}

// take appends what a line item met, if anything.
func (n *Counter) take(id event.LineItemID, dst []Sum) []Sum {
	if n.untouched() {
		return dst
	}
	n.idle = 0
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
