package frontier

import "math"

// Share divides a budget that several line items have together as pacing does:
// at one price of money, so that the last unit buys as much in each. own is the
// most that each may spend by itself. It returns what each spends.
func Share(curves []*Curve, own []float64, budget float64) []float64 {
	at := func(price float64) (spends []float64, sum float64) {
		for i, c := range curves {
			x := min(c.spendAt(price), own[i])
			spends = append(spends, x)
			sum += x
		}
		return spends, sum
	}
	all, sum := at(0)
	if sum <= budget {
		return all
	}
	none := make([]float64, len(curves))
	low, high := math.Inf(1), 0.0
	for _, c := range curves {
		for i := 1; i < len(c.Points); i++ {
			s := slope(c.Points[i-1], c.Points[i])
			low, high = min(low, s), max(high, s)
		}
	}
	a, b := math.Log(low), math.Log(2*high)
	for range 100 {
		mid := (a + b) / 2
		if x, s := at(math.Exp(mid)); s > budget {
			a, all, sum = mid, x, s
		} else {
			b, none = mid, x
		}
	}
	// At the price in between both are as good: what is left is divided alike.
	less := 0.0
	for _, x := range none {
		less += x
	}
	part := 0.0
	if sum > less {
		part = (budget - less) / (sum - less)
	}
	for i := range all {
		all[i] = none[i] + part*(all[i]-none[i])
	}
	return all
}

// spendAt returns how much is spent where a unit of money has to buy so much
// value.
func (c *Curve) spendAt(price float64) float64 {
	for i := 1; i < len(c.Points); i++ {
		if slope(c.Points[i-1], c.Points[i]) < price {
			return c.Points[i-1].Spend
		}
	}
	return c.Most().Spend
}
