package replay

import "testing"

// Lambda is back when it is within 20 % of the best and stays so for a
// hundredth of the flight: not when it passes by, not at twice the best.
func TestRecoveryIsWithinAFifth(t *testing.T) {
	const ticks, shock, best = 400, 200, 10.
	flight := func(after func(i int) float64) []float64 {
		lambda := make([]float64, ticks)
		for i := range lambda {
			if lambda[i] = best; i >= shock {
				lambda[i] = after(i - shock)
			}
		}
		return lambda
	}
	from := func(tick int, then float64) func(int) float64 {
		return func(i int) float64 {
			if i < tick {
				return 4 * best
			}
			return then
		}
	}
	for name, c := range map[string]struct {
		after func(int) float64
		want  float64
	}{
		"never away":         {from(0, best), 0},
		"back after a tenth": {from(40, best), .1},
		"at 1.19 times":      {from(40, 1.19*best), .1},
		"at 1/1.19":          {from(40, best/1.19), .1},
		"at 1.21 times":      {from(40, 1.21*best), 1},
		"at 1.9 times":       {from(40, 1.9*best), 1},
		"at 1/1.9":           {from(40, best/1.9), 1},
		"too late to stay":   {from(ticks-shock-3, best), 1},
		"passes by, then stays": {func(i int) float64 {
			if i >= 20 && i < 23 || i >= 80 {
				return best
			}
			return best / 4
		}, .2},
	} {
		if got := recovery(flight(c.after), shock, best); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
