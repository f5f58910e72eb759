package pacing

import "math"

// calibration learns what bids cost beside what they were expected to. Bids
// are compared once their win deadline is over: Matured and Worth of NodeSum.
type calibration struct {
	Matured, Worth       float64 // recent: prices of bids, and what was billed of them
	MaturedAll, WorthAll float64 // ever
	Offered, Expected    float64 // recent: prices of all that was offered, and what that was expected to cost
	Bids                 float64 // recent
}

const (
	calMemory = 0.05 // of the plan: the recent sums forget so fast
	calBids   = 50   // bids that what was ever seen is worth beside the recent ones
	calPrior  = 0.5  // billed per bid price before anything is known, where the price is all that is expected
)

// fade forgets, after a part of the plan has passed.
func (c *calibration) fade(passed float64) {
	f := math.Exp(-passed / calMemory)
	c.Matured *= f
	c.Worth *= f
	c.Offered *= f
	c.Expected *= f
	c.Bids *= f
}

// matured takes in what bids came to.
func (c *calibration) matured(prices, worth float64) {
	c.Matured += prices
	c.Worth += worth
	c.MaturedAll += prices
	c.WorthAll += worth
}

// offered takes in what left, or would have.
func (c *calibration) offered(prices, expected, bids float64) {
	c.Offered += prices
	c.Expected += expected
	c.Bids += bids
}

// perPrice is what is expected to be billed per unit of bid price, by the
// landscape and by experience.
func (c *calibration) perPrice(maxBid float64) (landscape, cost float64) {
	landscape = 1
	if c.Offered > 0 {
		landscape = c.Expected / c.Offered
	}
	k := calBids * c.bid(maxBid)
	prior := landscape
	if landscape > 0.999 {
		prior = calPrior
	}
	ever := (c.WorthAll + k*prior) / (c.MaturedAll + k)
	return landscape, (c.Worth + k*ever) / (c.Matured + k)
}

// bid is the mean of the recent bids, or the most that one may be.
func (c *calibration) bid(maxBid float64) float64 {
	if c.Bids > 0 {
		return max(1, c.Offered/c.Bids)
	}
	return max(1, maxBid)
}
