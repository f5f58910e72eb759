package catalog

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Tally counts what became of one line item in this process, imp by imp, so
// that "why does it not spend?" has an answer. It only grows, but for what
// Forget takes. Its methods take some nanoseconds, allocate nothing and are
// safe for concurrent use; a line item that was counted once has some 700
// bytes of it.
type Tally struct {
	bids, won, lost atomic.Int64

	met     [openrtb.ReasonCount]atomic.Int64
	sampled [openrtb.ReasonCount]atomic.Uint32
}

// Counts is what a Tally says at one moment, or a sum of such.
type Counts struct {
	Bids int64 // that left
	// What notices said that this process took, of whatever bidder's bids;
	// notices that were repeated count again.
	Won, Lost int64
	// Met is the imps that the line item was looked at for, by the reason why
	// it was refused; by None those on which it could bid.
	Met [openrtb.ReasonCount]int64
	// Sampled is the same for imps at which the line item was looked at only
	// to know what would become of it: None and Outbid are those where nothing
	// else kept it from bidding.
	Sampled [openrtb.ReasonCount]int64
}

// Bid counts a bid that left.
func (t *Tally) Bid() { t.bids.Add(1) }

// Won counts a win notice.
func (t *Tally) Won() { t.won.Add(1) }

// Lost counts a loss notice.
func (t *Tally) Lost() { t.lost.Add(1) }

// Count counts an imp: None where the line item could bid.
func (t *Tally) Count(why openrtb.Reason) { t.met[why].Add(1) }

// Sample counts a sampled imp.
func (t *Tally) Sample(why openrtb.Reason) { t.sampled[why].Add(1) }

// Read sets c to what is counted.
func (t *Tally) Read(c *Counts) {
	c.Bids, c.Won, c.Lost = t.bids.Load(), t.won.Load(), t.lost.Load()
	for i := range t.met {
		c.Met[i] = t.met[i].Load()
		c.Sampled[i] = int64(t.sampled[i].Load())
	}
}

// Forget takes away what Read gave: it is kept elsewhere.
func (t *Tally) Forget(c *Counts) {
	t.bids.Add(-c.Bids)
	t.won.Add(-c.Won)
	t.lost.Add(-c.Lost)
	for i := range t.met {
		t.met[i].Add(-c.Met[i])
		t.sampled[i].Add(-uint32(c.Sampled[i]))
	}
}

// Sum is how often something was counted: it tells whether anything was since.
func (c *Counts) Sum() int64 {
	sum := c.Bids + c.Won + c.Lost
	for i := range c.Met {
		sum += c.Met[i] + c.Sampled[i]
	}
	return sum
}

// Add adds what o counts.
func (c *Counts) Add(o *Counts) {
	c.Bids += o.Bids
	c.Won += o.Won
	c.Lost += o.Lost
	for i := range c.Met {
		c.Met[i] += o.Met[i]
		c.Sampled[i] += o.Sampled[i]
	}
}

// tallyRef is where the tally of all versions of a line item is, once
// somebody counts: processes that do not bid have none.
type tallyRef struct{ tally atomic.Pointer[Tally] }

// Tally returns where this process counts what becomes of the line item: the
// same for every version of it that is ever compiled.
func (li *LineItem) Tally() *Tally {
	if t := li.tally.tally.Load(); t != nil {
		return t
	}
	li.tally.tally.CompareAndSwap(nil, new(Tally))
	return li.tally.tally.Load()
}

// Counted returns the line item's tally, or nil if nothing was counted.
func (li *LineItem) Counted() *Tally { return li.tally.tally.Load() }
