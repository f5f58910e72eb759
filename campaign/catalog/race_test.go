//go:build race

package catalog

import settings "flag" // a flag is a rule's here

// Under the race detector what is drawn takes ten times as long, on one
// goroutine: less is drawn, unless -rapid.checks says otherwise.
func init() {
	drawsFew = true
	if err := settings.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
}
