package loadtest

import "math/rand/v2"

// purpose separates the draws of one request: what one part draws, or how
// often, changes nothing for the others.
type purpose uint64

const (
	forArrival    purpose = iota + 1 // when requests leave
	forRequest                       // what is in a request
	forRivals                        // what the competitors bid for an imp
	forFate                          // what becomes of a bid for an imp
	forOvercharge                    // whether it is billed above the bid
	forReorder                       // whether its notices change places
	forMix                           // formats and deals, where a mix is asked for
)

// draws returns the random source for one purpose of request seq. It does not
// depend on anything drawn before, so answers that come late or not at all
// move no other draw.
func draws(seed, seq uint64, p purpose) *rand.Rand {
	h := mix(seed ^ mix(uint64(p)))
	return rand.New(rand.NewPCG(h, mix(h^seq)))
}

// drawsOfImp is draws for one imp of a request.
func drawsOfImp(seed, seq uint64, imp int, p purpose) *rand.Rand {
	return draws(seed, seq<<4|uint64(imp), p)
}

// mix spreads every bit of x over the result (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// share turns a hash into a number within [0, 1).
func share(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// weighted picks an index with the probabilities of the running sums, whose
// last is the total.
func weighted(sums []float64, u float64) int {
	u *= sums[len(sums)-1]
	for i, s := range sums {
		if u < s {
			return i
		}
	}
	return len(sums) - 1
}

// runningSums returns the sums that weighted takes.
func runningSums[T any](items []T, weight func(i int, item T) float64) []float64 {
	sums := make([]float64, len(items))
	total := 0.0
	for i, item := range items {
		total += weight(i, item)
		sums[i] = total
	}
	return sums
}
