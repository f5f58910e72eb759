package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// View is how a controller sees a line item after its last Step.
type View struct {
	At         time.Time // of that Step, in market time
	Multiplier float64   // as published
	Limit      *LimitView
	Budgets    []BudgetView
}

// LimitView is how what outcomes may cost holds a line item.
type LimitView struct {
	Most  float64 // multiplier at which no single bid can break the limit
	Price float64 // its dual price, in units of lambda; 0 where it is slack
}

// BudgetView is how one of its budgets stands.
type BudgetView struct {
	Standing
	Period event.Period
	// Spread says that money is spread over time, from Start to End. Otherwise
	// the budget is a wall, and nothing below but Amount and Spent is known.
	Spread     bool
	Start, End time.Time
	Rules      bool // its price is what the line item bids by
	Amount     money.Nanos
	Spent      money.Nanos // booked, and what open bids will probably cost
	Slots      []Slot
}

// Slot is an hour of a day, or some days of a flight.
type Slot struct {
	From, To time.Time
	Planned  float64     // part of the amount that should be spent at its end: as it was planned then, or is now
	Seen     bool        // the controller stepped in it
	Spent    money.Nanos // at its end, or so far
}

// Viewer is a Controller that tells how it sees a line item, at any time.
type Viewer interface {
	// View returns false for a line item that it does not know, or before its
	// first Step.
	View(event.LineItemID) (View, bool)
}

// View tells how it sees a line item.
func (c *Dual) View(id event.LineItemID) (View, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, ok := c.places[id]
	if !ok || c.version == 0 {
		return View{}, false
	}
	p := c.paths[c.path[i]] // settled anew: its budgets may have moved since
	top := p.settle()
	v := View{At: c.last, Multiplier: c.limits.multiplier(id, p.base), Limit: c.limits.view(id, p.base)}
	for _, d := range p.prices {
		v.Budgets = append(v.Budgets, d.view(c.last, top > 0 && d.log == top))
	}
	return v, true
}

func (d *dual) view(now time.Time, rules bool) BudgetView {
	v := BudgetView{Standing: Standing{Node: d.budget.Node, Lambda: math.Exp(d.log)}, Rules: rules}
	if d.plan == nil {
		return v // nothing of it came to a Step yet
	}
	v.Period, v.Amount, v.Spent, v.Spread = d.period, d.plan.amount, money.FromFloat(d.spent), d.plan.Spread()
	if v.Spread {
		v.Standing, v.Start, v.End, v.Slots = d.standing(), d.plan.start, d.plan.end, d.slots(now)
	}
	return v
}

// view tells how a limit holds a line item whose budgets alone would bid base.
func (l *limits) view(id event.LineItemID, base float64) *LimitView {
	x := l.items[id]
	if x == nil {
		return nil
	}
	v := &LimitView{Most: x.seen() * min(1, x.owed())}
	if v.Most < base {
		v.Price = math.Exp(x.logit) / base // t = nu / (lambda + nu)
	}
	return v
}
