package frontier

import "math"

// ErrorOf returns the standard error of the value that a budget buys, as a
// part of it, by the number of samples alone: what opportunities cost and bring
// differs from one to the next. It says nothing of tomorrow's traffic, nor of
// how right predictions and prices are.
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
	return deviation(residual) / at.Value
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
	return deviation(residual) / math.Abs(gain)
}

// deviation returns the standard error of a sum.
func deviation(of []float64) float64 {
	n := float64(len(of))
	if n < 2 {
		return math.Inf(1)
	}
	sum, squares := 0.0, 0.0
	for _, x := range of {
		sum += x
	}
	for _, x := range of {
		squares += (x - sum/n) * (x - sum/n)
	}
	return math.Sqrt(squares * n / (n - 1))
}
