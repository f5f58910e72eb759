//go:build race

package pacing

import "flag"

// Under the race detector a day takes ten times as long to play: fewer are
// drawn, unless -rapid.checks says otherwise.
func init() {
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
}
