package catalog

import (
	"math"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// posterior is what is believed of a creative's click rate: a Beta
// distribution.
type posterior struct{ clicks, others float64 }

// usualClickRate is that of a line item of which nothing is known.
const usualClickRate = 0.001

// believed returns what is believed of a creative: one click at the rate of
// its line item, as if it had been seen before, and what was seen. With one
// click, what is believed before anything is seen spreads widely around the
// rate: every creative is tried.
func believed(rate float64, seen campaign.Performance) posterior {
	clicks := min(max(seen.Clicks, 0), max(seen.Impressions, 0))
	return posterior{1 + float64(clicks), 1/rate - 1 + float64(max(seen.Impressions, 0)-clicks)}
}

// SetPerformance replaces what is known of creatives, for the rotation that is
// optimised. Creatives that are not in it start from what their line item's
// do. The snapshots that are in use do not change.
func (c *Catalog) SetPerformance(all map[event.CreativeID]campaign.Performance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	posteriors := make(map[event.CreativeID]posterior, len(all))
	for _, e := range c.book.lineItems {
		if e.made == nil || e.made.Rotation != campaign.RotateOptimised {
			continue
		}
		rate := rateOf(e.made.ClickRate)
		sum := campaign.Performance{Impressions: int64(1 / rate), Clicks: 1}
		for _, ce := range e.creatives {
			seen := all[ce.id]
			sum.Impressions += seen.Impressions
			sum.Clicks += seen.Clicks
		}
		rate = rateOf(float64(sum.Clicks) / float64(sum.Impressions))
		for _, ce := range e.creatives {
			posteriors[ce.id] = believed(rate, all[ce.id])
		}
	}
	next := *c.current.Load()
	next.posteriors = posteriors
	c.current.Store(&next)
}

func rateOf(rate float64) float64 {
	if !(rate > 0) {
		return usualClickRate
	}
	return min(rate, 0.5)
}

// Draw returns a creative's lot in a line item's rotation: of those that may
// be shown, the one with the highest is. It is a function of the seed and the
// creative, so that the same request gives the same answer anywhere.
//
// Even lots are uniform. Weighted ones are a uniform lot to the power of one
// through the weight, the highest of which falls to each as often as its
// weight says (Efraimidis and Spirakis). Optimised ones are drawn from what is
// believed of the click rates (Thompson sampling). It does not allocate.
func (s *Snapshot) Draw(li *LineItem, c *Creative, seed uint64) float64 {
	d := draws(Mix(seed ^ Mix(uint64(c.ID))))
	switch li.Rotation {
	case campaign.RotateWeighted:
		return math.Log(d.uniform()) / float64(max(c.Weight, 1)) // the same order, without underflow
	case campaign.RotateOptimised:
		p, ok := s.posteriors[c.ID]
		if !ok {
			p = believed(rateOf(li.ClickRate), campaign.Performance{})
		}
		clicks, others := d.gamma(p.clicks), d.gamma(p.others)
		return clicks / (clicks + others)
	}
	return d.uniform()
}

// draws is a stream of random numbers (SplitMix64).
type draws uint64

func (d *draws) next() uint64 {
	x := Mix(uint64(*d))
	*d += golden
	return x
}

// uniform is above 0 and below 1.
func (d *draws) uniform() float64 { return (float64(d.next()>>11) + 0.5) / (1 << 53) }

func (d *draws) normal() float64 {
	return math.Sqrt(-2*math.Log(d.uniform())) * math.Cos(2*math.Pi*d.uniform())
}

// gamma draws from the Gamma distribution of a shape of at least 1 (Marsaglia
// and Tsang, 2000). One try in twenty is thrown away; a stream that would be
// thrown away for ever ends at the mean.
func (d *draws) gamma(shape float64) float64 {
	shape = max(shape, 1)
	a := shape - 1.0/3
	c := 1 / math.Sqrt(9*a)
	for range 64 {
		x := d.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(d.uniform()) < x*x/2+a-a*v+a*math.Log(v) {
			return a * v
		}
	}
	return shape
}

// golden is what SplitMix64 steps by.
const golden = 0x9e3779b97f4a7c15

// Mix returns the number that SplitMix64 draws in the state x: every bit of x
// bears on every bit of it. Draws and ties that must fall alike on every machine
// are made of it.
func Mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
