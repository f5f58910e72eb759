package landscape

// Prices is how prices are distributed in a context. The zero value knows
// nothing. It is a small value, and reading it allocates nothing.
type Prices struct {
	d     *distribution
	level uint8
}

// distribution is F, the chance that the price is below a bid, at the edges of
// the grid from low on, and what is paid below each. Below low nothing is won,
// beyond the last everything. Within a bin prices are taken to be even.
type distribution struct {
	low  int
	won  []float32 // F; it begins with 0 and ends with 1
	paid []float32 // E[price; price < edge], nanos
	told bool      // most observations were of the price itself
}

// unknownRate is the chance of winning where nothing is known: a round figure
// from what exchanges publish on win rates.
const unknownRate = 0.25

// Known says whether anything is known of these prices.
func (p Prices) Known() bool { return p.d != nil }

// Local says whether anything is known of this market: this exchange, this
// mechanism, deals or the open auction. Else what is known is of all others.
func (p Prices) Local() bool { return p.d != nil && p.level >= levelMarket }

// Told says whether most of what is known was told as prices. Else it is of who
// won at what bid, and says little of what was never bid.
func (p Prices) Told() bool { return p.d != nil && p.d.told }

// WinRate returns the chance that a bid wins, F(bid).
func (p Prices) WinRate(bid float64) float64 {
	if p.d == nil {
		if bid > 0 {
			return unknownRate
		}
		return 0
	}
	f, _ := p.d.at(bid)
	return f
}

// Cost returns what a bid is expected to pay in a second-price auction, losing
// included: E[price; price < bid]. In a first-price auction that is bid times
// WinRate.
func (p Prices) Cost(bid float64) float64 {
	if p.d == nil {
		return max(bid, 0) * unknownRate
	}
	_, c := p.d.at(bid)
	return c
}

// at returns F and the expected payment of a bid.
func (d *distribution) at(bid float64) (won, paid float64) {
	bin, within := position(bid)
	i := bin - d.low
	switch {
	case i < 0:
		return 0, 0
	case i >= len(d.won)-1:
		return 1, float64(d.paid[len(d.paid)-1])
	}
	won, paid = float64(d.won[i]), float64(d.paid[i])
	mass := float64(d.won[i+1]) - won
	if within <= 0 || mass <= 0 {
		return won, paid
	}
	return won + within*mass, min(paid+within*mass*(edgeAt[bin]+bid)/2, float64(d.paid[i+1]))
}

// Shade returns the bid within [floor, worth] that gains the most in a
// first-price auction: where (worth - bid) F(bid) is highest. Where nothing is
// known, or nothing can be gained, that is worth.
func (p Prices) Shade(worth, floor float64) float64 {
	d := p.d
	if d == nil || !(worth > floor) {
		return worth
	}
	floor = max(floor, 0)
	best, gain := worth, 0.0
	try := func(bid, won float64) {
		if g := (worth - bid) * won; g > gain {
			best, gain = bid, g
		}
	}
	// From the top down, as F falls: below where winning all of worth would not
	// gain enough there is nothing to find.
	top, _ := position(worth)
	top = min(top, d.low+len(d.won)-1) // beyond the last edge more buys nothing
	bottom, _ := position(floor)
	bottom = max(bottom, d.low)
	at := -1
	for bin := top; bin > bottom; bin-- {
		won := float64(d.won[bin-d.low])
		if worth*won <= gain {
			break
		}
		if g := (worth - edgeAt[bin]) * won; g > gain && edgeAt[bin] > floor {
			best, gain, at = edgeAt[bin], g, bin
		}
	}
	if won, _ := d.at(floor); won > 0 && floor > 0 {
		try(floor, won)
	}
	// The highest point is near the highest edge, within one of its two bins:
	// there F is a line, and the gain a parabola.
	if at < 0 {
		at = top
	}
	for bin := max(at-1, d.low); bin <= at && bin-d.low+1 < len(d.won); bin++ {
		low, high := edgeAt[bin], edgeAt[bin+1]
		if high < floor || low > worth {
			continue
		}
		won := float64(d.won[bin-d.low])
		slope := (float64(d.won[bin-d.low+1]) - won) / (high - low)
		if slope <= 0 {
			continue
		}
		bid := (worth + low - won/slope) / 2
		bid = min(max(bid, low, floor), high, worth)
		try(bid, won+slope*(bid-low))
	}
	return best
}
