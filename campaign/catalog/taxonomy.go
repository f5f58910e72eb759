package catalog

import (
	"math/bits"
	"strconv"

	"github.com/tangent-dsp/tangent/campaign"
)

// Blocks come in the IAB's Content Taxonomies, and so do creatives'
// categories, not always in the same. What compares them is topics: the top
// categories of version 2, a bit each, and one more for what is sensitive.
// Every category of every version lies within some of them.
type topics uint32

// tops is the top categories of version 2 by their codes, ascending. Version 2
// numbers what is below a top category up to the next one's code.
var tops = [...]int{1, 42, 52, 123, 132, 150, 186, 201, 210, 223, 239, 274, 286, 324, 338, 379, 391, 422, 432, 441, 453, 464,
	473, 483, 552, 596, 640, 653, 680}

const (
	lastCode  = 699 // of version 2; above are languages, sources and the like
	sensitive = topics(1) << len(tops)
)

// topic returns the topic of a code of version 2; none if there is none.
func topic(code int) topics {
	if code < 1 || code > lastCode {
		return 0
	}
	for i := len(tops) - 1; ; i-- {
		if code >= tops[i] {
			return 1 << i
		}
	}
}

func topicsAt(codes ...int) (t topics) {
	for _, c := range codes {
		t |= topic(c)
	}
	return t
}

// families is which taxonomies share their codes.
type family uint8

const (
	unknownFamily family = iota
	first
	second
	third
)

func familyOf(taxonomy int) family {
	switch taxonomy {
	case 0, campaign.Content1:
		return first
	case campaign.Content20, campaign.Content21, campaign.Content22:
		return second
	case campaign.Content30, campaign.Content31:
		return third
	}
	return unknownFamily
}

// topicsOf returns the topics that a category lies within, none for one that
// is not known.
func topicsOf(taxonomy int, code []byte) topics {
	switch familyOf(taxonomy) {
	case first:
		return topics1(code)
	case second:
		if n, ok := number(code); ok {
			return topic(n)
		}
		return named[string(code)] & sensitive
	case third:
		if n, ok := number(code); ok {
			return topic(n) | moved[n]
		}
		return named[string(code)]
	}
	return 0
}

// wholly says whether a category of the second or third version is all there
// is of its topics, so that what lies within them lies within it. In version 3
// some top categories lost a part to another.
func wholly(taxonomy int, code []byte) bool {
	n, ok := number(code)
	if !ok {
		return false
	}
	if familyOf(taxonomy) == third {
		switch n {
		case 42, 150, 324, 338, 379, 640:
			return false
		}
	}
	for _, t := range tops {
		if t == n {
			return true
		}
	}
	return false
}

