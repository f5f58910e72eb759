package frontier

import (
	"cmp"
	"math"
	"slices"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Limit is something that keeps a line item from spending more, and what a day
// could spend without it.
type Limit struct {
	Code  string
	Spend float64 // a day without it, at most
}

// The codes of limits.
const (
	LimitMaxBid  = "max_bid"    // the maximum bid
	LimitWorth   = "worth"      // what the goal says that an outcome is worth
	LimitTraffic = "traffic"    // all that is eligible
	LimitFloor   = "floor"      // floors above the most that it bids
	LimitRival   = "rival"      // other line items here bid more
	LimitCost    = "cost_limit" // what outcomes may cost at most
	LimitPrice   = "price"      // maximum bid and goal together: neither helps alone
)

const (
	lifted    = 4
	leastLift = 1.02  // what lifts spend by less is no limit
	spendsAll = 0.995 // of a budget is all of it
)

// Within returns the most that may be spent a day for what it brings to cost
// no more than the terms' limit.
func (c *Curve) Within() float64 {
	if c.Terms.CostLimit <= 0 {
		return math.Inf(1)
	}
	most := 0.0
	for i := 1; i < len(c.Points); i++ {
		a, b := c.Points[i-1], c.Points[i]
		if b.Spend <= c.Terms.CostLimit*b.Value {
			most = b.Spend
			continue
		}
		// Where the line of the limit crosses the curve.
		slope := slope(a, b)
		if x := c.Terms.CostLimit * (a.Value - slope*a.Spend) / (1 - c.Terms.CostLimit*slope); x > a.Spend && x < b.Spend {
			most = x
		}
		break
	}
	return most
}

// Spends says whether a budget can be spent.
func (c *Curve) Spends(budget float64) bool {
	return min(c.Most().Spend, c.Within()) >= spendsAll*budget
}

// Limits says why a budget cannot be spent, what would help most first: what a
// day could spend at most were each limit away. Prices are lifted fourfold.
func (c *Curve) Limits(budget float64) []Limit {
	m, most := c.market, min(c.Most().Spend, c.Within())
	var all []Limit
	lift := func(code string, m *Market, t Terms) bool {
		spend := m.Day(t, 1).Spend
		helps := spend > leastLift*most
		if helps {
			all = append(all, Limit{code, spend})
		}
		return helps
	}
	if c.Within() < c.Most().Spend {
		all = append(all, Limit{LimitCost, c.Most().Spend})
	}
	bid, worth, both := c.Terms, c.Terms, c.Terms
	bid.MaxBid = lifted * min(bid.MaxBid, money.Cap/lifted)
	worth.Worth *= lifted
	both.MaxBid, both.Worth = bid.MaxBid, worth.Worth
	helps := lift(LimitMaxBid, m, bid)
	if !lift(LimitWorth, m, worth) && !helps {
		lift(LimitPrice, m, both)
	}
	lift(LimitFloor, m.with(func(l *lot) {
		if l.Mechanism != landscape.FixedPrice {
			l.Floor = 0
		}
	}), c.Terms)
	lift(LimitRival, m.with(func(l *lot) { l.Rival = 0 }), c.Terms)
	slices.SortStableFunc(all, func(a, b Limit) int { return cmp.Compare(b.Spend, a.Spend) })
	if spend := m.Day(both, 1).Spend; spend < budget {
		all = append(all, Limit{LimitTraffic, spend})
	}
	return all
}

// with returns the market with its lots changed.
func (m *Market) with(change func(*lot)) *Market {
	n := *m
	n.lots = slices.Clone(m.lots)
	for i := range n.lots {
		change(&n.lots[i])
	}
	return &n
}
