package pacing

import "time"

// OrderAges part the time after a click: orders are counted by the one until
// which they came. What comes later than the last is not waited for.
var OrderAges = [orderAges]time.Duration{
	5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 4 * 24 * time.Hour, 8 * 24 * time.Hour, 16 * 24 * time.Hour, 30 * 24 * time.Hour,
}

const orderAges = 11

// Arrivals counts a line item's orders: [i][j] are those that came in the i-th
// of OrderAges after their click, which is in the j-th now.
type Arrivals [orderAges][orderAges]int64

// Arrived is the share of all orders after a click that have come while it is
// within each of OrderAges.
type Arrived [orderAges]float64

// usualArrivals is what is taken for likely before orders were counted, as if
// so many had been. It is a guess at quick ones: where a first day shows none of
// those that take a week, they are not spent on before they come.
var usualArrivals = Arrived{.2, .3, .5, .7, .9, .96, .98, .99, .995, .999, 1}

const usualOrders = 10

// Arrived estimates when orders come. Of a young click only the quick ones can
// have come, so those that came are no fair sample: each age is judged by the
// clicks that have reached it alone, from the last age down (Lynden-Bell 1971).
func (a *Arrivals) Arrived() (by Arrived) {
	until := 1.0 // the share that comes until the end of the age
	for i := orderAges - 1; i >= 0; i-- {
		before := 0.0
		if i > 0 {
			came, of := 0.0, 0.0
			for j := i; j < orderAges; j++ {
				came += float64(a[i][j])
				for k := range i + 1 {
					of += float64(a[k][j])
				}
			}
			usual := 1 - usualArrivals[i-1]/usualArrivals[i]
			before = until * (1 - (came+usualOrders*usual)/(of+usualOrders))
		}
		by[i] = (before + until) / 2
		until = before
	}
	return by
}

// waiting is what is expected to come, by the age of the clicks it comes after.
type waiting [orderAges]float64

// pass lets time go by, and returns what is older than the last age now.
func (w *waiting) pass(d time.Duration) (old float64) {
	for i := orderAges - 1; i >= 0; i-- {
		long := OrderAges[i]
		if i > 0 {
			long -= OrderAges[i-1]
		}
		moved := w[i] * min(1, float64(d)/float64(long))
		w[i] -= moved
		if i == orderAges-1 {
			old = moved
		} else {
			w[i+1] += moved
		}
	}
	return old
}

// due returns how much of it should have come by now, and how much not yet.
func (w *waiting) due(by *Arrived) (due, open float64) {
	for i, x := range w {
		due += x * by[i]
		open += x * (1 - by[i])
	}
	return due, open
}
