//go:build !race

package openrtb

// raceEnabled says that allocations cannot be counted.
const raceEnabled = false
