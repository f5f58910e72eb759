package openrtb

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unique"
)

// declaration is what a response says of a creative beside its ids, its size,
// its image and its markup. Creatives of a brand say the same, and share one.
type declaration struct {
	text       string // adomain and attr, then members, each from its comma on
	members    [maxMembers]wireMember
	cats       [maxTaxonomies]wireCategories // Content 1.0 first
	count      uint8
	taxonomies uint8
}

const (
	fieldSize Fields = 1 << 31 // w and h, which all dialects have

	maxMembers    = 11
	maxTaxonomies = 8
)

// wireMember is what follows in the text for the exchanges whose dialect has
// the field. Of adid, iurl, w and h, which are a creative's own, and protocol,
// which is a version's, nothing does.
type wireMember struct {
	field Fields
	end   uint32
}

// wireCategories is where cat in one taxonomy stands in the text.
type wireCategories struct {
	taxonomy   uint32
	start, end uint32
}

// declare returns what a response says of the creative.
func (c *CreativeConfig) declare() (h unique.Handle[declaration], err error) {
	b := declarer{}
	b.text = appendQuotedList(append(b.text, `,"adomain":`...), c.Domains)
	b.text = appendNumbers(append(b.text, `,"attr":`...), c.Attributes)
	b.end(0)
	b.end(FieldAdID)
	if c.Size != (Size{}) || c.Type == MarkupBanner {
		b.end(fieldSize)
	}
	if c.Protocol != 0 {
		b.end(FieldProtocol)
	}
	b.number(FieldDuration, `,"dur":`, c.Duration)
	if len(c.APIs) > 0 {
		b.number(FieldAPI, `,"api":`, c.APIs[0])
		b.text = appendNumbers(append(b.text, `,"apis":`...), c.APIs)
		b.end(FieldAPIs)
	}
	// Which of the two a language goes by follows from its form: both in one
	// bid would be one too many.
	name := `,"langb":`
	if len(c.Language) == 2 {
		name = `,"language":`
	}
	b.string(FieldLanguage, name, c.Language)
	b.end(FieldImageURL)
	b.string(FieldBundle, `,"bundle":`, c.Bundle)
	b.number(FieldMType, `,"mtype":`, int(c.Type))

	b.categories(1, c.Categories)
	for _, taxonomy := range slices.Sorted(maps.Keys(c.CategoriesIn)) {
		if taxonomy > 1 && len(c.CategoriesIn[taxonomy]) > 0 {
			if b.taxonomies == maxTaxonomies {
				return h, fmt.Errorf("its categories are in more than %d taxonomies", maxTaxonomies)
			}
			b.categories(taxonomy, c.CategoriesIn[taxonomy])
		}
	}
	b.declaration.text = string(b.text)
	return unique.Make(b.declaration), nil
}

// declarer writes a declaration, and notes where what ends.
type declarer struct {
	declaration
	text []byte
}

func (b *declarer) end(field Fields) {
	b.members[b.count] = wireMember{field, uint32(len(b.text))}
	b.count++
}

// string adds a member, or nothing for an empty text.
func (b *declarer) string(field Fields, name, s string) {
	if s != "" {
		b.text = appendQuotedString(append(b.text, name...), s)
		b.end(field)
	}
}

// number adds a member, or nothing for 0.
func (b *declarer) number(field Fields, name string, n int) {
	if n != 0 {
		b.text = appendNumber(b.text, name, n)
		b.end(field)
	}
}

// categories adds cat in a taxonomy, once for all that have the same codes.
func (b *declarer) categories(taxonomy int, codes []string) {
	from := len(b.text)
	b.text = appendQuotedList(append(b.text, `,"cat":`...), codes)
	c := wireCategories{uint32(taxonomy), uint32(from), uint32(len(b.text))}
	for _, o := range b.cats[:b.taxonomies] {
		if string(b.text[o.start:o.end]) == string(b.text[from:]) {
			b.text = b.text[:from]
			c.start, c.end = o.start, o.end
			break
		}
	}
	b.cats[b.taxonomies] = c
	b.taxonomies++
}

func appendNumbers(dst []byte, list []int) []byte {
	dst = append(dst, '[')
	for i, n := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return append(dst, ']')
}

func appendNumber(dst []byte, name string, n int) []byte {
	return strconv.AppendInt(append(dst, name...), int64(n), 10)
}

func appendQuotedList(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, s := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuotedString(dst, s)
	}
	return append(dst, ']')
}
