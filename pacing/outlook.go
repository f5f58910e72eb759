package pacing

import (
	"math"
	"slices"
)

// dayHours is how many hours a day may have.
const dayHours = 25

// outlook corrects a forecast of traffic, hour by hour, by what came of the
// day so far. Either the day as a whole has more or less traffic than was
// forecast, or its hours are not as they were, and what came too early does
// not come again. The two are told apart by Gaussian process regression on
// ln(met / forecast) of the hours: a level that all share, and a shape whose
// neighbouring hours go together and which does not change the sum of a day.
// How far shapes may be off is not known either: several answers are averaged
// by how well they explain what came.
type outlook struct {
	start         int64             // unix nanos of the day's first hour
	met, forecast [dayHours]float32 // counted, and forecast for the time in which it was
	factors       [dayHours]float32 // ratio to expect of each hour
	level         float32           // and of later days
	due           int64             // when to look again, unix nanos
	looked        bool              // the factors are worked out
	late, lateMet float64           // forecast and met lately, fading
}

// shapes are how much an hour's ln(met / forecast) may vary beside the day's:
// the better the forecast, the less. One that is so far off is no guide to
// where the traffic is: it is believed only in part.
var shapes = [...]struct{ variance, flat float64 }{{.003, 0}, {.03, .05}, {.3, .3}, {1, .5}}

const (
	levelPrior   = .04 // variance of a day's ln(traffic / forecast)
	levelUnknown = 9   // the same where nothing was learned yet
	shapeHours   = 3   // hours so far apart go together
	hourNoise    = .01 // variance of an hour's logarithm for itself
	fewMet       = 5   // opportunities that are added to what is met and forecast
	oddHour      = 5   // an hour so many deviations off the others is taken for less
	lookHours    = .25 // between two looks
	lateHours    = .25 // memory of the late ratio
)

// begin starts a day.
func (o *outlook) begin(start int64) {
	*o = outlook{start: start, level: 1, late: o.late, lateMet: o.lateMet}
	for h := range o.factors {
		o.factors[h] = 1
	}
}

// count takes in what came in a short time up to now, and what was forecast.
func (o *outlook) count(now int64, met, forecast float64, hours float64) {
	h := min(dayHours-1, max(0, (now-1-o.start)/hour))
	o.met[h] += float32(met)
	o.forecast[h] += float32(forecast)
	fade := math.Exp(-hours / lateHours)
	o.lateMet = o.lateMet*fade + met
	o.late = o.late*fade + forecast
}

// left returns what is expected from now to the end of the day, and from there
// to the end.
func (o *outlook) left(f *forecast, now, midnight, end int64) float64 {
	if !f.known && !o.looked { // the forecast is a shape: its size is what comes
		return o.near(f, now, end)
	}
	sum := 0.0
	if midnight < end {
		sum = float64(o.level) * f.between(midnight, end)
	}
	until := min(midnight, end)
	for at := now; at < until; {
		h := (at - o.start) / hour
		next := min(until, o.start+(h+1)*hour)
		sum += float64(o.factors[min(dayHours-1, max(0, h))]) * f.between(at, next)
		at = next
	}
	return sum
}

// near is what comes in a short time.
func (o *outlook) near(f *forecast, from, to int64) float64 {
	if o.late <= 0 {
		return f.between(from, to)
	}
	few := 0.0
	if f.known {
		few = fewMet
	}
	return (o.lateMet + few) / (o.late + few) * f.between(from, to)
}

// look works the factors out anew.
func (o *outlook) look(f *forecast, now, midnight int64) {
	prior, size := float64(levelPrior), 1.0
	if !f.known {
		met, forecast := 0.0, 0.0
		for h := range o.met {
			met += float64(o.met[h])
			forecast += float64(o.forecast[h])
		}
		if met <= 0 || forecast <= 0 {
			return
		}
		prior, size = levelUnknown, met/forecast
	}
	var whole [dayHours]float64 // what was forecast of each hour of the day
	hours, total := 0, 0.0
	for at := o.start; at < midnight && hours < dayHours; at += hour {
		whole[hours] = size * f.between(at, min(midnight, at+hour))
		total += whole[hours]
		hours++
	}
	done := int(min(int64(hours), (now-o.start)/hour+1))
	if total <= 0 || done <= 0 {
		return
	}
	mean := total / float64(hours)
	var factors [len(shapes)][dayHours]float64
	var levels, likely [len(shapes)]float64
	for i, s := range shapes {
		r := regression{hours: hours, prior: prior}
		for h := range hours {
			flat := s.flat * mean
			r.weights[h] = ((1-s.flat)*whole[h] + flat) / total
			r.scale[h] = 1
			if whole[h] > 0 {
				r.scale[h] = (1 - s.flat) + flat/whole[h]
			}
			if h < done && whole[h] > 0 && size*float64(o.forecast[h]) > .3*whole[h] {
				y := size * float64(o.forecast[h]) * r.scale[h]
				r.see(h, math.Log((float64(o.met[h])+fewMet)/(y+fewMet)), hourNoise+1/(y+fewMet))
			}
		}
		if r.n == 0 {
			return
		}
		r.clip()
		likely[i], levels[i] = r.solve(s.variance, done-1, &factors[i])
	}
	best := slices.Max(likely[:])
	sum, level := 0.0, 0.0
	var mixed [dayHours]float64
	for i := range shapes {
		p := math.Exp(likely[i] - best)
		sum += p
		level += p * levels[i]
		for h := done - 1; h < hours; h++ {
			mixed[h] += p * factors[i][h]
		}
	}
	o.looked = true
	o.level = float32(size * math.Exp(max(-4, min(8, level/sum))))
	for h := done - 1; h < hours; h++ {
		o.factors[h] = float32(size * math.Exp(max(-4, min(8, mixed[h]/sum))))
	}
}
