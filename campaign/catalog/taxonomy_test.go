package catalog

import (
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

func TestTaxonomies(t *testing.T) {
	of := func(taxonomy int, categories ...string) *Creative {
		return compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.Taxonomy, c.Categories = taxonomy, categories }))
	}
	ads, film, theatre := of(1, "IAB3-1"), of(1, "IAB1-5"), of(7, "177")
	for _, c := range []struct {
		name string
		of   *Creative
		rest string
		free bool
	}{
		{"1 by its top category in 2", ads, `"cattax":2,"bcat":["52"]`, false},
		{"1 by a category of 2 beside it", ads, `"cattax":6,"bcat":["102"]`, false},
		{"1 by another of 2", ads, `"cattax":5,"bcat":["391","v9i3On"]`, true},
		{"1 by its top category in 3", ads, `"cattax":7,"bcat":["52"]`, false},
		{"1 by a code that 3 does not have", ads, `"cattax":9,"bcat":["NOSUCH"]`, false},
		{"1 by a language of 2", ads, `"cattax":2,"bcat":["1200"]`, false},
		{"films by entertainment", film, `"cattax":7,"bcat":["JLBCU7"]`, false},
		{"films by genres", film, `"cattax":7,"bcat":["SPSHQ5"]`, false},
		{"films by books", film, `"cattax":7,"bcat":["42"]`, true},
		{"uncategorised", of(1, "IAB24"), `"cattax":2,"bcat":["1"]`, false},
		{"none", of(1), `"cattax":2,"bcat":["1"]`, false},
		{"none by any in 1", of(1), `"bcat":["IAB25"]`, false},
		{"none where none is blocked", of(1), `"bcat":[]`, true},
		{"illegal by sensitive", of(1, "IAB26-1"), `"cattax":6,"bcat":["8FD8nI"]`, false},
		{"2 by its own", of(2, "58"), `"cattax":2,"bcat":["58"]`, false},
		{"2 by its top in 1", of(2, "58"), `"bcat":["IAB3"]`, false},
		{"2 by a part in 1", of(2, "395"), `"bcat":["IAB4-3"]`, false},
		{"2 by another in 1", of(2, "58"), `"bcat":["IAB17"]`, true},
		{"2 by no category of 1", of(2, "58"), `"bcat":["IAB99"]`, false},
		{"3 by what it moved to", of(7, "390"), `"cattax":7,"bcat":["464"]`, false},

		{"1 allowed in 2", ads, `"cattax":2,"acat":["1","52"]`, true},
		{"1 allowed by a part", ads, `"cattax":2,"acat":["91"]`, false},
		{"1 allowed by what 3 made smaller", of(1, "IAB14-7"), `"cattax":7,"acat":["150"]`, false},
		{"2 allowed by itself", of(2, "58"), `"cattax":6,"acat":["58"]`, true},
		{"2 allowed by its top in 1, which others share", of(2, "58"), `"acat":["IAB3"]`, false},
		{"2 allowed by all that share it in 1", of(2, "58"), `"acat":["IAB3","IAB4"]`, true},
		{"2 allowed by the whole in 1", of(2, "2"), `"acat":["IAB2"]`, true},
		{"3 allowed by its parent, which is not whole", theatre, `"cattax":7,"acat":["150"]`, false},
		{"3 allowed by itself", theatre, `"cattax":7,"acat":["177"]`, true},
		{"no category allowed", of(1), `"cattax":2,"acat":["1"]`, false},
	} {
		got := checkImp(t, c.of, `"banner":{"w":300,"h":250}`, ","+c.rest)
		if (got == openrtb.None) != c.free || !c.free && got != openrtb.BlockedCategory {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A category blocks itself and what is below it in the same words, whatever
// the taxonomies: what is told to an exchange is what is held against blocks.
func TestWhatIsToldIsBlocked(t *testing.T) {
	for top := 1; top < len(firstTops); top++ {
		for sub := range 46 {
			code := "IAB" + string(rune('0'+top/10)) + string(rune('0'+top%10))
			if top < 10 {
				code = "IAB" + string(rune('0'+top))
			}
			if sub > 0 {
				code += "-" + string(rune('0'+sub/10)) + string(rune('0'+sub%10))
			}
			all := topics1([]byte(code))
			for _, taxonomy := range []int{2, 7} {
				for _, told := range all.codes(taxonomy) {
					if topicsOf(taxonomy, []byte(told))&all == 0 {
						t.Errorf("%s is told as %s of taxonomy %d, which does not block it", code, told, taxonomy)
					}
				}
			}
			if top != 24 && all == 0 {
				t.Errorf("%s has no topic", code)
			}
		}
	}
	if !slices.IsSorted(tops[:]) {
		t.Error("the top categories are not in order")
	}
}
