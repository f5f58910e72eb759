package why

import (
	"cmp"
	"slices"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Cause is a reason why a line item did not bid on imps.
type Cause struct {
	Reason openrtb.Reason
	// Imps is how many imps it refused at which the walk came to the line
	// item. Samples is how many of the sampled imps it refused.
	Imps, Samples int64
	// Share estimates of how many imps that came it is the cause, of 1: from
	// samples as far as these go, beyond that from Imps.
	Share float64
}

// late says whether a reason is found after what samples look at: on price,
// floor and deals.
func late(r openrtb.Reason) bool {
	switch r {
	case openrtb.NoPrice, openrtb.BelowFloor, openrtb.DealDomain, openrtb.WrongDeal, openrtb.FloorCurrencyUnknown:
		return true
	}
	return false
}

// Causes orders the reasons by their share, largest first.
//
// Samples are even over all imps, but say no more than that a line item could
// have come to be priced. What the walk met begins there, so its late reasons
// share what samples let pass.
func Causes(c *catalog.Counts) []Cause {
	met := c.Met
	// NoMoney was counted for line items that could bid.
	met[openrtb.Outbid] = max(0, met[openrtb.None]-c.Bids-met[openrtb.NoMoney])
	var samples, walked, priced int64
	for r := range met {
		samples += c.Sampled[r]
		if r != int(openrtb.None) {
			walked += met[r]
			if late(openrtb.Reason(r)) || r == int(openrtb.Outbid) {
				priced += met[r]
			}
		}
	}
	walked += c.Bids
	priced += c.Bids
	var all []Cause
	for i := int(openrtb.None) + 1; i < openrtb.ReasonCount; i++ {
		r := openrtb.Reason(i)
		cause := Cause{Reason: r, Imps: met[i], Samples: c.Sampled[i]}
		if cause.Imps+cause.Samples == 0 {
			continue
		}
		if samples == 0 {
			cause.Share = share(met[i], walked)
		} else {
			cause.Share = share(c.Sampled[i], samples)
			if late(r) || r == openrtb.Outbid {
				cause.Share += share(c.Sampled[openrtb.None], samples) * share(met[i], priced)
			}
		}
		all = append(all, cause)
	}
	slices.SortStableFunc(all, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.Imps+b.Samples, a.Imps+a.Samples))
	})
	return all
}

// share is a of b, 0 where b is.
func share(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
