package catalog

// DealKey stands for the id of a deal, for comparing.
type DealKey uint64

// DealKeyOf returns the key of an id. Ids are told apart by case: they are an
// exchange's own, and nothing says that two which differ in it are one deal.
// Inlined into another package it would allocate: what the compiler knows of
// exactValue's argument is not known there.
//
//go:noinline
func DealKeyOf(id []byte) DealKey { return DealKey(exactValue(id)) }

// NamesDeal says whether a line item, active or not, names a deal.
func (s *Snapshot) NamesDeal(k DealKey) bool { return s.base.namesDeal(k) || s.delta.namesDeal(k) }

func (ix *index) namesDeal(k DealKey) bool {
	if ix == nil {
		return false
	}
	_, named := ix.deals.rows[uint64(k)]
	return named
}

// DealsOnly says whether the line item bids under deals that it names, and
// never without one.
func (li *LineItem) DealsOnly() bool { return len(li.rules.rare.deals) > 0 }

// TakesDeal says whether the line item may bid under a deal: one that it names,
// or one that none names where it takes any. Deals that it excludes are none
// that an imp may offer at all, see Check.
func (li *LineItem) TakesDeal(k DealKey, named bool) bool {
	if named {
		return li.rules.rare.deals.has(uint64(k))
	}
	return li.rules.rare.anyDeal && !li.DealsOnly()
}

// DealWalk says which line items a walk is for by the deals that they take.
type DealWalk uint8

// The walks. Where an index has no room to tell, they have others too.
const (
	AllDeals   DealWalk = iota // whatever deals they take
	NamedDeals                 // those that name a deal of the imp
	AnyDeals                   // those that take deals which nobody names
)

// dealAxis is a dimension of the line items that name deals, and of those that
// take any, for walks over them alone.
type dealAxis struct {
	dim  dimension
	rows map[uint64]int32
	any  map[bool]int32
}

func (ix *index) buildDeals() {
	var lists [][]uint32
	rows, takers := newRowsOf[uint64](&lists), newRowsOf[bool](&lists)
	for pos, li := range ix.each() {
		for _, v := range li.rules.rare.deals {
			rows.add(v, uint32(pos))
		}
		if li.rules.rare.anyDeal {
			takers.add(true, uint32(pos))
		}
	}
	ix.deals = dealAxis{ix.pack(nil, lists, false), rows.ids, takers.ids}
}

// askDeals leaves only those that the walk is for.
func (l *leg) askDeals(q *Query) {
	from, fits := l.nRefs, true
	if q.Deals == AnyDeals {
		fits = pick(l, &l.ix.deals.dim, l.ix.deals.any, true)
	} else {
		for _, v := range q.of(facetDeal) {
			fits = fits && pick(l, &l.ix.deals.dim, l.ix.deals.rows, v)
		}
	}
	l.close(&l.ix.deals.dim, from, fits)
}
