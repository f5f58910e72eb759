package catalog

import (
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
)

// Most rules have nothing rare, and share one that says so: a modifier of sizes
// must not be in everybody's.
func TestModifiersOfSizesAreNobodyElses(t *testing.T) {
	all, _ := one()
	all.LineItems[0].Modifiers = []campaign.Modifier{{When: campaign.Targeting{Sizes: campaign.List[campaign.Size]{Include: []campaign.Size{{W: 1, H: 1}}}}, Factor: 2}}
	c := newCatalog(t, 0)
	apply(t, c, all)
	li, _ := c.Load().LineItem(1)
	if !noRules.empty() || len(li.modifiers[0].rules.rare.free) != 1 || li.rules.rare != &noRules {
		t.Fatalf("everybody has %v, the modifier %v", noRules, li.modifiers[0].rules.rare)
	}
}
