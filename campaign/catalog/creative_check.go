package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Check says why the creative may not fill the imp, or None. Sizes are the
// imp's own, so that one query may stand for several imps.
func (c *Creative) Check(q *Query, imp *openrtb.Imp, r *openrtb.Request) openrtb.Reason {
	switch b := imp.Banner; {
	case c.Paused():
		return openrtb.NotActive
	case b == nil || !c.serves(b.Sizes):
		return openrtb.WrongSize
	case imp.Secure && !c.Secure:
		return openrtb.NotSecure
	case c.blockedDomain(r.BlockedAdvertisers):
		return openrtb.BlockedAdvertiser
	case c.blockedCategory(r.BlockedCategories, r.CategoryTaxonomy), !c.allowedCategories(r.AllowedCategories, r.CategoryTaxonomy):
		return openrtb.BlockedCategory
	case c.blockedAttribute(b.BlockedAttributes):
		return openrtb.BlockedAttribute
	case c.blockedType(b.BlockedTypes):
		return openrtb.BlockedType
	}
	return openrtb.None
}

// blockedDomain goes by badv: a domain blocks itself and all below it.
func (c *Creative) blockedDomain(badv [][]byte) bool {
	for _, blocked := range badv {
		for _, d := range c.Domains {
			if within(d, blocked) {
				return true
			}
		}
	}
	return false
}

// iabContent1 is the category taxonomy (cattax) that creatives are in, and
// the one that applies when a request names none.
const iabContent1 = 1

// blockedCategory goes by bcat: a category blocks itself and those below it,
// IAB1 blocks IAB1-5. A list in another taxonomy does not compare with ours.
// It blocks everything, a creative without categories too: a publisher who
// blocks something is not bid on blindly.
func (c *Creative) blockedCategory(bcat [][]byte, taxonomy int) bool {
	if len(bcat) == 0 {
		return false
	}
	if taxonomy != iabContent1 && taxonomy != 0 {
		return true
	}
	for _, category := range c.Categories {
		if listed(category, bcat) {
			return true
		}
	}
	return false
}

// allowedCategories goes by acat: when it is given, every category of the
// creative must be in it or below one that is. A creative without categories
// is not, and none is by a list that does not compare with ours.
func (c *Creative) allowedCategories(acat [][]byte, taxonomy int) bool {
	if len(acat) == 0 {
		return true
	}
	if taxonomy != iabContent1 && taxonomy != 0 || len(c.Categories) == 0 {
		return false
	}
	for _, category := range c.Categories {
		if !listed(category, acat) {
			return false
		}
	}
	return true
}

// listed says whether a category (lower case) or its parent is in a list.
func listed(category string, list [][]byte) bool {
	for _, entry := range list {
		n := len(entry)
		if n > 0 && n <= len(category) && (n == len(category) || category[n] == '-') && compareFold(category[:n], entry) == 0 {
			return true
		}
	}
	return false
}

func (c *Creative) blockedAttribute(battr []int) bool {
	for _, a := range c.Attributes {
		if slices.Contains(battr, a) {
			return true
		}
	}
	return false
}

func (c *Creative) blockedType(btype []int) bool { return slices.ContainsFunc(btype, c.Types.Has) }
