//go:build race

package replay

// someCampaigns is how many made-up campaigns TestRun plays: under the race
// detector a replay takes ten times as long.
const someCampaigns = 1
