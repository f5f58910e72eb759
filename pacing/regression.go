package pacing

import (
	"math"
	"slices"
)

// regression is Gaussian process regression over the hours of a day, with the
// sum of what the weights weigh held at zero.
type regression struct {
	hours          int
	prior          float64           // variance of what all hours share
	variance       float64           // of the shape
	weights, scale [dayHours]float64 // shares of the day; what to multiply a forecast by

	n     int // observations
	at    [dayHours]int
	logs  [dayHours]float64
	noise [dayHours]float64

	weighted [dayHours]float64           // the shape's covariance with the weighted sum
	sum      float64                     // and of that sum
	l        [dayHours][dayHours]float64 // Cholesky factor of the observations' covariance
	y        [dayHours]float64           // what was observed, freed of it
}

func (r *regression) see(h int, log, noise float64) {
	r.at[r.n], r.logs[r.n], r.noise[r.n] = h, log, noise
	r.n++
}

// clip brings odd hours nearer to the others: an outage or a burst is no guide
// to the rest of the day.
func (r *regression) clip() {
	var sorted [dayHours]float64
	all := sorted[:copy(sorted[:], r.logs[:r.n])]
	slices.Sort(all)
	median := all[r.n/2]
	for i := range all {
		all[i] = math.Abs(all[i] - median)
	}
	slices.Sort(all)
	far := oddHour * (1.48*all[r.n/2] + .1)
	for i := range r.n {
		r.logs[i] = max(median-far, min(median+far, r.logs[i]))
	}
}

// near is the correlation of hours so far apart on the clock.
var near = func() (all [dayHours]float64) {
	for d := range all {
		x := float64(min(d, 24-min(24, d))) / shapeHours
		all[d] = math.Exp(-x * x / 2)
	}
	return all
}()

// shape is the covariance of two hours, given that the weighted sum is zero.
func (r *regression) shape(i, j int) float64 {
	return r.variance*(near[abs(i-j)]-r.weighted[i]*r.weighted[j]/r.sum) + r.prior
}

// solve takes in what was seen and returns the logarithm of its likelihood.
func (r *regression) solve() (likely float64) {
	for i := range r.hours {
		for j := range r.hours {
			r.weighted[i] += near[abs(i-j)] * r.weights[j]
		}
		r.sum += r.weighted[i] * r.weights[i]
	}
	l, y := &r.l, &r.y
	for i := range r.n {
		for j := range i + 1 {
			s := r.shape(r.at[i], r.at[j])
			if i == j {
				s += r.noise[i]
			}
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(max(s, 1e-12))
			} else {
				l[i][j] = s / l[j][j]
			}
		}
		s := r.logs[i]
		for k := range i {
			s -= l[i][k] * y[k]
		}
		y[i] = s / l[i][i]
		likely -= y[i]*y[i]/2 + math.Log(l[i][i])
	}
	return likely
}

// predict fills the logarithms of the factors to expect from an hour of the day
// on, and returns the level's logarithm. It is called after solve.
func (r *regression) predict(from int, factors *[dayHours]float64) (level float64) {
	for h := from; h <= r.hours; h++ { // the last one is any other day
		var z [dayHours]float64
		mean, spread := 0.0, 0.0
		for i := range r.n {
			s := r.prior
			if h < r.hours {
				s = r.shape(h, r.at[i])
			}
			for k := range i {
				s -= r.l[i][k] * z[k]
			}
			z[i] = s / r.l[i][i]
			mean += z[i] * r.y[i]
			spread += z[i] * z[i]
		}
		if h == r.hours {
			return mean
		}
		factors[h] = math.Log(r.scale[h]) + mean - min(spread, r.variance)/2 // ratios are 1 on average, not their logarithms
	}
	return 0
}

func abs(i int) int { return max(i, -i) }
