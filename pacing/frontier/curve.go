package frontier

import (
	"math"
	"slices"
)

// Curve is what a day brings against what it costs, from nothing to all that
// the terms let the line item buy: rising, and flatter and flatter.
type Curve struct {
	Terms  Terms
	Points []Point // by spend; the first is nothing
	market *Market
}

const (
	// curvePoints are looked at, and the curve is their upper hull.
	curvePoints = 72
	// Of all that can be spent, the first point buys so much.
	leastSpend = 1e-3
	halvings   = 200
)

// Curve returns the curve of the market for some terms.
func (m *Market) Curve(t Terms) *Curve {
	c := &Curve{Terms: t, market: m}
	top := m.Day(t, 1)
	if top.Spend <= 0 {
		c.Points = []Point{{}}
		return c
	}
	most := 1.0
	low := 1.0
	for range halvings {
		if p := m.Day(t, low/4); p.Spend < top.Spend {
			if low /= 4; p.Spend <= leastSpend*top.Spend {
				break
			}
			continue
		}
		// All is bought at less: beyond, a multiplier changes nothing.
		low /= 4
		most = low
	}
	all := []Point{{}}
	for i := range curvePoints + 1 {
		all = append(all, m.Day(t, low*math.Pow(most/low, float64(i)/curvePoints)))
	}
	c.Points = hull(all)
	return c
}

// hull returns the upper concave hull of points: no budget has to be below it,
// as what is between two points is had by bidding as at one for a part of the
// day and as at the other for the rest.
func hull(all []Point) []Point {
	slices.SortStableFunc(all, func(a, b Point) int {
		switch {
		case a.Spend < b.Spend:
			return -1
		case a.Spend > b.Spend:
			return 1
		case a.Value > b.Value:
			return -1
		}
		return 0
	})
	var h []Point
	for _, p := range all {
		if len(h) > 0 && p.Value <= h[len(h)-1].Value {
			continue
		}
		if len(h) == 1 && p.Spend == h[0].Spend {
			continue
		}
		for len(h) > 1 && slope(h[len(h)-2], p) >= slope(h[len(h)-2], h[len(h)-1]) {
			h = h[:len(h)-1]
		}
		h = append(h, p)
	}
	return h
}

func slope(a, b Point) float64 { return (b.Value - a.Value) / (b.Spend - a.Spend) }

// Most is all that can be bought.
func (c *Curve) Most() Point { return c.Points[len(c.Points)-1] }

// At returns the point of the curve that so much money buys, or all there is.
// Its multiplier is the one to bid with, near enough.
func (c *Curve) At(spend float64) Point {
	i, _ := slices.BinarySearchFunc(c.Points, spend, func(p Point, s float64) int {
		if p.Spend < s {
			return -1
		}
		return 1
	})
	switch {
	case i >= len(c.Points):
		return c.Most()
	case i == 0:
		return c.Points[0]
	}
	a, b := c.Points[i-1], c.Points[i]
	part := (spend - a.Spend) / (b.Spend - a.Spend)
	mix := func(x, y float64) float64 { return x + part*(y-x) }
	p := Point{
		Spend: spend, Impressions: mix(a.Impressions, b.Impressions), Value: mix(a.Value, b.Value),
		Outcomes: mix(a.Outcomes, b.Outcomes), Bids: mix(a.Bids, b.Bids), Multiplier: b.Multiplier,
	}
	if a.Multiplier > 0 {
		p.Multiplier = a.Multiplier * math.Pow(b.Multiplier/a.Multiplier, part)
	}
	return p
}

// Slope returns how much value the last unit of so much money buys: 0 where
// there is nothing left to buy.
func (c *Curve) Slope(spend float64) float64 {
	for i := 1; i < len(c.Points); i++ {
		if spend <= c.Points[i].Spend {
			return slope(c.Points[i-1], c.Points[i])
		}
	}
	return 0
}
