package pacing

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// DualConfig tunes a Dual. The zero value is the default.
type DualConfig struct{}

// Dual is a Controller with one dual price (lambda) per budget, in log space.
// A line item bids its value divided by the highest lambda of its budgets.
// Each tick compares what the tick's bids are expected to cost with what may
// be spent on the tick's traffic:
//
//	ln lambda += eta x (traffic of the tick / traffic of the plan) x (cost expected / (rho x traffic) - 1)
//	rho = (amount - booked - what open bids will cost) / traffic that is left
//
// It goes by bids, not by bills, so it does not wait for notices; the bills
// correct what a bid is expected to cost. Bids dropped for lack of money count
// as demand.
type Dual struct {
	mu      sync.Mutex // of what View reads
	version uint64
	last    time.Time
	items   []LineItem
	places  map[event.LineItemID]int32 // where in items
	paths   []path                     // of budgets
	path    []int32                    // in paths, of each line item
	nodes   map[event.NodeID]*dual
	order   []*dual
	all     traffic // of all line items together
	limits  limits
	chores  int // that may still be done in this Step

	remembered map[event.NodeID]*dual // from before a restart, of budgets that no line item has named yet
}

// path is the budgets that line items have together, mostly a campaign's.
type path struct {
	prices []*dual
	base   float64 // what these alone would have a line item bid of its value
	log    float64 // of the price that is of
	rules  float64 // the least by which one of its line items bids
}

// settle works out what the budgets' prices come to, and returns the tightest: a
// budget that is slack beside it has nothing to say.
func (p *path) settle() (top float64) {
	for _, d := range p.prices {
		top = max(top, d.log)
	}
	p.base = math.Exp(-top)
	p.log = -math.Log(p.base)
	return top
}

var _ Controller = (*Dual)(nil)

// NewDual returns a controller that has learned nothing.
func NewDual(DualConfig) (*Dual, error) { return &Dual{nodes: make(map[event.NodeID]*dual)}, nil }

// Plan tells the line items. Budgets keep what was learned as long as a line
// item names them.
func (c *Dual) Plan(items []LineItem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = items
	c.places = make(map[event.LineItemID]int32, len(items))
	c.paths, c.path = []path{{}}, make([]int32, len(items)) // the first: no budgets
	nodes := make(map[event.NodeID]*dual, len(c.nodes))
	c.order = c.order[:0]
	type list struct {
		first *Budget
		n     int
	}
	shared := make(map[list]int32)
	var prices []*dual
	for i := range items {
		giveWay(i)
		c.places[items[i].ID] = int32(i)
		prices = prices[:0]
		for _, b := range items[i].Budgets {
			d := nodes[b.Node]
			switch {
			case d != nil:
				d.hours = d.hours.Union(items[i].hours())
			case c.nodes[b.Node] != nil:
				d = c.nodes[b.Node]
				d.budget, d.hours, d.maxBid, d.plan = b, items[i].hours(), 0, nil
			default:
				if d = c.remembered[b.Node]; d == nil {
					d = new(dual)
				}
				delete(c.remembered, b.Node)
				d.budget, d.hours = b, items[i].hours()
			}
			d.maxBid = max(d.maxBid, items[i].MaxBid)
			if nodes[b.Node] == nil {
				c.order = append(c.order, d)
			}
			nodes[b.Node] = d
			prices = append(prices, d)
		}
		if len(prices) > 0 {
			of := list{&items[i].Budgets[0], len(prices)}
			if shared[of] == 0 {
				shared[of] = int32(len(c.paths))
				c.paths = append(c.paths, path{prices: slices.Clone(prices)})
			}
			c.path[i] = shared[of]
		}
	}
	c.nodes = nodes
	c.limits.set(items)
}

// Step moves the prices.
func (c *Dual) Step(now time.Time, sums Sums) *Multipliers {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chores = choresAtOnce
	if !c.last.IsZero() && now.After(c.last) {
		c.gather(now, sums.LineItems)
		for i := range sums.Nodes {
			n := &sums.Nodes[i]
			d := c.nodes[n.Node]
			if d == nil || !d.budget.Running(now) {
				continue
			}
			if d.budget.NodePeriod(now) == n.NodePeriod {
				d.step(c, now, n)
			} else {
				d.cal.matured(float64(n.Matured), float64(n.Worth)) // yesterday's bids still tell what bids cost
			}
		}
	}
	c.limits.step(now, &sums)
	c.last = now
	c.version++
	values := c.values()
	for _, d := range c.order {
		d.log = max(d.log, d.rules-slackBelow)
	}
	return &Multipliers{version: c.version, places: c.places, values: values}
}

// slackBelow is how far, in its logarithm, a price may fall below what all its
// line items bid by: another budget or a limit holds them back. When that ends
// it is not a long way up.
const slackBelow = 2

// choresAtOnce bounds how many budgets' forecasts are worked out anew in one
// Step. The others keep theirs until a later one.
const choresAtOnce = 32

// Lambda returns the dual price of a budget; 1 if it is unknown.
func (c *Dual) Lambda(n event.NodeID) float64 {
	if d := c.nodes[n]; d != nil {
		return math.Exp(d.log)
	}
	return 1
}

// values returns the multipliers by place, and notes by what each budget's line
// items bid.
func (c *Dual) values() []float64 {
	for _, d := range c.order {
		d.rules = mostLog
	}
	for i := range c.paths {
		c.paths[i].settle()
		c.paths[i].rules = mostLog
	}
	values := make([]float64, len(c.items))
	for i := range c.items {
		giveWay(i)
		p := &c.paths[c.path[i]]
		values[i] = c.limits.multiplier(c.items[i].ID, p.base)
		log := p.log
		if values[i] != p.base {
			log = -math.Log(values[i])
		}
		p.rules = min(p.rules, log)
	}
	for _, p := range c.paths {
		for _, d := range p.prices {
			d.rules = min(d.rules, p.rules)
		}
	}
	return values
}

// gather sums up what the line items of each budget met.
func (c *Dual) gather(now time.Time, sums []Sum) {
	for _, d := range c.order {
		d.met, d.offered, d.expected, d.bids = 0, 0, 0, 0
	}
	all := 0.0
	for i := range sums {
		s := &sums[i]
		k, ok := c.places[s.LineItem]
		if !ok {
			continue
		}
		all += float64(s.Opportunities)
		for _, d := range c.paths[c.path[k]].prices {
			d.met += float64(s.Opportunities)
			d.offered += float64(s.Offered)
			d.expected += float64(s.Expected)
			d.bids += float64(s.Bids + s.Censored)
		}
	}
	c.all.add(now.UnixNano(), all, now.Sub(c.last).Hours())
}
