package shading

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// draw makes an arm of n impressions that cost about rate of their value.
func draw(r *rand.Rand, n int, rate float64) (s Sums) {
	for range n {
		value := math.Exp(r.NormFloat64())
		cost := value * rate * math.Exp(r.NormFloat64()/3-1.0/18)
		s.Add(Sums{Bids: 2, Impressions: 1, Cost: cost, Value: value, CostCost: cost * cost, CostValue: cost * value, ValueValue: value * value})
	}
	return s
}

// The interval holds the truth about 95 times in 100.
func TestIntervalCoversTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const runs = 2000
	amounts, shares := 0, 0
	for range runs {
		shaded, control := draw(r, 2000, 0.7), draw(r, 100, 1)
		s, ok := Saved(shaded, control)
		if !ok {
			t.Fatal("there is enough to tell")
		}
		if s.Share.Low <= 0.3 && 0.3 <= s.Share.High {
			shares++
		}
		if truth := 0.3 * shaded.Value; s.Amount.Low <= truth && truth <= s.Amount.High {
			amounts++
		}
	}
	for what, n := range map[string]int{"share": shares, "amount": amounts} {
		if c := float64(n) / runs; c < 0.93 || c > 0.97 {
			t.Errorf("the interval of the %s holds the truth in %.1f %%", what, 100*c)
		}
	}
}

// An amount is in the currency's unit, a share has none; and nothing is said
// of too little.
func TestSavedLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		shaded, control := draw(r, rapid.IntRange(0, 100).Draw(t, "shaded"), 0.7), draw(r, rapid.IntRange(0, 100).Draw(t, "control"), 1)
		s, ok := Saved(shaded, control)
		if want := shaded.Impressions >= enough && control.Impressions >= enough; ok != want {
			t.Fatalf("%d and %d impressions: told %v", shaded.Impressions, control.Impressions, ok)
		}
		if !ok {
			return
		}
		for _, e := range []Estimate{s.Amount, s.Share} {
			if !(e.Low <= e.Mean && e.Mean <= e.High) {
				t.Fatalf("%+v is no interval", e)
			}
		}
		const k = 1e6
		scale := func(s Sums) Sums {
			return Sums{s.Bids, s.Impressions, k * s.Cost, k * s.Value, k * k * s.CostCost, k * k * s.CostValue, k * k * s.ValueValue}
		}
		big, _ := Saved(scale(shaded), scale(control))
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)) }
		if !near(big.Share.Low, s.Share.Low) || !near(big.Amount.Low/k, s.Amount.Low) {
			t.Fatalf("in another unit %+v, want %+v", big, s)
		}
	})
}

func TestWinRate(t *testing.T) {
	if _, known := (&Sums{Impressions: 1}).WinRate(); known {
		t.Error("there is a win rate without a bid")
	}
	if r, _ := (&Sums{Bids: 4, Impressions: 1}).WinRate(); r != 0.25 {
		t.Errorf("the win rate is %v", r)
	}
	if r, _ := (&Sums{Bids: 4, Impressions: 5}).WinRate(); r != 1 {
		t.Errorf("the win rate is %v", r)
	}
}
