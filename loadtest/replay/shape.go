package replay

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Shape is how a day's traffic is spread over its 24 hours: shares that sum
// to 1.
type Shape [24]float64

// Flat is the same traffic at every hour.
func Flat() (s Shape) {
	for h := range s {
		s[h] = 1. / 24
	}
	return s
}

// Humped is the built-in day: little at night, a hump at noon and a higher one
// in the evening.
func Humped() (s Shape) {
	for h := range s {
		at := float64(h) + .5
		s[h] = .25 + .8*hump(at-12, 3) + 1.2*hump(at-20.5, 2.2) + 1.2*hump(at+3.5, 2.2)
	}
	return s.normal()
}

func hump(x, wide float64) float64 { return math.Exp(-x * x / (2 * wide * wide)) }

// Foreign is the day of another country: the evening hump comes at noon, and
// mornings are busy.
func Foreign() (s Shape) {
	for h := range s {
		at := float64(h) + .5
		s[h] = .1 + 1.5*hump(at-8.5, 1.8) + .9*hump(at-14.5, 2.5)
	}
	return s.normal()
}

func (s Shape) normal() Shape {
	sum := 0.
	for _, x := range s {
		sum += x
	}
	for h := range s {
		s[h] /= sum
	}
	return s
}

// Shifted returns the shape so many hours later.
func (s Shape) Shifted(hours int) (t Shape) {
	for h := range s {
		t[((h+hours)%24+24)%24] = s[h]
	}
	return t
}

// ParseShape reads 24 numbers, parted by commas, spaces or lines; of lines
// with several columns the last one counts. A first line of names is passed
// over.
func ParseShape(text string) (s Shape, err error) {
	var all []float64
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		fields := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", ;\t\r", r) })
		if len(lines) >= 24 && len(fields) > 1 {
			fields = fields[len(fields)-1:]
		}
		for _, f := range fields {
			x, err := strconv.ParseFloat(f, 64)
			if err != nil && i == 0 {
				break
			}
			if err != nil || !(x >= 0) || math.IsInf(x, 0) {
				return s, fmt.Errorf("cannot read shape, line %d: %.40q is no share of traffic", i+1, f)
			}
			all = append(all, x)
		}
	}
	sum := 0.
	for _, x := range all {
		sum += x
	}
	if len(all) != len(s) || sum <= 0 {
		return s, fmt.Errorf("cannot read shape: it has %d numbers; want one for each of 24 hours, not all zero", len(all))
	}
	copy(s[:], all)
	return s.normal(), nil
}

// times returns the time of day of each of n auctions: the shape's traffic,
// even within each hour.
func (s Shape) times(n int) []time.Duration {
	all := make([]time.Duration, n)
	h, before := 0, 0.
	for i := range all {
		q := (float64(i) + .5) / float64(n)
		for h < 23 && (q > before+s[h] || s[h] == 0) {
			before += s[h]
			h++
		}
		into := min(1, max(0, (q-before)/s[h]))
		all[i] = min(day-1, time.Duration((float64(h)+into)*float64(time.Hour)))
	}
	return all
}
