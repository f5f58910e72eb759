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
func (li *LineItem) DealsOnly() bool { return len(li.rules.deals) > 0 }

// TakesDeal says whether the line item may bid under a deal: one that it
// names, or any where it names none. Deals that it excludes are none that an
// imp may offer at all, see Check.
func (li *LineItem) TakesDeal(k DealKey) bool {
	return !li.DealsOnly() || li.rules.deals.has(uint64(k))
}

// dealAxis is a dimension of the line items that name deals, for walks over
// them alone.
type dealAxis struct {
	dim  dimension
	rows map[uint64]int32
}

func (ix *index) buildDeals() {
	var lists [][]uint32
	rows := newRowsOf[uint64](&lists)
	for pos, li := range ix.items {
		for _, v := range li.rules.deals {
			rows.add(v, uint32(pos))
		}
	}
	ix.deals = dealAxis{pack(nil, lists, false, len(ix.items)), rows.ids}
}

// askDeals leaves only those that name a deal of the imp.
func (l *leg) askDeals(q *Query) {
	from, fits := l.nRefs, true
	for _, v := range q.of(facetDeal) {
		fits = fits && pick(l, &l.ix.deals.dim, l.ix.deals.rows, v)
	}
	l.close(&l.ix.deals.dim, from, fits)
}
