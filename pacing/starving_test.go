//go:build !race

package pacing

import (
	"container/heap"
	"context"
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// priced is a market whose bidder goes by what it learned of prices, with the
// code that bids in production.
type priced struct {
	*market
	learner *landscape.Learner
	shading *landscape.Shading
	key     landscape.Key
	kind    landscape.Mechanism
	other   func() float64 // the highest other bid
	floor   money.Nanos
	paid    [24]money.Nanos
	wins    [24]int
}

// newPriced is a market of one line item. Its bidder was told of so many prices
// at what they are believed to be.
func newPriced(t *testing.T, start time.Time, item LineItem, kind landscape.Mechanism, believed float64, n int) *priced {
	t.Helper()
	p := &priced{market: newMarket(t, start, []LineItem{item}), kind: kind}
	p.key = landscape.KeyOf(landscape.Context{Exchange: 1, Currency: "USD", Mechanism: kind})
	p.other = func() float64 { return p.price * math.Exp(p.rng.NormFloat64()*0.7) }
	var err error
	if p.learner, err = landscape.NewLearner(landscape.Config{}); err != nil {
		t.Fatal(err)
	}
	if p.shading, err = landscape.NewShading(landscape.ShadingConfig{}); err != nil {
		t.Fatal(err)
	}
	for range n {
		p.learner.Exact(p.key, believed*math.Exp(p.rng.NormFloat64()*0.3))
	}
	p.outcome = p.learner.Observe
	p.market.start()
	return p
}

func (p *priced) run(end time.Time) {
	for p.clock.Now().Before(end) {
		if err := p.pacer.Step(context.Background()); err != nil {
			p.t.Fatal(err)
		}
		now := p.clock.Now()
		model := p.learner.Model(now)
		for i := range int(p.perTick) {
			p.auction(now.Add(time.Duration(float64(simTick)*float64(i)/p.perTick)), model)
		}
		p.clock.Advance(simTick)
		p.deliver(p.clock.Now())
	}
}

func (p *priced) auction(now time.Time, model *landscape.Model) {
	li := &p.items[0]
	value := 3e6 * math.Exp(p.rng.NormFloat64()*0.8)
	counter := p.pacer.Collector().Of(li.ID)
	counter.Opportunity(value)
	worth := landscape.Worth(value, p.pacer.Load().Of(li.ID), li.MaxBid)
	if worth < p.floor {
		return
	}
	q := p.shading.Price(landscape.Imp{Prices: model.Prices(p.key), Mechanism: p.kind, Worth: worth, Floor: p.floor, Shade: true, Draw: p.rng.Uint64()})
	expected := money.FromFloat(q.WinRate * float64(q.Payment))
	id, nodes := p.ids.Next(), []event.NodePeriod{li.Budgets[0].NodePeriod(now)}
	t := Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: time.Hour, Context: p.key, Offered: q.Bid}
	if q.Bid <= 0 || !p.pacer.Holds().Hold(id, nodes, q.Bid, t, now) {
		counter.Censored(q.Bid, expected)
		return
	}
	counter.Bid(q.Bid, expected)
	other := money.FromFloat(p.other())
	if other >= q.Bid {
		return // nobody tells
	}
	pays := max(other, p.floor)
	if p.kind == landscape.FirstPrice {
		pays = q.Bid
	}
	p.paid[now.Hour()] += pays
	p.wins[now.Hour()]++
	heap.Push(&p.coming, notice{at: now.Add(time.Second), bid: id, kind: event.KindWin, price: pays})
	heap.Push(&p.coming, notice{at: now.Add(time.Duration(p.rng.ExpFloat64() * float64(p.delay))), bid: id, kind: event.KindBilling, price: pays, nodes: nodes})
}

// A line item that wins nothing, as it takes prices for a twentieth of what
// they are and its price of money is a hundred times too high, gets out by
// itself: bids that bring no bill lower what bids are expected to cost, and
// losses raise what prices are expected to be. One whose bids are below every
// floor, so that it makes none, gets out as opportunities without demand do the
// same. So there is no share of its own for exploration.
func TestAStarvingLineItemGetsOut(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		kind  landscape.Mechanism
		floor money.Nanos
	}{
		"second price":          {landscape.SecondPrice, 0},
		"first price, censored": {landscape.FirstPrice, 0},
		"below every floor":     {landscape.SecondPrice, 0.5e6},
	} {
		t.Run(name, func(t *testing.T) {
			item := LineItem{ID: 1, MaxBid: 20e6, Budgets: []Budget{{Node: 1, Daily: true, Amount: 5000e6}}}
			p := newPriced(t, midnight, item, c.kind, 0.05e6, 5000)
			p.floor = c.floor
			p.run(midnight.Add(simTick)) // the controller meets the budget
			p.pacer.cfg.Controller.(Priced).Adopt([]Price{{PriceKey{Node: 1}, math.Log(300)}})
			p.run(midnight.Add(24 * time.Hour))
			p.finish()
			used := float64(p.billed[event.NodePeriod{Node: 1, Period: day}]) / 5000e6
			t.Logf("used %.3f; wins by hour %v", used, p.wins)
			if used < 0.95 || used > 1 || p.overrun != 0 {
				t.Errorf("%.3f of the budget was used, overrun %d", used, p.overrun)
			}
			// A quarter of the day is enough to be where the rest of it will be.
			if late, soon := p.wins[18], p.wins[6]; p.wins[0] > late/4 || soon < late/2 {
				t.Errorf("it did not starve, or not end: %v", p.wins)
			}
		})
	}
}

// One that nobody bids against learns that, and does not pay what it may.
func TestALineItemWithoutCompetitionDoesNotOverpay(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	item := LineItem{ID: 1, MaxBid: 20e6, Budgets: []Budget{{Node: 1, Daily: true, Amount: 1e12}}}
	p := newPriced(t, midnight, item, landscape.FirstPrice, 0, 0)
	p.other = func() float64 { return 0.1e6 * math.Exp(p.rng.NormFloat64()*0.2) }
	p.run(midnight.Add(24 * time.Hour))
	// Prices are up to 0.16e6, impressions worth 4e6 on average. One in a hundred
	// bids is left at that to compare with, one in twenty is moved.
	for h := 2; h < 24; h++ {
		if mean := float64(p.paid[h]) / float64(max(1, p.wins[h])); mean > 0.3e6 || p.wins[h] < 1100 {
			t.Errorf("in hour %d it paid %.3g for each of %d impressions", h, mean, p.wins[h])
		}
	}
}
