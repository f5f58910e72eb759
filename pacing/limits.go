package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// limits hold line items to what their outcomes may cost: a second dual price
// (nu) beside the budgets' (lambda). A bid that is best under both is
//
//	(1 + nu L) / (lambda + nu) x value = ((1 - t) / lambda + t L) x value, t = nu / (lambda + nu)
//
// with L the cost limit per value as it is observed: between what the budget
// alone would bid, and L, at which no single bid can break the limit. t moves
// by what the tick's bids are expected to cost over what their outcomes allow,
// what is owed from before included. Where the budget bids below L the limit
// is slack, and t falls to nothing.
//
// Orders come hours and days after the spend. What was expected is held against
// what came only as far as it should have come by now, see [Arrived]; the rest
// is still to come, and may be spent on, at the rate that was seen.
type limits struct {
	items map[event.LineItemID]*limit
	last  time.Time
}

const (
	limitStep  = 0.3 // of the logit of t, per tick
	limitLogit = 7   // the logit stays within so much: t of .001 to .999
	// Bids after which a tick's word on costs counts in full.
	limitBids = 50
	// The stated rates count as much as so many outcomes that were seen.
	limitPrior = 10
	// What is owed from before makes bids cheaper, or dearer, by no more than
	// this.
	mostOwed = 0.5
	// Minimum delivery takes over gradually, in full when so much of it is
	// missing.
	missingShort = 0.05
	// The memory of what was expected, in outcomes: markets and pages change.
	limitMemory = 400
)

// limit is the state of one line item's limit.
type limit struct {
	item  *LineItem
	logit float64

	// Since the first observation: what was expected and what was seen, both as
	// the spend that outcomes allow, and as spend.
	young         waiting // expected
	allowed, cost float64 // expected, what is young apart
	saw           Observed
	came, paid    float64 // seen
	began         bool

	// Of the first budget, for minimum delivery.
	shared bool // with other line items
	plan   *Plan
	of     event.Period // that the plan is of
	delivery
}

// delivery is what minimum delivery knows of a day. A new limit does not change it.
type delivery struct {
	period  event.Period
	known   bool    // at is
	at      float64 // Observed.Spent when the day began
	missing float64 // 0 to 1: how far minimum delivery overrules the limit
}

// set takes over the line items; what was learned of them stays.
func (l *limits) set(items []LineItem) {
	old := l.items
	l.items = make(map[event.LineItemID]*limit)
	sharing := make(map[event.NodeID]int)
	for i := range items {
		giveWay(i)
		for _, b := range items[i].Budgets {
			sharing[b.Node]++
		}
	}
	for i := range items {
		li := &items[i]
		if li.CostLimit <= 0 {
			continue
		}
		x := old[li.ID]
		switch {
		case x == nil:
			x = new(limit)
		case x.item.CostLimit != li.CostLimit: // seen outcomes are in its terms
			x = &limit{logit: x.logit, delivery: x.delivery}
		}
		x.item, x.plan = li, nil
		x.shared = len(li.Budgets) > 0 && sharing[li.Budgets[0].Node] > 1
		l.items[li.ID] = x
	}
}

// step moves the prices of limits by what a tick counted.
func (l *limits) step(now time.Time, sums *Sums) {
	if len(l.items) == 0 {
		return
	}
	if passed := now.Sub(l.last); !l.last.IsZero() && passed > 0 {
		for _, x := range l.items {
			x.allowed += x.young.pass(passed)
		}
	}
	l.last = now
	for _, o := range sums.Observed {
		if x := l.items[o.LineItem]; x != nil {
			x.observe(o)
		}
	}
	for i := range sums.LineItems {
		if x := l.items[sums.LineItems[i].LineItem]; x != nil {
			x.step(&sums.LineItems[i])
		}
	}
	for _, x := range l.items {
		if x.item.MinDelivery > 0 && len(x.item.Budgets) > 0 {
			x.deliver(now, sums.Nodes)
		}
	}
}

// observe takes in what came since it was last read.
func (x *limit) observe(o Observed) {
	limit := x.item.CostLimit
	if x.began {
		x.came += max(0, limit*(o.Outcomes-x.saw.Outcomes))
		x.paid += max(0, float64(o.Spent-x.saw.Spent))
	}
	x.saw, x.began = o, true
	if due, _ := x.due(); due > limitMemory*x.outcome() {
		fade := limitMemory * x.outcome() / due
		for _, v := range []*float64{&x.allowed, &x.cost, &x.came, &x.paid} {
			*v *= fade
		}
		for i := range x.young {
			x.young[i] *= fade
		}
	}
}

