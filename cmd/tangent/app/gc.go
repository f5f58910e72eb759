package app

import "runtime/metrics"

// loadingGC is GOGC while the catalog is read for the first time.
const loadingGC = 25

const (
	usualGC  = 100       // percent: the heap may double before it is collected
	leastGC  = 50        // percent, of however large a heap
	roomToGC = 100 << 20 // bytes of garbage that are made in any case
)

// steadyGC returns GOGC, for who does not set it, while so many bytes live after
// the start. What a byte of garbage costs to collect goes by how much of the heap
// may be garbage, and not by how large it is: so a small heap may double, for
// little memory, and a large one, most of which is a catalog that never becomes
// garbage, has to do with half of that for twice the little that it costs.
func steadyGC(live uint64) int {
	if live == 0 {
		return usualGC
	}
	return int(min(max(100*roomToGC/live, leastGC), usualGC))
}

// liveHeap returns how many bytes lived at the last collection.
func liveHeap() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}
