package loadtest

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// spread is the standard deviation of the logarithm of a competitor's bid.
const spread = .55

// meanRivals is how many competitors bid on an imp, on average.
const meanRivals = 2.5

// typicalBid returns the median of a competitor's bid for one impression, in
// nanos: about a currency unit per thousand, by size, place, page and hour.
func typicalBid(s size, c *country, quality float64, at time.Time) float64 {
	cpm := .7
	switch s {
	case size{300, 250}:
		cpm = 1.1
	case size{728, 90}:
		cpm = .9
	case size{160, 600}, size{300, 600}:
		cpm = 1.0
	case size{320, 50}, size{300, 50}:
		cpm = .5
	}
	evening := 1 + .2*math.Sin(2*math.Pi*float64(at.Hour()-14)/24)
	return cpm * c.price * quality * evening * float64(money.Unit) / 1000
}

// bestRival draws the highest of the competitors' bids for one impression.
// Zero means that nobody bid at or above the floor.
func bestRival(rng *rand.Rand, typical float64, floor money.Nanos) money.Nanos {
	best := math.Inf(-1)
	for n := rng.ExpFloat64(); n < meanRivals; n += rng.ExpFloat64() { // a Poisson number of times
		best = max(best, rng.NormFloat64())
	}
	if math.IsInf(best, -1) {
		return 0
	}
	bid := money.FromFloat(typical * math.Exp(spread*best))
	if bid < floor {
		return 0
	}
	return bid
}

// drawFloor returns the floor that a publisher sets, whole cents per thousand
// impressions, or zero for none.
func drawFloor(rng *rand.Rand, typical float64) money.Nanos {
	const cent = 10 * money.Micro // per thousand impressions, so per impression a thousandth of it
	if rng.Float64() < .25 {
		return 0
	}
	return money.FromFloat(typical*(.2+.5*rng.Float64())) / cent * cent
}
