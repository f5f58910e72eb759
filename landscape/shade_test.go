package landscape

import "testing"

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
