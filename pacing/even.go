package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Even is a Controller with one multiplicative dual price per budget and an
// even plan. Each tick it compares what the tick's bids are expected to cost
// with the tick's share of what is left:
//
//	ln lambda += clamp(eta x (spend expected / share - 1), +-0.3)
//
// It goes by bids, not by bills, so it does not wait for notices; the bills
// correct what a bid is expected to cost, and what is left. Bids dropped for
// lack of money count as demand. lambda stays within [1, 100]: at 1 the
// budget is slack and its price cannot wind up.
type Even struct {
	version uint64
	last    time.Time
	items   []LineItem
	nodes   map[event.NodeID]*dual
	limits  limits
}

var _ Controller = (*Even)(nil)

// NewEven returns a controller that starts every budget at lambda = 1.
func NewEven() *Even { return &Even{nodes: make(map[event.NodeID]*dual)} }

const (
	maxLambda  = 100
	maxLogStep = 0.3 // per tick, so that one odd tick cannot throw a budget off

	// eta per whole plan: one for so many bids that the budget is worth, as few
	// bids tell little; more at both ends, where there is nothing learned to
	// lose, or no time left to be wrong.
	etaLeast, etaMost, bidsPerEta = 10, 60, 20
	etaEdge, edge                 = 3, 0.005
	// The share of a tick stays within these of the even one.
	leastRate, mostRate = 0.05, 20

	// In the last part of a plan, or of the money, the price may go anywhere: it
	// has little left to steer. It is no guide to the next morning.
	endOfPlan    = 0.05
	steadyMemory = 0.2 // of the plan: the mean price forgets so fast

	calMemory     = 0.05 // of the plan: the estimate of cost per bid forgets so fast
	calPrior      = 0.5  // billed per bid price before anything is known
	calPriorBids  = 20   // and how many bids that is worth
	expectNothing = 1e-9
)

// dual is the state of one budget. It outlives the period: a day starts from
// the price of the day before.
type dual struct {
	budget Budget
	hours  Hours
	maxBid money.Nanos

	log    float64 // ln lambda
	steady float64 // its mean over the plan, the end apart: where the next period begins
	seen   float64 // plans' worth of time that was learned from
	plan   *Plan
	period event.Period

	// Cost per bid price, of bids whose win deadline is over: recent and ever.
	matured, worth       float64
	maturedAll, worthAll float64
	expected             float64 // of the tick: nanos that its line items offered
	offered, bids        float64 // the same and its bids, over recent ticks
}

// Plan tells the line items. Budgets keep what was learned as long as a line
// item names them.
func (c *Even) Plan(items []LineItem) {
	c.items = items
	nodes := make(map[event.NodeID]*dual, len(c.nodes))
	for i := range items {
		for _, b := range items[i].Budgets {
			d := nodes[b.Node]
			switch {
			case d != nil:
				d.hours = d.hours.Union(items[i].Hours)
			case c.nodes[b.Node] != nil:
				d = c.nodes[b.Node]
				d.budget, d.hours, d.maxBid, d.plan = b, items[i].Hours, 0, nil
			default:
				d = &dual{budget: b, hours: items[i].Hours}
			}
			d.maxBid = max(d.maxBid, items[i].MaxBid)
			nodes[b.Node] = d
		}
	}
	c.nodes = nodes
	c.limits.set(items)
}

// Step moves the prices.
func (c *Even) Step(now time.Time, sums Sums) *Multipliers {
	if !c.last.IsZero() && now.After(c.last) {
		c.gather(sums.LineItems)
		for i := range sums.Nodes {
			n := &sums.Nodes[i]
			d := c.nodes[n.Node]
			if d == nil || !d.budget.Running(now) {
				continue
			}
			if d.budget.NodePeriod(now) == n.NodePeriod {
				d.step(c.last, now, n)
			} else {
				d.learn(n) // yesterday's bids still tell what bids cost
			}
		}
	}
	c.limits.step(now, &sums)
	c.last = now
	c.version++
	of := make(map[event.LineItemID]float64, len(c.items))
	for i := range c.items {
		of[c.items[i].ID] = c.multiplier(&c.items[i])
	}
	return NewMultipliers(c.version, of)
}

