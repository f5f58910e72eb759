package frontier

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Frontier is what a line item gets for its budget, and would for another. Money
// and what it buys are of a day, like the last.
type Frontier struct {
	Market *Market
	Curve  *Curve
	Budget float64 // nanos a day; infinite for none

	// W is where the line of the budget touches the curve: the most that it
	// buys. Where the budget is more than can be spent, it is the end of the
	// curve.
	W      Point
	Error  float64 // standard error of what W brings, as a part of it, by the number of samples
	Lambda float64 // dual price there: value has to be so many times the money

	// Now is a day at the multiplier that the line item bids with.
	Now Point
	// Got is what was delivered since Market.Since, as a part of what the same
	// money buys on the curve; 0 where too little was.
	Got float64

	WhatIfs []WhatIf
	Limits  []Limit // why the budget cannot be spent; none if it can

	// Even is a day of the same money by the clock; EvenKnown is false where too
	// little of a day was seen to say.
	Even      Even
	EvenKnown bool
}

// WhatIf is W with one thing changed.
type WhatIf struct {
	Budget float64 // times what it is
	MaxBid float64 // times what it is
	Point
	Gain      float64 // outcomes beyond W's
	GainError float64 // standard error of it, as a part of it
	Spends    bool    // all of the budget
}

// Question is what a frontier is asked for.
type Question struct {
	Budget float64    // nanos a day that the line item may spend; infinite for none
	Open   [Span]bool // hours of the day in UTC that may bid
	Now    time.Time
}

// leastDelivered is how many impressions have to be billed before what they
// were worth is held against the curve.
const leastDelivered = 30

var budgetsAsked = []float64{0.8, 1.2, 2}
var maxBidsAsked = []float64{0.8, 1.25}

// Of answers a question about a market.
func Of(m *Market, q Question) *Frontier {
	f := &Frontier{Market: m, Budget: q.Budget, Curve: m.Curve(m.Terms)}
	c := f.Curve
	may := min(q.Budget, c.Within())
	f.W = c.At(min(may, c.Most().Spend))
	f.Error = c.ErrorOf(f.W.Spend)
	if f.W.Multiplier > 0 {
		f.Lambda = 1 / f.W.Multiplier
	}
	f.Now = m.Day(m.Terms, m.Multiplier)
	if d, day := m.Delivered, m.perDay(q.Now); d.Impressions >= leastDelivered {
		if best := c.At(float64(d.Spend) * day).Value; best > 0 {
			f.Got = d.Value * day / best
		}
	}
	if !math.IsInf(q.Budget, 1) {
		for _, factor := range budgetsAsked {
			f.WhatIfs = append(f.WhatIfs, f.ask(c, factor, 1))
		}
		if !c.Spends(q.Budget) {
			f.Limits = c.Limits(q.Budget)
		}
	}
	for _, factor := range maxBidsAsked {
		t := m.Terms
		t.MaxBid = money.FromFloat(factor * float64(t.MaxBid))
		f.WhatIfs = append(f.WhatIfs, f.ask(m.Curve(t), 1, factor))
	}
	f.Even, f.EvenKnown = c.Even(f.W.Spend, m.Seen(q.Now), q.Open)
	return f
}

func (f *Frontier) ask(c *Curve, budget, maxBid float64) WhatIf {
	may := min(budget*f.Budget, c.Within(), c.Most().Spend)
	x := WhatIf{Budget: budget, MaxBid: maxBid, Point: c.At(may), Spends: c.Spends(budget * f.Budget)}
	x.Gain = x.Outcomes - f.W.Outcomes
	x.GainError = gainError(f.Curve, f.W, c, x.Point)
	return x
}
