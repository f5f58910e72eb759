package landscape

import "math"

// Prices are counted in bins between edges that grow by one sixteenth of an
// octave, 4.4 %: from 2^8 nanos per impression (a CPM of 0.000000256) to 2^40
// (1,100 currency units for one). What is beyond is counted in the outermost.
const (
	perOctave = 16
	lowOctave = 8
	octaves   = 32
	edges     = octaves*perOctave + 1 // edge j is the lower end of bin j
	lastBin   = edges - 2
)

var edgeAt = func() (e [edges]float64) {
	for j := range e {
		e[j] = math.Exp2(lowOctave + float64(j)/perOctave)
	}
	return e
}()

// position returns where a price is on the grid: the bin, and how far into it
// in parts of one.
func position(price float64) (bin int, within float64) {
	if !(price > edgeAt[0]) {
		return 0, 0
	}
	if price >= edgeAt[edges-1] {
		return lastBin, 1
	}
	bin = min(int((math.Log2(price)-lowOctave)*perOctave), lastBin)
	// The logarithm may be off by a bit at an edge.
	for price < edgeAt[bin] {
		bin--
	}
	for price >= edgeAt[bin+1] {
		bin++
	}
	return bin, (price - edgeAt[bin]) / (edgeAt[bin+1] - edgeAt[bin])
}
