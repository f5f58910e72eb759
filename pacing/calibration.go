package pacing

import "math"

// calibration learns what bids cost beside what they were expected to. Bids
// are compared once their win deadline is over: Matured and Worth of NodeSum.
type calibration struct {
	Matured, Worth        float64 // recent: prices of bids, and what was billed of them
	ForeseenAll, WorthAll float64 // ever: what bids were expected to cost, and what was billed of them
	Offered, Expected     float64 // recent: prices of all that was offered, and what that was expected to cost
	Bids                  float64 // recent
	Lumps                 lumps
}

const (
	calMemory = 0.05 // of the plan: the recent sums forget so fast
	calBids   = 5    // bids, of those that make up the sum, that what was ever seen is worth beside the recent ones
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
	c.Lumps.fade(passed)
}

// matured takes in what bids came to.
func (c *calibration) matured(prices, worth float64) {
	c.Matured += prices
	c.Worth += worth
	c.ForeseenAll += prices * c.foreseen()
	c.WorthAll += worth
}

// offered takes in what left, or would have.
func (c *calibration) offered(prices, expected, bids float64) {
	c.Offered += prices
	c.Expected += expected
	c.Bids += bids
}

// landscape is what is expected to be billed per unit of bid price, of late.
func (c *calibration) landscape() float64 {
	if c.Offered > 0 {
		return c.Expected / c.Offered
	}
	return 1
}

// foreseen is what bids are taken to cost per unit of their price before any is
// known: what the landscape says, where it knows more than the price.
func (c *calibration) foreseen() float64 {
	if landscape := c.landscape(); landscape <= 0.999 {
		return landscape
	}
	return calPrior
}

// perPrice is what is billed per unit of bid price, by experience. Recent bids
// tell it themselves, whatever the landscape says. Older ones were other bids:
// as lambda rises less comes of a price. They tell what the landscape is worth.
func (c *calibration) perPrice(maxBid float64) float64 {
	k := calBids * c.Lumps.size(maxBid)
	ever := c.foreseen() * (c.WorthAll + k) / (c.ForeseenAll + k)
	k /= max(c.landscape(), 1e-9) // in prices
	return (c.Worth + k*ever) / (c.Matured + k)
}

// ratio is what is billed of what is expected, by experience.
func (c *calibration) ratio(maxBid float64) float64 {
	return c.perPrice(maxBid) / max(c.landscape(), 1e-9)
}

// bid is the mean of the recent bids, or the most that one may be.
func (c *calibration) bid(maxBid float64) float64 {
	if c.Bids > 0 {
		return max(1, c.Offered/c.Bids)
	}
	return max(1, maxBid)
}
