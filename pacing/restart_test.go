package pacing

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// A bidder that is killed and starts again bids on by the price that it had
// found, if that is not old; its ledger and its memory are all that is left.
func TestAKilledBidderStartsFromItsLastPrice(t *testing.T) {
	const node event.NodeID = 7
	c := clock.NewManual(noon)
	book := &notebook{clock: c}
	ledger := newMemLedger()
	ledger.limits[node] = 1000 * money.Unit
	start := func() (*Pacer, *Kept, *Dual) {
		inner := newDual(t)
		k, err := NewKept(t.Context(), KeptConfig{
			Controller: inner, Memory: book, Name: "pacing", Clock: c, Failed: func(err error) { t.Error(err) },
		})
		if err != nil {
			t.Fatal(err)
		}
		items := []LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: node, Daily: true, Amount: 1000 * money.Unit}}}}
		p, err := New(context.Background(), Config{
			Name: "bidder", Ledger: ledger, Clock: c, Controller: k, LineItems: func() (uint64, []LineItem) { return 1, items },
		})
		if err != nil {
			t.Fatal(err)
		}
		return p, k, inner
	}
	tick := func(p *Pacer, k *Kept) {
		c.Advance(time.Second)
		for range 10 { // far more than a day's money lasts for
			p.Collector().Of(1).Opportunity(1e9)
			p.Collector().Of(1).Bid(money.Unit, money.Unit/2)
		}
		if err := p.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		k.done.Wait()
	}
	// given a bidder that found its price, and has kept it
	p, k, dual := start()
	for range 601 {
		tick(p, k)
	}
	found := dual.Lambda(node)
	if found < 2 || book.keeps == 0 {
		t.Fatalf("lambda is %v, kept %d times: there is nothing to go on from", found, book.keeps)
	}
	for name, away := range map[string]time.Duration{"a minute": time.Minute, "two hours": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			back := c.Now()
			defer c.Set(back)
			// when it is killed and starts again
			c.Advance(away)
			p, k, dual := start()
			tick(p, k)
			// then it goes on; what was found too long ago is a guide, and no more
			got := dual.Lambda(node)
			if near := math.Abs(math.Log(got / found)); away < priceKeeps && near > .4 || got < 1 {
				t.Errorf("it starts at %v, after %v", got, found)
			}
			if m := p.Load().Of(1); math.Abs(m*got-1) > 1e-9 {
				t.Errorf("it bids %v of values at a price of %v", m, got)
			}
		})
	}
}
