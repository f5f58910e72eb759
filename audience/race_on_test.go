//go:build race

package audience

// poolSlack is how many allocations a budget forgives: under the race
// detector a sync.Pool drops things on purpose.
const poolSlack = 8
