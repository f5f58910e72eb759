package pacing

import "math"

// lumps learns how much of a budget's demand a single bid is. Most bids are
// small beside the few that make up the sum: it is those that count, as they
// decide how little a tick tells. Only sums of ticks are known. How far these
// scatter for the number of their bids gives it: the mean square of the bids
// over their mean.
type lumps struct {
	Sum     float64 // of what the bids of each tick were expected to cost, nanos
	Bids    float64
	Squares float64 // of what each Sum was off the mean of so many bids
}

// lumpMemory is how fast it forgets, in plans: a budget may be for one bid a day.
const lumpMemory = 1

// fade forgets, after a part of the plan has passed.
func (l *lumps) fade(passed float64) {
	f := math.Exp(-passed / lumpMemory)
	l.Sum *= f
	l.Bids *= f
	l.Squares *= f
}

// add takes in a tick. One in which much more was wanted than may be spent
// has a weight of less than 1: what is bid at a price that is far off is soon
// no guide.
func (l *lumps) add(expected, bids, weight float64) {
	l.Sum += weight * expected
	l.Bids += weight * bids
	if l.Bids > 0 {
		off := expected - bids*l.Sum/l.Bids
		l.Squares += weight * off * off
	}
}

// size is what a bid is expected to cost, of those that make up the sum: at
// most, and before anything is known, the most that a bid may be.
func (l *lumps) size(maxBid float64) float64 {
	most := max(1, maxBid)
	if l.Sum <= 0 || l.Bids <= 0 {
		return most
	}
	return min(most, max(1, l.Sum/l.Bids+l.Squares/l.Sum))
}
