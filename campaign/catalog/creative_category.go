package catalog

import (
	"bytes"
	"slices"
)

// blockedCategory goes by bcat: a category blocks itself and those below it,
// IAB1 blocks IAB1-5. Of the second and third taxonomies, and between two, we
// know top categories alone: there a category blocks all that shares one with
// it, which is more than was asked and never less. A list or a category that
// does not compare with ours blocks everything, and any list blocks a creative
// without categories: a publisher who blocks something is not bid on blindly.
func (c *Creative) blockedCategory(bcat [][]byte, taxonomy int) bool {
	if len(bcat) == 0 {
		return false
	}
	of := familyOf(taxonomy)
	if of == unknownFamily || len(c.Categories) == 0 {
		return true
	}
	if of == first && c.Taxonomy == 1 {
		for _, category := range c.Categories {
			if category == uncategorised || listed(category, bcat) {
				return true
			}
		}
		return slices.ContainsFunc(bcat, func(code []byte) bool { return len(code) > 0 && !isFirst(code) })
	}
	ours := topics(0)
	for _, t := range c.topics {
		if t == 0 {
			return true
		}
		ours |= t
	}
	for _, code := range bcat {
		if len(code) == 0 {
			continue
		}
		if theirs := topicsOf(taxonomy, code); theirs == 0 || theirs&ours != 0 {
			return true
		}
	}
	return false
}

// allowedCategories goes by acat: when it is given, every category of the
// creative must be in it or below one that is. A creative without categories
// is not, and none is by a list that does not compare with ours. Between
// taxonomies, all the topics of a category must be listed as a whole.
func (c *Creative) allowedCategories(acat [][]byte, taxonomy int) bool {
	if len(acat) == 0 {
		return true
	}
	of := familyOf(taxonomy)
	if of == unknownFamily || len(c.Categories) == 0 {
		return false
	}
	if of == first && c.Taxonomy == 1 {
		for _, category := range c.Categories {
			if category == uncategorised || !listed(category, acat) {
				return false
			}
		}
		return true
	}
	if of == first { // of what the topics cover, version 1 may have a part elsewhere
		return c.allowedByFirst(acat)
	}
	whole := topics(0)
	for _, code := range acat {
		if wholly(taxonomy, code) {
			whole |= topicsOf(taxonomy, code)
		}
	}
	for i, t := range c.topics {
		if t != 0 && t&^whole == 0 {
			continue
		}
		if of != familyOf(c.Taxonomy) || !contains(acat, c.Categories[i]) {
			return false
		}
	}
	return true
}

// allowedByFirst goes by an acat of version 1 for a creative in another: every
// top category that has a part of its topics must be listed.
func (c *Creative) allowedByFirst(acat [][]byte) bool {
	for _, t := range c.topics {
		if t == 0 || t&sensitive != 0 {
			return false
		}
		for top := 1; top < len(firstTops); top++ {
			if topicsAt(firstTops[top]...)&t != 0 && !listsTop(acat, top) {
				return false
			}
		}
	}
	return true
}

// uncategorised is what version 1 has for what has no category.
const uncategorised = "iab24"

// isFirst says whether a code is written as those of version 1: IAB18, IAB18-3.
func isFirst(code []byte) bool {
	if !hasPrefixFold(code, "iab") {
		return false
	}
	top, sub, under := bytes.Cut(code[len("iab"):], []byte("-"))
	n, ok := number(top)
	if _, is := number(sub); under && !is {
		return false
	}
	return ok && top[0] != '0' && n < len(firstTops)
}

// listsTop says whether IABn is in a list.
func listsTop(list [][]byte, n int) bool {
	for _, code := range list {
		if hasPrefixFold(code, "iab") {
			if top, ok := number(code[len("iab"):]); ok && top == n {
				return true
			}
		}
	}
	return false
}

// contains says whether a code (lower case) is in a list.
func contains(list [][]byte, code string) bool {
	for _, l := range list {
		if compareFold(code, l) == 0 {
			return true
		}
	}
	return false
}

// listed says whether a category of version 1 (lower case) or its parent is in
// a list.
func listed(category string, list [][]byte) bool {
	for _, entry := range list {
		n := len(entry)
		if n > 0 && n <= len(category) && (n == len(category) || category[n] == '-') && compareFold(category[:n], entry) == 0 {
			return true
		}
	}
	return false
}
