package pacing

import (
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

func TestCountingDoesNotAllocate(t *testing.T) {
	c := NewCollector()
	c.Ensure([]event.LineItemID{1})
	if n := testing.AllocsPerRun(100, func() {
		x := c.Of(1)
		x.Opportunity(1)
		x.Bid(1, 1)
		x.Censored(1, 1)
		x.Outcome(5)
	}); n > 0 {
		t.Errorf("counting allocates %v times", n)
	}
}
