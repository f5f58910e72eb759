package frontier

import "math"

// Even is what a day brings when its money is spread by the clock.
type Even struct {
	Value    float64 // nanos
	Spend    float64
	Outcomes float64
}

const (
	// block is how many hours of the day share a mix of opportunities and
	// prices; how many there are is each hour's own.
	block       = 4
	leastBlock  = 12 // samples; with fewer, the whole day's mix
	evenSeen    = 0.9
	evenHalving = 40
)

// Even returns what so much money buys when every hour of the day gets the same
// of it, in hours that may bid: open has them, by hour of the day in UTC. What
// an hour cannot spend goes to those after it. It is false where too little of
// a day was seen.
func (c *Curve) Even(spend, seen float64, open [Span]bool) (e Even, known bool) {
	m := c.market
	left := 0
	for h, n := range m.Hours {
		if open[h] && n > 0 {
			left++
		}
	}
	if seen < evenSeen || left == 0 {
		return e, false
	}
	total := 0.0
	for _, n := range m.Hours {
		total += n
	}
	money := spend
	for h, n := range m.Hours {
		if !open[h] || n == 0 {
			continue
		}
		share := money / float64(left)
		left--
		p := c.hour(h, n/total*m.Met, share)
		e.Spend += p.Spend
		e.Value += p.Value
		e.Outcomes += p.Outcomes
		money -= p.Spend
	}
	return e, true
}

// hour returns what an hour with so many opportunities buys for at most so much
// money.
func (c *Curve) hour(hour int, met, most float64) Point {
	lots := c.market.lots
	within := func(l *lot) bool { return l.hour/block == hour/block }
	n := 0
	for i := range lots {
		if within(&lots[i]) {
			n++
		}
	}
	if n < leastBlock {
		within = func(*lot) bool { return true }
	}
	at := func(multiplier float64) (p Point) {
		weight := 0.0
		for i := range lots {
			if l := &lots[i]; within(l) {
				weight += l.weight
				p.add(c.market.expect(l, c.Terms, multiplier), l.weight)
			}
		}
		var q Point
		q.add(p, met/weight)
		return q
	}
	high := at(1)
	if high.Spend <= most {
		return high
	}
	// Two multipliers that are next to each other, one on each side of the money.
	var low Point
	a, b := math.Log(max(c.Points[min(1, len(c.Points)-1)].Multiplier, 1e-12))-math.Log(16), 0.0
	for range evenHalving {
		mid := (a + b) / 2
		if p := at(math.Exp(mid)); p.Spend <= most {
			a, low = mid, p
		} else {
			b, high = mid, p
		}
	}
	part := (most - low.Spend) / (high.Spend - low.Spend)
	var p Point
	p.add(low, 1-part)
	p.add(high, part)
	return p
}
