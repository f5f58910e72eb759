package catalog

import (
	"github.com/tangent-dsp/tangent/openrtb"
)

// maxValues is how many values of all facets are kept. What does not fit is
// said to be cut: no exclude list can then show that it does not apply.
const maxValues = 96

// facetValues holds the values of facets that were asked for.
type facetValues struct {
	filled, cut uint32 // a bit per facet
	from, to    [facetCount]uint8
	n           int
	all         [maxValues]uint64
}

func (v *facetValues) reset() { v.filled, v.cut, v.n = 0, 0, 0 }

func (v *facetValues) add(f facet, value uint64) {
	if v.n == maxValues {
		v.cut |= 1 << f
		return
	}
	v.all[v.n] = value
	v.n++
}

// of returns the values that the query has of a facet, and whether those are
// all. The slice is valid until the query is turned to another imp.
func (q *Query) of(f facet) (some []uint64, whole bool) {
	v := &q.known().facets[0]
	if f >= firstOfImp {
		v = &q.facts.facets[1]
	}
	bit := uint32(1) << f
	if v.filled&bit == 0 {
		v.filled |= bit
		v.from[f] = uint8(v.n)
		q.fill(f, v)
		v.to[f] = uint8(v.n)
	}
	return v.all[v.from[f]:v.to[f]], v.cut&bit == 0
}

// fill adds a facet's values: none where the request does not say.
func (q *Query) fill(f facet, v *facetValues) {
	switch {
	case f == facetSite:
		for d := trimDot(q.Site); len(d) > 0; d = parentDomain(d) {
			v.add(f, textValue(d))
		}
	case f == facetApp:
		v.text(f, q.App)
	case f == facetGender:
		if q.Gender != 0 {
			v.add(f, textValue([]byte{q.Gender}))
		}
	case f >= firstOfImp:
		if q.imp != nil {
			q.fillImp(f, v)
		}
	case f >= facetRegion && f <= facetMetro:
		q.fillPlace(f, v)
	case q.request != nil && f >= facetMake && f <= facetLanguage:
		q.fillDevice(f, v)
	case q.request != nil:
		q.fillInventory(f, v)
	}
}

func (v *facetValues) text(f facet, text []byte) {
	if len(text) > 0 {
		v.add(f, textValue(text))
	}
}

func (q *Query) fillInventory(f facet, v *facetValues) {
	p := q.publication()
	if p == nil {
		return
	}
	c := p.Content
	switch f {
	case facetPublisher:
		v.text(f, p.PublisherID)
	case facetCategory:
		for _, list := range [...][][]byte{p.Categories, p.SectionCategories, p.PageCategories} {
			v.categories(list, p.CategoryTaxonomy)
		}
		if c != nil {
			v.categories(c.Categories, c.CategoryTaxonomy)
		}
	case facetGenre:
		if c != nil {
			v.text(f, c.Genre)
		}
	case facetContentLanguage:
		if c != nil {
			v.language(f, c.Language)
		}
	case facetContentRating:
		if c != nil {
			v.text(f, c.Rating)
		}
	case facetLivestream:
		if c != nil && c.Live >= 0 {
			v.add(f, truth(c.Live == 1))
		}
	}
}

// categories adds each category of a taxonomy and, where codes show it, the
// one above it.
func (v *facetValues) categories(list [][]byte, taxonomy int) {
	for _, c := range list {
		if familyOf(taxonomy) != first {
			if taxonomy > 0 {
				v.add(facetCategory, otherCategory(taxonomy, c))
			}
			continue
		}
		v.text(facetCategory, c)
		for i := range c {
			if c[i] == '-' {
				v.text(facetCategory, c[:i])
				break
			}
		}
	}
}

// otherCategory is the value of a category of another taxonomy than IAB's
// first: its number, a colon, its code.
func otherCategory(taxonomy int, code []byte) uint64 {
	var buf [24]byte
	n := len(buf)
	for buf[n-1] = ':'; taxonomy > 0; taxonomy /= 10 {
		buf[n-2] = byte('0' + taxonomy%10)
		n--
	}
	return textValue(buf[n-1:], code)
}

// language adds a language, and without its region.
func (v *facetValues) language(f facet, tag []byte) {
	v.text(f, tag)
	for i, c := range tag {
		if c == '-' || c == '_' {
			v.text(f, tag[:i])
			return
		}
	}
}

func (q *Query) fillPlace(f facet, v *facetValues) {
	p := q.place
	if p == nil {
		return
	}
	switch {
	case f == facetRegion && p.Region != [6]byte{}:
		v.add(f, regionValue(p.Region))
	case f == facetCity && len(p.City) > 0:
		v.add(f, textValue(p.Country[:], []byte("-"), p.City))
	case f == facetZip && len(p.Zip) > 0:
		v.add(f, textValue(p.Country[:], []byte("-"), p.Zip))
	case f == facetMetro && p.Metro != 0:
		v.add(f, uint64(p.Metro))
	}
}

func regionValue(r [6]byte) (v uint64) {
	for _, c := range r {
		v = v<<8 | uint64(c)
	}
	return v
}

func (q *Query) fillDevice(f facet, v *facetValues) {
	d := &q.request.Device
	switch f {
	case facetMake:
		v.text(f, d.Make)
	case facetModel:
		v.text(f, d.Model)
		if len(d.Model) == 0 {
			v.text(f, d.Hints.Model)
		}
	case facetOS:
		if s := q.runs(); s.OS != openrtb.OSUnknown {
			v.add(f, uint64(s.OS))
		}
	case facetBrowser:
		if s := q.runs(); s.Browser != openrtb.BrowserUnknown {
			v.add(f, uint64(s.Browser))
		}
	case facetCarrier:
		v.text(f, d.Carrier)
	case facetConnection:
		v.add(f, uint64(d.ConnectionType))
	case facetLanguage:
		v.language(f, d.Language)
	}
}
