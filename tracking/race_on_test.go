//go:build race

package tracking

// The race detector makes sync.Pool forget at random.
const poolAllocs = 8
