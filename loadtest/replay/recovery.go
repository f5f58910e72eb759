package replay

import "math"

// jitter is the root mean square of the change of ln lambda from tick to tick.
func jitter(lambda []float64) float64 {
	sum := 0.
	for i := 1; i < len(lambda); i++ {
		d := math.Log(lambda[i] / lambda[i-1])
		sum += d * d
	}
	return math.Sqrt(sum / float64(max(1, len(lambda)-1)))
}

// recovery returns how long after the shock lambda is back, by what was best
// for the money that was left then.
func (j *job) recovery(o *outcome) float64 {
	shock := int(halfTime / j.tick)
	if shock >= len(o.left) {
		return 1
	}
	_, best := j.afterShock.at(o.left[shock])
	return recovery(o.lambda, shock, best)
}

// near is how far from the best lambda, as a factor, one is back.
const near = 1.2

// recovery returns the share of the flight after the shock until lambda is
// near the best, and stays there for a hundredth of the flight; 1 is never.
func recovery(lambda []float64, shock int, best float64) float64 {
	run := 0
	for i := shock; i < len(lambda); i++ {
		if math.Abs(math.Log(lambda[i]/best)) > math.Log(near) {
			run = 0
			continue
		}
		if run++; run*100 >= len(lambda) {
			return float64(i-run+1-shock) / float64(len(lambda))
		}
	}
	return 1
}
