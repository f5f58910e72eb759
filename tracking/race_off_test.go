//go:build !race

package tracking

const poolAllocs = 0
