package pacing

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// However bids are dealt to ticks, and in whatever unit, the size is their mean
// square over their mean.
func TestLumpsAreTheBidsThatMakeUpTheSum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		most, unit := rapid.IntRange(1, 30).Draw(rt, "bids of a tick"), math.Pow(10, rapid.Float64Range(1, 9).Draw(rt, "unit"))
		sigma := rapid.Float64Range(0, 1).Draw(rt, "sigma")
		var l lumps
		sum, squares := 0.0, 0.0
		for range 4000 {
			tick, n := 0.0, rng.IntN(most+1)
			for range n {
				x := unit * math.Exp(sigma*rng.NormFloat64())
				tick += x
				sum += x
				squares += x * x
			}
			l.add(tick, float64(n), 1)
		}
		if got, want := l.size(1e15), squares/sum; got < want*0.7 || got > want*1.4 {
			rt.Errorf("%.4g, want about %.4g", got, want)
		}
		if got := l.size(unit / 2); got != max(1, unit/2) {
			rt.Errorf("%.4g, where no bid is more than %.4g", got, unit/2)
		}
	})
}
