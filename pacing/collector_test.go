package pacing

import (
	"runtime"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/event"
)

func TestCollectorLosesNothing(t *testing.T) {
	c := NewCollector()
	var wg sync.WaitGroup
	var taken []Sum
	for g := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				n := c.Of(event.LineItemID(i%7 + 1))
				n.Opportunity(10)
				if i%2 == 0 {
					n.Bid(3, 1)
				} else {
					n.Censored(2, 1)
					n.Outcome(5)
				}
				if g == 0 && i%100 == 0 {
					taken = c.Take(taken)
				}
			}
		})
	}
	wg.Wait()
	var all Sum
	for _, s := range c.Take(taken) {
		all.Opportunities += s.Opportunities
		all.Bids += s.Bids
		all.Censored += s.Censored
		all.Value += s.Value
		all.Offered += s.Offered
		all.Expected += s.Expected
		all.Outcomes += s.Outcomes
	}
	if want := (Sum{Opportunities: 4000, Bids: 2000, Censored: 2000, Value: 40_000, Offered: 10_000, Expected: 4000, Outcomes: 10_000}); all != want {
		t.Errorf("took %+v, want %+v", all, want)
	}
	if rest := c.Take(nil); len(rest) != 0 {
		t.Errorf("took %+v twice", rest)
	}
}

// A line item that leaves keeps its counter until what it counted was taken.
func TestCollectorForgetsLineItemsThatLeft(t *testing.T) {
	c := NewCollector()
	c.Keep([]event.LineItemID{1, 2, 3})
	one := c.Of(1)
	one.Bid(3, 1)
	c.Of(2).Opportunity(1)
	c.Keep([]event.LineItemID{1})
	if c.Of(1) != one {
		t.Error("a counter that stays was made anew")
	}
	if taken := c.Take(nil); len(taken) != 2 {
		t.Errorf("took %+v, want what line items 1 and 2 counted", taken)
	}
	c.Keep([]event.LineItemID{1})
	if n := len(c.kept.Load().row); n != 1 {
		t.Errorf("%d counters are kept, want 1", n)
	}
	c.Of(4) // of a catalog that is no more
	for range leftAfter + 1 {
		c.Keep([]event.LineItemID{1})
	}
	for _, k := range c.lately() {
		t.Errorf("line item %v is still known, which bids met long ago", k.id)
	}
}

// Bids may know a catalog long before ticks do.
func TestCollectorKeepsWhatCountsThoughTicksDoNotKnowIt(t *testing.T) {
	c := NewCollector()
	counts, idles := c.Of(1), c.Of(2)
	for range 3 * leftAfter {
		counts.Opportunity(1)
		if taken := c.Take(nil); len(taken) != 1 { // which renews
			t.Fatalf("took %+v, want what line item 1 counted", taken)
		}
	}
	if c.Of(1) != counts {
		t.Error("a line item that counts all the time was forgotten")
	}
	if c.Of(2) == idles {
		t.Error("a line item that counted nothing is still known")
	}
	for range leftAfter + 1 {
		c.Take(nil)
	}
	if left := c.lately(); len(left) > 0 {
		t.Errorf("%d line items are still known, want none", len(left))
	}
}

// Whatever a renewal is at, bids get counters, of line items that it moves and of
// others, and nothing that they count is lost. The lock that they wait for is not
// held for more than some line items: with it between two, this would not end.
func TestBidsWaitForNothingThatARenewalDoes(t *testing.T) {
	c := NewCollector()
	const most = 300
	var ids []event.LineItemID
	for id := range event.LineItemID(most) {
		ids = append(ids, id+1)
	}
	c.Keep(ids[:most/3])
	of := map[event.LineItemID]*Counter{}
	for _, id := range ids {
		of[id] = c.Of(id)
	}
	c.Keep(ids[:most/3]) // takes over the first third
	const fresh = 5 * giveWayEvery
	steps, counts := 0, int64(0)
	c.named = ids[:most*2/3] // and now the second
	c.renew(func(int) {
		steps++
		if len(of) < most+fresh { // many meanwhile
			for range 2 {
				id := event.LineItemID(len(of) + 1)
				of[id] = c.Of(id)
			}
		}
		if steps%10 == 0 {
			for id, n := range of {
				if c.Of(id) != n {
					t.Fatalf("line item %d has another counter", id)
				}
				n.Opportunity(1)
				counts++
			}
		}
	})
	if all := most*2/3 + most/3 + most*2/3 + fresh; steps <= all-giveWayEvery {
		t.Errorf("bids could come in %d times, want all %d but the last few", steps, all)
	}
	for id, n := range of {
		if c.Of(id) != n {
			t.Fatalf("line item %d has another counter", id)
		}
	}
	if kept, rest := len(c.kept.Load().row), len(c.lately()); kept != most*2/3 || kept+rest != len(of) {
		t.Errorf("%d counters are kept and %d are not, want %d and %d", kept, rest, most*2/3, len(of)-most*2/3)
	}
	sum := int64(0)
	for _, s := range c.Take(nil) {
		sum += s.Opportunities
	}
	if sum != counts {
		t.Errorf("took %d opportunities, want %d", sum, counts)
	}
}

