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
// What shape it has, and how far that may be off, is not known either: several
// answers are averaged by how well they explain what came, see shapes.
type outlook struct {
	Start         int64             // unix nanos of the day's first hour
	Met, Forecast [dayHours]float32 // counted, and forecast for the time in which it was
	Factors       [dayHours]float32 // ratio to expect of each hour
	Level         float32           // and of later days
	Due           int64             // when to look again, unix nanos
	Looked        bool              // the factors are worked out
	Late, LateMet float64           // forecast and met lately, fading
}

const (
	levelPrior   = .04 // variance of a day's ln(traffic / forecast)
	otherLevel   = 2   // the same of a day of other traffic: a quarter to four times as much
	otherDay     = .1  // how likely that is beside a usual day, before anything came
	levelUnknown = 9   // the same where nothing was learned yet
	shapeHours   = 3   // hours so far apart go together
	hourNoise    = .01 // variance of an hour's logarithm for itself
	fewMet       = 5   // opportunities that are added to what is met and forecast
	oddHour      = 5   // an hour so many deviations off the others is taken for less
	lookHours    = .25 // between two looks
	unlikely     = .01 // answers that explain the day so much worse than the best are left out
	lateHours    = .25 // memory of the late ratio
)

// begin starts a day.
func (o *outlook) begin(start int64) {
	*o = outlook{Start: start, Level: 1}
	for h := range o.Factors {
		o.Factors[h] = 1
	}
}

// count takes in what came in a short time up to now, and what was forecast.
func (o *outlook) count(now int64, met, forecast float64, hours float64) {
	h := min(dayHours-1, max(0, (now-1-o.Start)/hour))
	o.Met[h] += float32(met)
	o.Forecast[h] += float32(forecast)
	fade := math.Exp(-hours / lateHours)
	o.LateMet = o.LateMet*fade + met
	o.Late = o.Late*fade + forecast
}

// left returns what is expected from now to the end of the day, and from there
// to the end.
func (o *outlook) left(f *forecast, now, midnight, end int64) float64 {
	if !f.known && !o.Looked { // the forecast is a shape: its size is what comes
		return o.near(f, now, end)
	}
	sum := 0.0
	if midnight < end {
		sum = float64(o.Level) * f.between(midnight, end)
	}
	until := min(midnight, end)
	for at := now; at < until; {
		h := (at - o.Start) / hour
		next := min(until, o.Start+(h+1)*hour)
		sum += float64(o.Factors[min(dayHours-1, max(0, h))]) * f.between(at, next)
		at = next
	}
	return sum
}

// near is what comes in a short time.
func (o *outlook) near(f *forecast, from, to int64) float64 {
	if o.Late <= 0 {
		return f.between(from, to)
	}
	few := 0.0
	if f.known {
		few = fewMet
	}
	return (o.LateMet + few) / (o.Late + few) * f.between(from, to)
}

// look works the factors out anew.
func (o *outlook) look(f *forecast, now, midnight int64) {
	e := evidence{outlook: o, forecast: f, prior: levelPrior, size: 1}
	if !f.known {
		met, forecast := 0.0, 0.0
		for h := range o.Met {
			met += float64(o.Met[h])
			forecast += float64(o.Forecast[h])
		}
		if met <= 0 || forecast <= 0 {
			return
		}
		e.prior, e.size = levelUnknown, met/forecast
	}
	for at := o.Start; at < midnight && e.hours < dayHours; at += hour {
		if e.whole[e.hours] = e.size * f.between(at, min(midnight, at+hour)); at+hour <= now && o.Forecast[e.hours] > 0 {
			e.whole[e.hours] = e.size * float64(o.Forecast[e.hours]) // as it was, if it was made anew since
		}
		e.total += e.whole[e.hours]
		e.hours++
	}
	e.done = int(min(int64(e.hours), (now-o.Start)/hour+1))
	if e.total <= 0 || e.done <= 0 {
		return
	}
	var likely [len(shapes)]float64
	for i := range shapes {
		likely[i] = math.Inf(-1)
		if r, ok := e.by(&shapes[i]); ok {
			likely[i] = shapes[i].prior + r.solve()
		}
	}
	best := slices.Max(likely[:])
	if math.IsInf(best, -1) {
		return
	}
	sum, level := 0.0, 0.0
	var mixed [dayHours]float64
	for i := range shapes {
		p := math.Exp(likely[i] - best)
		if p < unlikely {
			continue
		}
		r, _ := e.by(&shapes[i])
		r.solve()
		var factors [dayHours]float64
		level += p * r.predict(e.done-1, &factors)
		sum += p
		for h := e.done - 1; h < e.hours; h++ {
			mixed[h] += p * factors[h]
		}
	}
	o.Looked = true
	o.Level = float32(e.size * math.Exp(max(-4, min(8, level/sum))))
	for h := e.done - 1; h < e.hours; h++ {
		o.Factors[h] = float32(e.size * math.Exp(max(-4, min(8, mixed[h]/sum))))
	}
}
