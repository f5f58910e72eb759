package catalog

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Tally counts what became of one line item in this process, imp by imp, so
// that "why does it not spend?" has an answer. It only grows, but for what
// Forget takes. Its methods take some nanoseconds and are safe for concurrent
// use. Every line item that is looked at has one, and of a large catalog nearly
// all meet one reason or two: it takes 64 bytes for the first fewReasons, and
// another piece of memory for moreReasons more.
type Tally struct {
	bids, won, lost atomic.Int64
	few             [fewReasons]counter
	others          atomic.Pointer[others]
}

// others is a link of a chain: the reasons that were met after so many others.
type others struct {
	more   [moreReasons]counter
	others atomic.Pointer[others]
}

const (
	fewReasons  = 2
	moreReasons = 6
)

// counter counts imps that were met for one reason, and sampled.
type counter struct {
	why     atomic.Uint32 // the reason, and 1; 0 while nothing is counted here or behind
	sampled atomic.Uint32
	met     atomic.Int64
}

// of returns where a reason is counted: always the same, as places are taken
// one after the other and never given back.
func (t *Tally) of(why openrtb.Reason) *counter {
	n, rest := placeOf(why, t.few[:]), &t.others
	for n == nil {
		if rest.Load() == nil {
			rest.CompareAndSwap(nil, new(others))
		}
		o := rest.Load()
		n, rest = placeOf(why, o.more[:]), &o.others
	}
	return n
}

// placeOf returns the reason's place, which may be one that was free; nil where
// others have all.
func placeOf(why openrtb.Reason, places []counter) *counter {
	key := uint32(why) + 1
	for i := range places {
		p := &places[i]
		if k := p.why.Load(); k == key || k == 0 && (p.why.CompareAndSwap(0, key) || p.why.Load() == key) {
			return p
		}
	}
	return nil
}

// each calls f for every reason that anything may be counted of.
func (t *Tally) each(f func(openrtb.Reason, *counter)) {
	places := t.few[:]
	for rest := t.others.Load(); ; rest = rest.others.Load() {
		for i := range places {
			if key := places[i].why.Load(); key > 0 {
				f(openrtb.Reason(key-1), &places[i])
			}
		}
		if rest == nil {
			return
		}
		places = rest.more[:]
	}
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
func (t *Tally) Count(why openrtb.Reason) { t.of(why).met.Add(1) }

// Sample counts a sampled imp.
func (t *Tally) Sample(why openrtb.Reason) { t.of(why).sampled.Add(1) }

// Read sets c to what is counted.
func (t *Tally) Read(c *Counts) {
	*c = Counts{Bids: t.bids.Load(), Won: t.won.Load(), Lost: t.lost.Load()}
	t.each(func(why openrtb.Reason, n *counter) {
		c.Met[why] += n.met.Load()
		c.Sampled[why] += int64(n.sampled.Load())
	})
}

// Forget takes away what Read gave: it is kept elsewhere.
func (t *Tally) Forget(c *Counts) {
	t.bids.Add(-c.Bids)
	t.won.Add(-c.Won)
	t.lost.Add(-c.Lost)
	for i := range c.Met {
		if c.Met[i] != 0 || c.Sampled[i] != 0 {
			n := t.of(openrtb.Reason(i))
			n.met.Add(-c.Met[i])
			n.sampled.Add(-uint32(c.Sampled[i]))
		}
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
