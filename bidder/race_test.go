//go:build race

package bidder

// raceEnabled says that pools drop what they hold at random, as they do under
// the race detector, so that allocations cannot be counted.
const raceEnabled = true
