package validate

import (
	"strings"

	"github.com/prebid/openrtb/v20/adcom1"
)

// contentTaxonomy is the taxonomy of categories when none is named.
const contentTaxonomy = 1

// checkBlocks holds a bid to what the publisher does not want (section 3.2.1).
func (c *checker) checkBlocks(b *bid) {
	for _, d := range b.ADomain {
		if withinAny(d, c.BAdv) {
			c.add(BAdv, "%q", d)
		}
	}
	if b.Bundle != "" && contains(c.BApp, b.Bundle) {
		c.add(BApp, "%q", b.Bundle)
	}
	language := b.Language
	if language == "" {
		language = b.LangB
	}
	if !spoken(language, c.WLang) {
		c.add(WLang, "%q", language)
	}
	if !spoken(language, c.WLangB) {
		c.add(WLangB, "%q", language)
	}
	c.checkCategories(b)
}

// spoken says whether a language is one of the list. Either may say more than
// the other, such as a region, but not something else.
func spoken(language string, list []string) bool {
	tag := strings.ToLower(language) + "-"
	for _, l := range list {
		l = strings.ToLower(l) + "-"
		if strings.HasPrefix(l, tag) || strings.HasPrefix(tag, l) {
			return true
		}
	}
	return language == "" || len(list) == 0
}

func (c *checker) checkCategories(b *bid) {
	if len(c.BCat) == 0 && len(c.ACat) == 0 {
		return
	}
	if len(b.Cat) == 0 { // nobody can tell that it is not blocked
		if len(c.BCat) > 0 {
			c.add(BCat, "no category, and categories are blocked")
		}
		if len(c.ACat) > 0 {
			c.add(ACat, "no category, and some alone are allowed")
		}
		return
	}
	taxonomy := taxonomyOf(c.CatTax)
	if taxonomyOf(b.CatTax) != taxonomy {
		c.add(CatTax, "%d, and the blocks are of %d", b.CatTax, taxonomy)
		return
	}
	for _, cat := range b.Cat {
		if c.below(taxonomy, cat, c.BCat) {
			c.add(BCat, "%q", cat)
		}
		if len(c.ACat) > 0 && !c.below(taxonomy, cat, c.ACat) {
			c.add(ACat, "%q", cat)
		}
	}
}

func taxonomyOf(t adcom1.CategoryTaxonomy) int64 {
	if t == 0 {
		return contentTaxonomy
	}
	return int64(t)
}

// below says whether a category or one above it is in the list.
func (c *checker) below(taxonomy int64, category string, list []string) bool {
	for range 10 { // no taxonomy is as deep
		for _, l := range list {
			if strings.EqualFold(l, category) {
				return true
			}
		}
		switch cut := strings.LastIndexByte(category, '-'); {
		case taxonomy == contentTaxonomy && cut > 0:
			category = category[:cut]
		case taxonomy != contentTaxonomy && c.options.Parents != nil:
			category = c.options.Parents(taxonomy, category)
		default:
			return false
		}
		if category == "" {
			return false
		}
	}
	return false
}

// withinAny says whether a domain is one of the list, or below one.
func withinAny(domain string, list []string) bool {
	domain = strings.ToLower(domain)
	for _, l := range list {
		l = strings.ToLower(l)
		if domain == l || l != "" && strings.HasSuffix(domain, "."+l) {
			return true
		}
	}
	return false
}
