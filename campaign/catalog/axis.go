package catalog

import (
	"cmp"
	"slices"
)

const (
	// maxFacetAxes is how many facets an index has dimensions for: each costs
	// every walk a look-up or more.
	maxFacetAxes = 6
	// paysAt is the share of line items, one in so many, that must restrict a
	// facet for a dimension of it to pay.
	paysAt = 20
)

// facetAxis is a dimension for what line items include of a facet.
// Exclusions are left to the evaluator.
type facetAxis struct {
	facet      facet
	dim        dimension
	rows       map[uint64]int32
	restricted int // line items
}

// buildFacets makes dimensions for the facets that most line items restrict.
// Many line items restrict nothing by most facets, so which ones pay is the
// catalog's own.
func (ix *index) buildFacets() {
	var restricted [facetCount]int
	for _, li := range ix.each() {
		for _, x := range li.rules.rare.free {
			if f, _, ok := included(x); ok {
				restricted[f]++
			}
		}
	}
	for f, n := range restricted {
		if n > 0 && n >= len(ix.items)/paysAt {
			ix.facets = append(ix.facets, facetAxis{facet: facet(f), restricted: n})
		}
	}
	slices.SortFunc(ix.facets, func(a, b facetAxis) int {
		return cmp.Or(cmp.Compare(b.restricted, a.restricted), cmp.Compare(a.facet, b.facet))
	})
	ix.facets = slices.Clip(ix.facets[:min(len(ix.facets), maxFacetAxes)])
	for i := range ix.facets {
		ix.buildFacet(&ix.facets[i])
	}
}

func (ix *index) buildFacet(a *facetAxis) {
	var lists [][]uint32
	rows, base := newRowsOf[uint64](&lists), ix.newBase()
	for pos, li := range ix.each() {
		free := true
		for _, x := range li.rules.rare.free {
			f, set, ok := included(x)
			if !ok || f != a.facet {
				continue
			}
			free = false
			for _, v := range set {
				rows.add(v, uint32(pos))
			}
		}
		if free {
			set(base, pos)
		}
	}
	a.rows, a.dim = rows.ids, ix.pack(base, lists, false)
}

// included returns the values of a facet one of which a rule wants.
func included(x rule) (f facet, set values, ok bool) {
	switch x := x.(type) {
	case *facetIn:
		return x.facet, x.set, true
	case *softwareRule:
		for i := range x.take {
			set = append(set, x.take[i].name)
		}
		return x.facet, set, len(set) > 0
	}
	return 0, nil, false
}

// askFacets picks the rows of the facets' values.
func (l *leg) askFacets(q *Query) {
	for i := range l.ix.facets {
		a := &l.ix.facets[i]
		from, fits := l.nRefs, true
		for _, v := range q.of(a.facet) {
			fits = fits && pick(l, &a.dim, a.rows, v)
		}
		l.close(&a.dim, from, fits)
	}
}