// outcome is what one outcome may cost.
func (x *limit) outcome() float64 { return max(1, float64(x.item.OutcomeCost)) }

// due returns what should have come of all that was expected, and what is
// still to come.
func (x *limit) due() (due, open float64) {
	by := x.saw.Arrived
	if by == nil {
		by = &atOnce
	}
	due, open = x.young.due(by)
	return due + x.allowed, open
}

var atOnce = func() (by Arrived) {
	for i := range by {
		by[i] = 1
	}
	return by
}()

// seen returns the limit as it is observed: what may be spent per value that
// is predicted.
func (x *limit) seen() float64 {
	due, _ := x.due()
	prior := limitPrior * x.outcome()
	return x.item.CostLimit * (x.came + prior) / (due + prior)
}

// owed returns which part of what outcomes allow may be spent now, so that the
// limit holds on the whole.
func (x *limit) owed() float64 {
	prior := limitPrior * x.outcome()
	_, open := x.due()
	spent, allowed := float64(x.saw.Spent), x.item.CostLimit*x.saw.Outcomes+open*x.seen()/x.item.CostLimit
	return min(1+mostOwed, max(1-mostOwed, 1+(allowed-spent)/(spent/2+prior)))
}

func (x *limit) step(s *Sum) {
	limit := x.item.CostLimit
	cost, allowed := float64(s.Expected), limit*s.Outcomes
	if x.began {
		x.cost += cost
		x.young[0] += allowed
	}
	if cost <= 0 || allowed <= 0 || s.Bids+s.Censored == 0 {
		return
	}
	prior := limitPrior * x.outcome()
	cost *= (x.paid + prior) / (x.cost + prior)
	allowed *= x.seen() / limit * x.owed()
	move := math.Log(cost/allowed) * min(1, float64(s.Bids+s.Censored)/limitBids)
	x.logit = min(limitLogit, max(-limitLogit, x.logit+min(limitStep, max(-limitStep, move))))
}

// deliver looks how far what is to be spent in any case is behind the clock.
func (x *limit) deliver(now time.Time, nodes []NodeSum) {
	b := x.item.Budgets[0]
	for i := range nodes {
		n := &nodes[i]
		if n.NodePeriod != b.NodePeriod(now) {
			continue
		}
		if x.plan == nil || x.of != n.Period || x.plan.amount != n.Limit {
			b.Amount = n.Limit
			x.plan, x.of = NewPlan(b, x.item.hours(), n.Period), n.Period
		}
		delivered := float64(n.Booked + n.Pending)
		planned := x.item.MinDelivery * float64(x.plan.At(now))
		if x.shared { // what is observed is its own
			if !x.begins(n.Period, min(delivered, planned)) {
				continue
			}
			delivered = min(delivered, max(0, float64(x.saw.Spent)-x.at))
		}
		most := x.item.MinDelivery * float64(n.Limit)
		behind := planned - delivered
		x.missing = min(1, max(0, behind/max(1, missingShort*most)))
	}
}

// begins sees to it that what was observed when the day began is known, and
// says whether it is. A day that had begun before anything was observed is
// taken to have brought so much until then, or all that there is: what was
// missing before a restart is made up for no more.
func (x *limit) begins(period event.Period, before float64) bool {
	if !x.began {
		return false
	}
	switch b, spent := x.item.Budgets[0], float64(x.saw.Spent); {
	case !b.Daily: // all of it counts
		x.at = 0
	case !x.known:
		x.at = spent - min(spent, before)
	case x.period != period:
		x.at = spent
	}
	x.period, x.known = period, true
	return true
}

// multiplier returns what a line item bids per value, where its budgets alone
// would bid base.
func (l *limits) multiplier(id event.LineItemID, base float64) float64 {
	if len(l.items) == 0 {
		return base
	}
	x := l.items[id]
	if x == nil {
		return base
	}
	most := x.seen() * min(1, x.owed())
	if most >= base {
		return base
	}
	t := 1 / (1 + math.Exp(-x.logit))
	limited := (1-t)*base + t*most
	return limited * math.Pow(base/limited, x.missing)
}

// prices appends the price of each limit.
func (l *limits) prices(dst []Price) []Price {
	for id, x := range l.items {
		dst = append(dst, Price{PriceKey{LineItem: id}, x.logit})
	}
	return dst
}

// adopt goes on from prices.
func (l *limits) adopt(prices []Price) {
	for _, p := range prices {
		if x := l.items[p.LineItem]; x != nil {
			x.logit = min(limitLogit, max(-limitLogit, p.Log))
		}
	}
}
