//go:build !race

package audience

// poolSlack is how many allocations a budget forgives.
const poolSlack = 0
