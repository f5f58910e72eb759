package landscape

import (
	"encoding/binary"
	"errors"
)

// A sketch is a distribution at some of its edges, close to it everywhere: for
// a sample of opportunities that is kept apart from the model which priced
// them. It is the level, the number of knots, and of each the distance from
// the edge before and F in parts of 65,535.

// sketchStep is how much of F is between two knots at most, where the grid
// allows; towards both ends knots are closer, as budgets buy there.
const sketchStep = 1.0 / 32

// AppendSketch appends what is known of these prices, in a hundred bytes or
// two.
func (p Prices) AppendSketch(dst []byte) []byte {
	dst = append(dst, p.level)
	if p.d == nil {
		return append(dst, 0)
	}
	at, n := len(dst), 0
	dst = append(dst, 0)
	edge := 0
	knot := func(i int) {
		dst = binary.AppendUvarint(dst, uint64(p.d.low+i-edge))
		dst = binary.BigEndian.AppendUint16(dst, uint16(p.d.won[i]*65535+.5))
		edge = p.d.low + i
		n++
	}
	knot(0)
	last, end := 0, len(p.d.won)-1
	for i := 1; i <= end; i++ {
		since, before := float64(p.d.won[last]), float64(p.d.won[i])
		step := max(min(sketchStep, since/2, (1-before)/2), 1.0/4096)
		if i != end && before-since < step || n == 253 && i != end {
			continue
		}
		if i-1 > last && n < 253 { // what was flat before stays flat
			knot(i - 1)
		}
		knot(i)
		last = i
	}
	dst[at] = byte(n)
	return dst
}

var errSketch = errors.New("cannot read prices: they are no sketch, or cut short")

// ReadSketch returns the prices that AppendSketch wrote, and what follows.
func ReadSketch(src []byte) (p Prices, rest []byte, err error) {
	if len(src) < 2 || src[0] >= levels || src[1] == 1 {
		return p, src, errSketch
	}
	p.level = src[0]
	n, rest := int(src[1]), src[2:]
	if n == 0 {
		return p, rest, nil
	}
	d := &distribution{}
	edge, last := 0, 0.0
	for i := range n {
		step, size := binary.Uvarint(rest)
		if size <= 0 || len(rest) < size+2 || step >= edges || edge+int(step) >= edges || i > 0 && step == 0 {
			return Prices{}, src, errSketch
		}
		won := float64(binary.BigEndian.Uint16(rest[size:])) / 65535
		rest = rest[size+2:]
		if i == 0 {
			d.low = int(step)
			d.won, d.paid = append(d.won, 0), append(d.paid, 0)
			edge = d.low
			continue
		}
		if won < last {
			return Prices{}, src, errSketch
		}
		from, to := edge, edge+int(step)
		slope := (won - last) / (edgeAt[to] - edgeAt[from])
		for e := from + 1; e <= to; e++ {
			mass := slope * (edgeAt[e] - edgeAt[e-1])
			paid := float64(d.paid[len(d.paid)-1]) + mass*(edgeAt[e]+edgeAt[e-1])/2
			d.won = append(d.won, float32(last+slope*(edgeAt[e]-edgeAt[from])))
			d.paid = append(d.paid, float32(paid))
		}
		edge, last = to, won
	}
	d.won[len(d.won)-1] = 1 // F ends there
	p.d = d
	return p, rest, nil
}
