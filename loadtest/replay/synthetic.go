package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/money"
)

// Synthetic is a campaign that is made up: it needs no log. What happens on
// its two days is drawn; the draws follow from a seed.
type Synthetic struct {
	Name, Help string
	draw       func(rng *rand.Rand, today bool, share float64, m *mood) (value, cpm float64)
}

// mood is what lasts from one auction to the next.
type mood struct{ price, value, left float64 }

// Synthetics are all that there are.
var Synthetics = []Synthetic{
	{"steady", "log-normal prices and values, both days alike",
		func(rng *rand.Rand, _ bool, _ float64, _ *mood) (float64, float64) {
			z := rng.NormFloat64()
			return 2e-4 * lognormal(rng, 1), 60 * math.Exp(.3*z) * lognormal(rng, .6)
		}},
	{"heavy", "values with a tail of power 1.3: a few auctions hold most of the value",
		func(rng *rand.Rand, _ bool, _ float64, _ *mood) (float64, float64) {
			return 1e-4 * pareto(rng, 1.3), 50 * lognormal(rng, .9)
		}},
	{"drift", "today prices climb to three times what they were, and values fall by half",
		func(rng *rand.Rand, today bool, share float64, _ *mood) (float64, float64) {
			price, value := 50., 2e-4
			if today {
				price *= math.Exp(math.Log(3) * share)
				value *= math.Exp(-math.Log(2) * share)
			}
			return value * lognormal(rng, 1.1), price * lognormal(rng, .7)
		}},
	{"bursts", "rivals come and go: for some hundreds of auctions prices are up to five times, values up to four times what they were",
		func(rng *rand.Rand, _ bool, _ float64, m *mood) (float64, float64) {
			if m.left--; m.left <= 0 {
				m.left = 100 + 900*rng.ExpFloat64()
				m.price, m.value = 1, 1
				if rng.Float64() < .3 {
					m.price = 1 + 4*rng.Float64()
				}
				if rng.Float64() < .2 {
					m.value = 1 + 3*rng.Float64()
				}
			}
			return 2e-4 * m.value * lognormal(rng, 1), 50 * m.price * lognormal(rng, .5)
		}},
	{"sparse", "one auction in fifty is worth anything to speak of",
		func(rng *rand.Rand, _ bool, _ float64, _ *mood) (float64, float64) {
			value := 1e-6 * lognormal(rng, .5)
			if rng.Float64() < .02 {
				value = 2e-3 * lognormal(rng, 1)
			}
			return value, 70 * lognormal(rng, .8)
		}},
	{"overnight", "today everything costs 1.8 times what it did, and the best places are gone",
		func(rng *rand.Rand, today bool, _ float64, _ *mood) (float64, float64) {
			value, cpm := 2e-4*lognormal(rng, 1.2), 50*lognormal(rng, .7)
			if today {
				value, cpm = min(value, 8e-4), cpm*1.8
			}
			return value, cpm
		}},
}

func lognormal(rng *rand.Rand, sigma float64) float64 { return math.Exp(sigma * rng.NormFloat64()) }

func pareto(rng *rand.Rand, power float64) float64 {
	return min(1e4, math.Pow(1-rng.Float64(), -1/power))
}

// ParseSynthetic finds a made-up campaign by its name.
func ParseSynthetic(name string) (Synthetic, error) {
	i := slices.IndexFunc(Synthetics, func(s Synthetic) bool { return s.Name == name })
	if i < 0 {
		names := make([]string, len(Synthetics))
		for i, s := range Synthetics {
			names[i] = s.Name
		}
		return Synthetic{}, fmt.Errorf("there is no synthetic campaign %q; there are %s", name, strings.Join(names, ", "))
	}
	return Synthetics[i], nil
}

// mostCPM bounds made-up prices, as exchanges' highest prices are bounded too.
const mostCPM = 600

// Logs draws the campaign's two days of n auctions each.
func (s Synthetic) Logs(n int, seed uint64) Pair {
	p := Pair{Name: s.Name}
	for d, l := range []**Log{&p.Train, &p.Today} {
		rng := rand.New(rand.NewPCG(seed, uint64(d+1)))
		log := &Log{Name: s.Name, Auctions: make([]Auction, n)}
		m := mood{price: 1, value: 1}
		for i := range log.Auctions {
			value, cpm := s.draw(rng, d == 1, float64(i)/float64(n), &m)
			log.Auctions[i] = Auction{
				Value: value, Price: money.FromFloat(math.Ceil(min(mostCPM, cpm)*100)) * 10_000,
				Click: rng.Float64() < value,
			}
		}
		*l = log
	}
	return p
}
