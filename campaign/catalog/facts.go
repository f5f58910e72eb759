package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// keepValues is how many values a query keeps room for from request to
// request. A request has a dozen or two; what a body within the decoder's
// limits can hold beyond this is left to the garbage collector.
const keepValues = 4 << 10

// fewValues is how many values of a facet are compared one by one. More are in
// order, so that a rule costs as much as its own list, whatever was sent.
const fewValues = 32

// facetValues holds the values of facets that were asked for: all that the
// request has, so that what one line item asks for never takes the room of
// what another does. The decoder bounds them, as it bounds the body.
type facetValues struct {
	filled   uint64 // a bit per facet
	from, to [facetCount]int32
	all      []uint64
}

func (v *facetValues) reset() {
	if v.filled = 0; cap(v.all) > keepValues {
		v.all = nil
	}
	v.all = v.all[:0]
}

func (v *facetValues) add(value uint64) { v.all = append(v.all, value) }

// of returns the values that the query has of a facet, in order if they are
// more than fewValues. The slice is valid until the query is turned to another
// imp.
func (q *Query) of(f facet) []uint64 {
	v := &q.known().facets[0]
	if f >= firstOfImp {
		v = &q.facts.facets[1+q.facts.views.at]
	}
	bit := uint64(1) << f
	if v.filled&bit == 0 {
		v.filled |= bit
		from := len(v.all)
		q.fill(f, v)
		if some := v.all[from:]; len(some) > fewValues {
			slices.Sort(some)
			v.all = v.all[:from+len(slices.Compact(some))]
		}
		v.from[f], v.to[f] = int32(from), int32(len(v.all))
	}
	return v.all[v.from[f]:v.to[f]]
}

// fill adds a facet's values: none where the request does not say.
func (q *Query) fill(f facet, v *facetValues) {
	switch {
	case f == facetSite:
		for d := trimDot(q.Site); len(d) > 0; d = parentDomain(d) {
			v.add(textValue(d))
		}
	case f == facetApp:
		v.text(q.App)
	case f == facetGender:
		if q.Gender != 0 {
			v.add(textValue([]byte{q.Gender}))
		}
	case f == facetUserData:
		v.segments(q.UserData)
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

func (v *facetValues) text(text []byte) {
	if len(text) > 0 {
		v.add(textValue(text))
	}
}

func (v *facetValues) exact(id []byte) {
	if len(id) > 0 {
		v.add(exactValue(id))
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
		v.exact(p.PublisherID)
	case facetCategory:
		for _, list := range [...][][]byte{p.Categories, p.SectionCategories, p.PageCategories} {
			v.categories(list, p.CategoryTaxonomy)
		}
		if c != nil {
			v.categories(c.Categories, c.CategoryTaxonomy)
		}
	case facetGenre:
		if c != nil {
			v.text(c.Genre)
		}
	case facetContentLanguage:
		if c != nil {
			v.language(c.Language)
		}
	case facetContentRating:
		if c != nil {
			v.text(c.Rating)
		}
	case facetLivestream:
		if c != nil && c.Live >= 0 {
			v.add(truth(c.Live == 1))
		}
	case facetContentData:
		if c != nil {
			v.segments(c.Data)
		}
	}
}

// categories adds each category of a taxonomy and, where codes show it, the
// one above it.
func (v *facetValues) categories(list [][]byte, taxonomy int) {
	for _, c := range list {
		if familyOf(taxonomy) != first {
			if taxonomy > 0 {
				v.add(otherCategory(taxonomy, c))
			}
			continue
		}
		v.text(c)
		for i := range c {
			if c[i] == '-' {
				v.text(c[:i])
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
func (v *facetValues) language(tag []byte) {
	v.text(tag)
	for i, c := range tag {
		if c == '-' || c == '_' {
			v.text(tag[:i])
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
		v.add(regionValue(p.Region))
	case f == facetCity && len(p.City) > 0:
		v.add(textValue(p.Country[:], []byte("-"), p.City))
	case f == facetZip && len(p.Zip) > 0:
		v.add(zipValue(p.Country[:], p.Zip))
		v.add(zipValue(p.Country[:], geo.ZipArea(p.Country, p.Zip)))
	case f == facetMetro && p.Metro != 0:
		v.add(uint64(p.Metro))
	}
}

// zipValue is the value of a postal code, whose blanks and hyphens do not
// count: some write them, some do not.
func zipValue[T string | []byte](country, zip T) uint64 {
	var buf [32]byte
	b := buf[:0]
	for i := range len(zip) {
		if c := zip[i]; c > ' ' && c != '-' && len(b) < len(buf) {
			b = append(b, c)
		}
	}
	return textValue([]byte(country), []byte("-"), b)
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
		v.text(d.Make)
	case facetModel:
		v.text(d.Model)
		if len(d.Model) == 0 {
			v.text(d.Hints.Model)
		}
	case facetOS:
		if s := q.runs(); s.OS != openrtb.OSUnknown {
			v.add(uint64(s.OS))
		}
	case facetBrowser:
		if s := q.runs(); s.Browser != openrtb.BrowserUnknown {
			v.add(uint64(s.Browser))
		}
	case facetCarrier:
		v.text(d.Carrier)
	case facetConnection:
		v.add(uint64(d.ConnectionType))
	case facetLanguage:
		v.language(d.Language)
	}
}