// Most of a large catalog meets no bid.
func TestCollectorHasCountersOfWhatBidsMet(t *testing.T) {
	c := NewCollector()
	ids := make([]event.LineItemID, 10_000)
	for i := range ids {
		ids[i] = event.LineItemID(i + 1)
	}
	c.Keep(ids)
	if n := len(c.kept.Load().row) + len(c.lately()); n > 0 {
		t.Errorf("%d counters of line items that no bid met", n)
	}
	// when bids meet many, time and again
	const met = 1000
	of := map[event.LineItemID]*Counter{}
	for range 3 {
		for _, id := range ids[:met] {
			n := c.Of(id)
			if of[id] != nil && of[id] != n {
				t.Fatalf("line item %d has another counter", id)
			}
			of[id] = n
			n.Opportunity(1)
		}
		// then all that they counted is taken, and they need no lock for them afterwards
		if taken := c.Take(nil); len(taken) != met {
			t.Errorf("took %d line items, want %d", len(taken), met)
		}
		if kept, locked := len(c.kept.Load().row), len(c.lately()); kept != met || locked != 0 {
			t.Errorf("%d are found without a lock and %d behind it, want %d and none", kept, locked, met)
		}
	}
}

// A catalog gets thousands of line items at once, and bids meet them before the
// next tick does.
func TestALineItemThatIsNewCostsTheBidPathNoCopy(t *testing.T) {
	c := NewCollector()
	known := make([]event.LineItemID, 50_000)
	for i := range known {
		known[i] = event.LineItemID(i + 1)
	}
	c.Keep(known)
	const met = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range met {
		c.Of(event.LineItemID(len(known) + 1 + i)).Opportunity(1)
	}
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) / met; took > 10_000 {
		t.Errorf("a new line item allocates %d bytes beside %d that are known", took, len(known))
	}
	if taken := c.Take(nil); len(taken) != met {
		t.Errorf("took %d line items, want %d", len(taken), met)
	}
}

// Bids go on counting while Keep takes line items over that they met before.
func TestCollectorLosesNothingWhileLineItemsCome(t *testing.T) {
	const most, each = 300, 1000
	var ids []event.LineItemID
	for id := range event.LineItemID(most) {
		ids = append(ids, id+1)
	}
	for range 20 {
		c := NewCollector()
		var wg sync.WaitGroup
		for g := range 3 {
			wg.Go(func() {
				for i := range each {
					c.Of(event.LineItemID(1 + (i+g*7)%most)).Opportunity(1)
				}
			})
		}
		var taken []Sum
		for part := range 4 { // ticks know more of them each time
			c.Keep(ids[:most*part/3])
			taken = c.Take(taken)
		}
		wg.Wait()
		sum := int64(0)
		for _, s := range c.Take(taken) {
			sum += s.Opportunities
		}
		if sum != 3*each {
			t.Fatalf("took %d opportunities, want %d", sum, 3*each)
		}
	}
}

func TestCountingDoesNotAllocate(t *testing.T) {
	const kept, met = 1_000_001, 1_000_002
	c := NewCollector()
	c.Of(kept)
	c.Keep([]event.LineItemID{kept})
	c.Of(met)
	for _, id := range []event.LineItemID{kept, met} {
		if n := testing.AllocsPerRun(100, func() {
			x := c.Of(id)
			x.Opportunity(1)
			x.Bid(1, 1)
			x.Censored(1, 1)
			x.Outcome(5)
		}); n > 0 {
			t.Errorf("counting for line item %d allocates %v times", id, n)
		}
	}
}
