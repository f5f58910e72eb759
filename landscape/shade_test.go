package landscape

import (
	"math"
	"testing"
)

// Given prices that are even between two of the grid's edges, where the gain is a
// parabola, then the bid is at its top, not at the next edge.
func TestShadeFindsTheBestBidBetweenEdges(t *testing.T) {
	const low, bins = 200, 12
	d := &distribution{low: low, won: make([]float32, bins+1), paid: make([]float32, bins+1)}
	from, to := edgeAt[low], edgeAt[low+bins]
	for i := range d.won {
		d.won[i] = float32((edgeAt[low+i] - from) / (to - from))
	}
	p := Prices{d: d}
	for part := 1.05; part < 2; part += .01 {
		worth := from * part
		best := min(to, (worth+from)/2) // where (worth - b)(b - from) is highest
		if best >= to {
			continue
		}
		if got := p.Shade(worth, 0); got < best*.9999 || got > best*1.0001 {
			t.Errorf("of %.1f it bids %.2f, the best is %.2f", worth, got, best)
		}
	}
}

// Between edges a second-price bid pays for the prices below it, not for itself.
func TestCostBetweenEdgesIsOfThePricesBelow(t *testing.T) {
	const low = 200
	from, to := edgeAt[low], edgeAt[low+1]
	p := Prices{d: &distribution{low: low, won: []float32{0, 1}, paid: []float32{0, float32((from + to) / 2)}}}
	for _, within := range []float64{.25, .5, .75} {
		bid := from + within*(to-from)
		if got, want := p.Cost(bid), within*(from+bid)/2; math.Abs(got/want-1) > 1e-6 {
			t.Errorf("a bid of %.1f between %.1f and %.1f is expected to pay %.2f, want %.2f", bid, from, to, got, want)
		}
	}
}
