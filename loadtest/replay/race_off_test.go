//go:build !race

package replay

// someCampaigns is how many made-up campaigns TestRun plays.
const someCampaigns = 6