// number reads a code of digits.
func number(code []byte) (n int, ok bool) {
	if len(code) == 0 || len(code) > 5 {
		return 0, false
	}
	for _, c := range code {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// genres is what version 3 calls so: parts of books, events, films, music and
// television.
var genres = topicsAt(42, 150, 324, 338, 640)

// named is the codes of version 3 that are no numbers; those of sensitive
// topics are in version 2.2, too.
var named = map[string]topics{
	"80DV8O": topicsAt(596), // Communication
	"JLBCU7": topicsAt(324, 338, 640),
	"8VZQHL": topicsAt(150), // Events
	"1KXCLD": topicsAt(150), // Holidays
	"8YPBBL": topicsAt(379), // Civic affairs
	"W3CW2J": topicsAt(596), // Productivity
	"WQC6HR": topicsAt(596), // Maps
	"MQ2XML": topicsAt(680), "ZJG29S": topicsAt(680), "VWGKS7": topicsAt(680), "II436J": topicsAt(680), "VK7KD0": topicsAt(680),
	"SPSHQ5": genres, "VKIV56": genres, "EZWB7V": genres, "TIFQA5": genres, "A0AH3G": genres, "KHPC5A": genres, "KHPC6A": genres,
	"v9i3On": sensitive, "Rm3SiT": sensitive, "avbNf2": sensitive, "XtODT3": sensitive, "I4GWl6": sensitive, "mm3UXx": sensitive,
	"HxqYV1": sensitive, "j9PaO9": sensitive, "pg0WhF": sensitive, "6i4dB6": sensitive, "8FD8nI": sensitive, "Z7rJBM": sensitive,
}

// moved is what version 3 put below other top categories than version 2.
var moved = map[int]topics{
	390: topicsAt(464), 161: topicsAt(473), 700: genres, // Weather, Party Supplies, Thriller
	44: genres, 51: genres, 156: genres, 370: genres, 371: genres, 376: genres,
}

// firstTops is version 1's top categories, IAB1 to IAB26: what each has of
// version 2, first what its subcategories have that subtopics does not name.
var firstTops = [27][]int{
	1: {42, 201, 324, 338, 432, 640}, 2: {1}, 3: {52}, 4: {123, 52, 132, 391}, 5: {132}, 6: {186, 286}, 7: {223, 286}, 8: {210},
	9: {239, 201, 680}, 10: {274, 596}, 11: {379}, 12: {379}, 13: {391}, 14: {186, 150}, 15: {464, 239, 379, 453}, 16: {422},
	17: {483, 223}, 18: {552}, 19: {596}, 20: {653, 150}, 21: {441}, 22: {473}, 23: {453},
}

// subtopics is version 1's subcategories that lie elsewhere in version 2 than
// their siblings: top category, subcategory, code.
func subtopic(top, sub int) int {
	switch top {
	case 1:
		switch sub {
		case 1:
			return 42
		case 2, 4:
			return 432
		case 3:
			return 201
		case 5:
			return 324
		case 6:
			return 338
		case 7:
			return 640
		}
		return 0
	case 4:
		switch sub {
		case 2:
			return 132
		case 3, 8:
			return 391
		case 10:
			return 52
		}
	case 6:
		if sub == 7 {
			return 286
		}
	case 7:
		switch sub {
		case 1, 5, 25, 26, 31, 32, 35, 36, 38, 41, 44, 45:
			return 223
		}
		return 286
	case 9:
		switch sub {
		case 1:
			return 201
		case 30:
			return 680
		}
	case 10:
		if sub == 6 {
			return 596
		}
	case 14:
		if sub == 7 {
			return 150
		}
	case 15:
		switch sub {
		case 1:
			return 453
		case 5:
			return 239
		case 10:
			return 379
		}
	case 17:
		if sub == 30 {
			return 223
		}
	case 20:
		if sub == 25 {
			return 150
		}
	}
	return firstTops[top][0]
}

// topics1 returns the topics of a category of version 1, in any case. IAB24,
// uncategorised, has none.
func topics1(code []byte) topics {
	if !hasPrefixFold(code, "iab") {
		return 0
	}
	rest, sub := code[len("iab"):], []byte(nil)
	for i, c := range rest {
		if c == '-' {
			rest, sub = rest[:i], rest[i+1:]
			break
		}
	}
	top, ok := number(rest)
	switch {
	case !ok || top < 1 || top >= len(firstTops):
		return 0
	case top == 25 || top == 26:
		return sensitive
	case len(firstTops[top]) == 0:
		return 0
	case sub == nil:
		return topicsAt(firstTops[top]...)
	}
	n, ok := number(sub)
	if !ok {
		return 0
	}
	if c := subtopic(top, n); c != 0 {
		return topic(c)
	}
	return topicsAt(firstTops[top]...)
}

// codes returns topics as top categories of a taxonomy. What they say may be
// more than the creative is about, never less.
func (t topics) codes(taxonomy int) (codes []string) {
	if familyOf(taxonomy) == first {
		for top := 1; top < len(firstTops); top++ {
			if topicsAt(firstTops[top]...)&t != 0 {
				codes = append(codes, "IAB"+strconv.Itoa(top))
			}
		}
		if t&sensitive != 0 {
			codes = append(codes, "IAB25")
		}
		return codes
	}
	for i := t &^ sensitive; i != 0; i &= i - 1 {
		codes = append(codes, strconv.Itoa(tops[bits.TrailingZeros32(uint32(i))]))
	}
	if t&sensitive != 0 {
		codes = append(codes, "v9i3On")
	}
	return codes
}
