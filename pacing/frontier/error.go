package frontier

import "math"

// ErrorOf returns the standard error of the value that a budget buys, as a
// part of it, by the number of samples, as what opportunities cost and bring
// differs from one to the next, and by the number of impressions that were
// billed, which the curve is calibrated by. It says nothing of tomorrow's
// traffic, nor of how right predictions are.
func (c *Curve) ErrorOf(spend float64) float64 {
	at := c.At(spend)
	if at.Value <= 0 {
		return 0
	}
	price := c.Slope(spend) // at the budget, more value for the same cost is all that counts
	var residual []float64
	for i := range c.market.lots {
		l := &c.market.lots[i]
		p := c.market.expect(l, c.Terms, at.Multiplier)
		residual = append(residual, l.weight*(p.Value-price*p.Spend))
	}
	return math.Hypot(c.market.deviation(residual)/at.Value, c.market.billed.err)
}

// gainError returns the standard error of the value between two points, as a
// part of it. Both curves are of the same opportunities.
func gainError(from *Curve, a Point, to *Curve, b Point) float64 {
	gain := b.Value - a.Value
	if gain == 0 {
		return 0
	}
	priceA, priceB := from.Slope(a.Spend), to.Slope(b.Spend)
	var residual []float64
	for i := range from.market.lots {
		l := &from.market.lots[i]
		x, y := from.market.expect(l, from.Terms, a.Multiplier), to.market.expect(l, to.Terms, b.Multiplier)
		residual = append(residual, l.weight*(y.Value-priceB*y.Spend-x.Value+priceA*x.Spend))
	}
	return from.market.deviation(residual) / math.Abs(gain)
}

// deviation returns the standard error of a sum over the lots. Number and value
// of all opportunities are known, so what follows from these is no error.
func (m *Market) deviation(of []float64) float64 {
	n := float64(len(of))
	if n < 3 {
		return math.Inf(1)
	}
	// of = level x weight + slope x weight x value + rest, by least squares.
	var ww, wv, vv, wy, vy float64
	for i, y := range of {
		w, v := m.lots[i].weight, m.lots[i].weight*float64(m.lots[i].Value)
		ww, wv, vv, wy, vy = ww+w*w, wv+w*v, vv+v*v, wy+w*y, vy+v*y
	}
	level, slope := wy/ww, 0.0
	if d := ww*vv - wv*wv; d > 1e-9*ww*vv {
		level, slope = (wy*vv-vy*wv)/d, (ww*vy-wv*wy)/d
	}
	squares := 0.0
	for i, y := range of {
		rest := y - m.lots[i].weight*(level+slope*float64(m.lots[i].Value))
		squares += rest * rest
	}
	return math.Sqrt(squares * n / (n - 2))
}
