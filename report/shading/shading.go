package shading

import "math"

// Sums are of the bids of one arm: amounts in nanos of the advertiser's
// currency, media cost without fees.
type Sums struct {
	Bids        int64 // that were sent
	Impressions int64 // that were booked
	Cost, Value float64
	// Sums of squares and of products over impressions.
	CostCost, CostValue, ValueValue float64
}

// Add adds what another part of the arm came to.
func (s *Sums) Add(o Sums) {
	s.Bids += o.Bids
	s.Impressions += o.Impressions
	s.Cost += o.Cost
	s.Value += o.Value
	s.CostCost += o.CostCost
	s.CostValue += o.CostValue
	s.ValueValue += o.ValueValue
}

// WinRate returns the share of bids that became impressions; false without a
// bid. Bids are counted as they leave, impressions as they are billed, and a
// bidder that dies takes some seconds of its count along: it is cut to 1.
func (s *Sums) WinRate() (float64, bool) {
	if s.Bids == 0 {
		return 0, false
	}
	return min(1, float64(s.Impressions)/float64(s.Bids)), true
}

// rate returns the cost of a unit of value and the variance of that.
func (s *Sums) rate() (r, variance float64) {
	r = s.Cost / s.Value
	return r, max(0, s.CostCost-2*r*s.CostValue+r*r*s.ValueValue) / (s.Value * s.Value)
}

// Estimate is a number and its 95 % interval.
type Estimate struct{ Mean, Low, High float64 }

// normal95 is how many standard deviations to either side are 95 %.
const normal95 = 1.959963984540054

func estimate(mean, variance float64) Estimate {
	d := normal95 * math.Sqrt(variance)
	return Estimate{mean, mean - d, mean + d}
}

// Saving is what shading saved.
type Saving struct {
	Amount Estimate // nanos: what the shaded impressions' value would have cost at the control's rate, less what it cost
	Share  Estimate // of what it would have cost
}

// enough is how many impressions each arm must have for the normal
// distribution to be near that of a ratio.
const enough = 30

// Saved estimates what shading saved on the shaded impressions. The measure is
// the cost of a unit of predicted value, a ratio of two sums in each arm; its
// variance is by the delta method, with impressions taken to be independent of
// each other. It is false where there is too little to tell.
func Saved(shaded, control Sums) (Saving, bool) {
	if shaded.Impressions < enough || control.Impressions < enough || !(shaded.Value > 0 && control.Value > 0 && control.Cost > 0) {
		return Saving{}, false
	}
	with, varWith := shaded.rate()
	without, varWithout := control.rate()
	share := with / without
	return Saving{
		Amount: estimate(shaded.Value*(without-with), shaded.Value*shaded.Value*(varWith+varWithout)),
		Share:  estimate(1-share, varWith/(without*without)+share*share*varWithout/(without*without)),
	}, true
}
