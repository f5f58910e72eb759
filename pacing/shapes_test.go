package pacing

import (
	"math"
	"testing"
	"time"
)

// evening is a day of people: a hump at noon, a higher one in the evening.
func evening(h int) float64 {
	hump := func(at, wide float64) float64 {
		x := math.Remainder(float64(h)+.5-at, 24)
		return math.Exp(-x * x / (2 * wide * wide))
	}
	return 1000 * (.25 + .8*hump(12, 3) + 1.2*hump(20.5, 2.2))
}

// Given a forecast that is right, of another time zone, or of another size, when
// some hours have come, then what is left of the day is forecast to within some
// percent.
func TestOutlookTellsShapesApart(t *testing.T) {
	for name, c := range map[string]struct {
		yesterday func(h int) float64
		size      float64 // of today
		silent    int     // hours of today in which nothing comes
		from      int     // hour from which it is known
		off       float64
	}{
		"as yesterday":       {evening, 1, 0, 1, .05},
		"a quarter more":     {evening, 1.25, 0, 4, .12},
		"a quarter less":     {evening, .75, 0, 4, .12},
		"three times more":   {evening, 3, 0, 9, .2},
		"a third":            {evening, 1. / 3, 0, 6, .2},
		"late, as yesterday": {evening, 1, 15, 16, .12},
		"three hours later":  {func(h int) float64 { return evening(h + 3) }, 1, 0, 6, .06},
		"five hours earlier": {func(h int) float64 { return evening(h - 5) }, 1, 0, 6, .06},
		"elsewhere":          {func(h int) float64 { return evening(h + 11) }, 1, 0, 6, .07},
	} {
		t.Run(name, func(t *testing.T) {
			var own traffic
			var open [weekHours]float32
			for h := range open {
				open[h] = 1
			}
			today := func(h int) float64 {
				if h < c.silent {
					return 0
				}
				return c.size * evening(h)
			}
			start := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC).UnixNano()
			whole := 0.0
			for h := range 24 {
				own.add(start-(24-int64(h))*hour+hour, c.yesterday(h), 1)
				whole += today(h)
			}
			own.close()
			var f forecast
			f.build(&own, &own, &open)
			var o outlook
			o.begin(start)
			came := 0.0
			for m := range 24 * 60 {
				from, to := start+int64(m)*hour/60, start+int64(m+1)*hour/60
				met := today(m/60) / 60
				o.count(to, met, f.between(from, to), 1./60)
				if came += met; m%15 == 14 {
					o.look(&f, to, start+24*hour)
				}
				left := whole - came
				if ratio := o.left(&f, to, start+24*hour, start+24*hour) / left; m >= 60*c.from && left > whole/10 && math.Abs(math.Log(ratio)) > c.off {
					t.Fatalf("%d:%02d o'clock: %.3f of what comes is forecast", m/60, m%60, ratio)
				}
			}
		})
	}
}
