package pacing

import "math"

// shape is one answer to how the day's traffic is spread.
type shape struct {
	variance float64 // how much an hour's ln(met / forecast) may vary beside the day's
	flat     float64 // the part of it that is spread over all hours alike
	shift    int     // hours that the forecast's hours come later
	human    bool    // the day of people anywhere, whatever was forecast
	level    float64 // variance of the day's ln(traffic / forecast), where that is more than usual
	prior    float64 // logarithm of how likely it is before anything came
}

// shapes are the answers. The better the forecast, the less an hour varies; one
// that is far off is no guide to where the traffic is, and is believed only in
// part. What makes a forecast far off is mostly the time zone: it comes from
// elsewhere, or the audience does. All hours of the day are as likely for that,
// and all together, as people of anywhere, half as likely as one of the others.
// Or the forecast has the right shape, and several times as much comes, or as
// little: what a line item may bid for was changed, or an exchange came.
var shapes = func() (all [2*4 + 2*23 + 24]shape) {
	n := copy(all[:], []shape{{variance: .003}, {variance: .03, flat: .05}, {variance: .3, flat: .3}, {variance: 1, flat: .5}})
	for i := range n {
		all[n+i] = all[i]
		all[n+i].level, all[n+i].prior = otherLevel, math.Log(otherDay)
	}
	n *= 2
	for s := 1; s < 24; s++ {
		all[n] = shape{variance: .003, shift: s, prior: math.Log(.5 / 23)}
		all[n+1] = shape{variance: .03, flat: .05, shift: s, prior: math.Log(.5 / 23)}
		n += 2
	}
	for s := range 24 {
		all[n] = shape{variance: .1, shift: s, human: true, prior: math.Log(.5 / 24)}
		n++
	}
	return all
}()

// human is the hour of a day anywhere, of a mean of 1: people sleep. Six times
// as much comes at its height as twelve hours later, a round figure for what is
// published of the traffic of networks.
var human = func() (all [24]float64) {
	sum := 0.0
	for h := range all {
		all[h] = math.Exp(math.Log(6) / 2 * math.Cos(2*math.Pi*float64(h)/24))
		sum += all[h] / 24
	}
	for h := range all {
		all[h] /= sum
	}
	return all
}()

// evidence is what came of a day beside what was forecast of it.
type evidence struct {
	*outlook
	forecast    *forecast
	prior, size float64           // variance of the day's level, and what it is about
	hours, done int               // of the day, and that have begun
	whole       [dayHours]float64 // what was forecast of each hour of the day
	total       float64
}

// by returns the regression that takes a shape for right; false if that says
// nothing.
func (e *evidence) by(s *shape) (r regression, ok bool) {
	if (s.human || s.shift != 0) && !e.forecast.open {
		return r, false // closed hours do not move
	}
	r = regression{hours: e.hours, prior: max(e.prior, s.level), variance: s.variance}
	mean := e.total / float64(e.hours)
	for h := range e.hours {
		at := e.whole[h]
		switch {
		case s.human:
			at = mean * human[(h+s.shift)%24]
		case s.shift != 0:
			from := e.Start + int64(h-s.shift)*hour
			at = e.size * e.forecast.between(from, from+hour)
		}
		at = (1-s.flat)*at + s.flat*mean
		r.weights[h], r.scale[h] = at/e.total, 1
		if e.whole[h] <= 0 {
			continue
		}
		if r.scale[h] = at / e.whole[h]; at <= 0 {
			return r, false
		}
		// An hour in which nothing came is an outage: it tells nothing of others.
		if y := e.size * float64(e.Forecast[h]); h < e.done && e.Met[h] > 0 && y > .3*e.whole[h] {
			y *= r.scale[h]
			r.see(h, math.Log((float64(e.Met[h])+fewMet)/(y+fewMet)), hourNoise+1/(y+fewMet))
		}
	}
	if r.n == 0 {
		return r, false
	}
	r.clip()
	return r, true
}