// Lambda returns the dual price of a budget; 1 if it is unknown.
func (c *Even) Lambda(n event.NodeID) float64 {
	if d := c.nodes[n]; d != nil {
		return math.Exp(d.log)
	}
	return 1
}

// multiplier merges the prices of a line item's budgets: the tightest rules,
// as a budget that is slack beside it has nothing to say.
func (c *Even) multiplier(li *LineItem) float64 {
	log := 0.0
	for i := range li.Budgets {
		log = max(log, c.nodes[li.Budgets[i].Node].log)
	}
	return c.limits.multiplier(li.ID, math.Exp(-log))
}

// gather sums up what the line items of each budget offered.
func (c *Even) gather(sums []Sum) {
	for _, d := range c.nodes {
		d.expected = 0
	}
	met := make(map[event.LineItemID]*Sum, len(sums))
	for i := range sums {
		met[sums[i].LineItem] = &sums[i]
	}
	for i := range c.items {
		if s := met[c.items[i].ID]; s != nil {
			for _, b := range c.items[i].Budgets {
				d := c.nodes[b.Node]
				d.expected += float64(s.Offered)
				d.offered += float64(s.Offered)
				d.bids += float64(s.Bids + s.Censored)
			}
		}
	}
}

// step moves one budget's price for the time from last to now.
func (d *dual) step(last, now time.Time, n *NodeSum) {
	if d.plan != nil && d.period != n.Period {
		d.log = d.steady
	}
	if d.plan == nil || d.period != n.Period || d.plan.amount != n.Limit {
		b := d.budget
		b.Amount = n.Limit // the ledger's word: the catalog may lag behind it
		d.plan, d.period = NewPlan(b, d.hours, n.Period), n.Period
	}
	d.learn(n)
	if !d.plan.Spread() {
		d.log = 0 // nothing to spread over
		return
	}
	total := float64(d.plan.total)
	passed := float64(d.plan.Open(now)-d.plan.Open(last)) / total
	if passed <= 0 {
		return // closed hours teach nothing
	}
	forget := math.Exp(-passed / calMemory)
	for _, x := range []*float64{&d.matured, &d.worth, &d.offered, &d.bids} {
		*x *= forget
	}

	cost := d.cost()
	left := max(passed, 1-float64(d.plan.Open(now))/total)
	unspent := float64(n.Limit-n.Booked-n.Pending) - cost*float64(n.Young)
	even := float64(n.Limit)
	share := passed * min(mostRate*even, max(leastRate*even, unspent/left))
	eta := passed * max(d.eta(even), etaEdge/(d.seen+edge), etaEdge/(left+edge))
	move := eta * (cost*d.expected/max(share, expectNothing) - 1)
	d.log = min(math.Log(maxLambda), max(0, d.log+min(maxLogStep, max(-maxLogStep, move))))
	d.seen += passed
	if left > endOfPlan && unspent > endOfPlan*even {
		d.steady += (d.log - d.steady) * min(1, passed/steadyMemory)
	}
}

// learn takes in what bids came to.
func (d *dual) learn(n *NodeSum) {
	d.matured += float64(n.Matured)
	d.worth += float64(n.Worth)
	d.maturedAll += float64(n.Matured)
	d.worthAll += float64(n.Worth)
}

// cost returns what is expected to be billed per unit of bid price. The
// recent bids speak; where they are few, all that ever were.
func (d *dual) cost() float64 {
	k := calPriorBids * d.bid()
	ever := (d.worthAll + k*calPrior) / (d.maturedAll + k)
	return (d.worth + k*ever) / (d.matured + k)
}

// bid returns the mean of the recent bids, or the most that one may be.
func (d *dual) bid() float64 {
	if d.bids > 0 {
		return max(1, d.offered/d.bids)
	}
	return float64(max(1, d.maxBid))
}

// eta returns the steady step per plan of a budget.
func (d *dual) eta(limit float64) float64 {
	return min(etaMost, max(etaLeast, limit/d.bid()/bidsPerEta))
}
