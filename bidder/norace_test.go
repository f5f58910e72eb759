//go:build !race

package bidder

// raceEnabled says that allocations cannot be counted.
const raceEnabled = false
