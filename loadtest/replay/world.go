package replay

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// world is a log under a stress: what is the same for all its cases.
type world struct {
	*Config
	pair         Pair
	stress       Stress
	days         [days]played // budgets are set per case
	tunings      *sync.Map    // *tuning by case and policy
	unit         float64      // nanos of value per unit of the log
	maxBid       money.Nanos
	cost         [days]float64 // of what there is to buy, before the stress
	prices       []money.Nanos // yesterday's, sorted
	best         [days]*optimum
	afterShock   *optimum
	tick, second time.Duration

	mu     sync.Mutex
	plans  map[string]Score
	static [days]*static // made when a first-price case asks
}

func newWorld(c *Config, p Pair, s Stress) *world {
	w := &world{Config: c, pair: p, stress: s, plans: map[string]Score{}, tunings: new(sync.Map)}
	for _, a := range p.Train.Auctions {
		w.prices = append(w.prices, a.Price)
	}
	slices.Sort(w.prices)
	w.maxBid = w.prices[min(len(w.prices)-1, int(c.MaxBid*float64(len(w.prices))))]

	// A unit of value is worth so much money that lambda has room: all but a
	// hundredth of what could be bought would still be bought at lambda = 4.
	train := newOptimum(p.Train.Auctions, w.maxBid)
	_, ratio := train.at(.99 * train.total())
	w.unit = 4 / max(ratio, 1e-18)

	shape := c.Shape
	if p.Train.Timed {
		shape = hours(p.Train.Auctions)
	}
	if s.yesterday != nil {
		shape = s.yesterday(shape, c.Foreign)
	}
	values := 1.
	if s.values != 0 {
		values = s.values
	}
	w.days[0].auctions = prepare(p.Train, shape, w.unit*values, !p.Train.Timed || s.yesterday != nil)
	w.days[1].auctions = prepare(p.Today, c.Shape, w.unit, !p.Today.Timed)
	for d := range w.days {
		w.cost[d] = newOptimum(w.days[d].auctions, w.maxBid).total()
		if w.cost[d] == 0 { // nothing to buy: the budget is of what is there
			for i := range w.days[d].auctions {
				w.cost[d] += float64(w.days[d].auctions[i].Price)
			}
		}
	}
	if s.today != nil {
		w.days[1].auctions = s.today(w.days[1].auctions)
	}
	for d := range w.days {
		w.best[d] = newOptimum(w.days[d].auctions, w.maxBid)
	}
	if s.shock {
		i, _ := slices.BinarySearchFunc(w.days[1].auctions, halfTime, func(a Auction, at time.Duration) int { return int(a.At - at) })
		w.afterShock = newOptimum(w.days[1].auctions[i:], w.maxBid)
	}
	w.second = day / time.Duration(len(w.days[0].auctions))
	w.tick = max(time.Millisecond, w.second*time.Duration(c.Tick))
	return w
}

// checkBudgets refuses budgets that are no money.
func (w *world) checkBudgets() error {
	for d, name := range [days]string{"the day before", "the day"} {
		for _, f := range w.Fractions {
			if b := w.budget(d, f); b < 1 {
				return fmt.Errorf("budget fraction %g of %s: what there is to buy on %s costs %v, and a budget needs a nano at least", f, w.pair.Name, name, money.FromFloat(w.cost[d]))
			}
		}
	}
	return nil
}

// budget is that of a day.
func (w *world) budget(d int, fraction float64) money.Nanos {
	return money.FromFloat(fraction * w.cost[d])
}

// prepare gives a log's auctions their value in nanos and, to spread, the time
// that a shape gives them.
func prepare(l *Log, shape Shape, unit float64, spread bool) []Auction {
	all := slices.Clone(l.Auctions)
	var at []time.Duration
	if spread {
		at = shape.times(len(all))
	}
	for i := range all {
		all[i].Value *= unit
		if at != nil {
			all[i].At = at[i]
		}
	}
	return all
}
