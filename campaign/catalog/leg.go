package catalog

import "math/bits"

// The sizes of a walk's fixed memory. A query with more values than fit
// leaves the dimension out: the index may be loose, not wrong.
const (
	chunkWords = 16 // evaluated at a time: 1,024 line items
	maxAxes    = 7 + maxFacetAxes
	maxRefs    = 64
	maxName    = 256 // bytes of a domain or bundle; a domain has at most 253
)

// leg is a walk over one index. It evaluates one chunk when the last is used
// up, so a walk that is left early has paid for what it looked at.
type leg struct {
	ix   *index
	gone []uint64 // positions that another index supersedes; nil when none
	head *LineItem

	currency string  // of the line items; "" for all
	factor   float64 // of their bounds

	axes  [maxAxes]axis
	nAxes int
	refs  [maxRefs]ref
	nRefs int

	least       float64   // what is worth less is passed over, in the line items' currency: see PassBelow
	ceilings    []ceiling // nil while nothing is
	multipliers []float64
	passed      int

	next  int // first word of the next chunk
	first int // first word of this chunk
	word  int // word of the chunk that advance is in
	n     int // words in this chunk
	words [chunkWords]uint64
	row   [chunkWords]uint64
}

// axis is one dimension with the rows that the query asks for.
type axis struct {
	dim      *dimension
	from, to int // of refs
}

// ref is a row and how far the walk is in its list.
type ref struct {
	row *row
	cur int
}

func (l *leg) start(ix *index, gone []uint64, q *Query, in *Currency, name []byte) {
	l.ix, l.gone, l.head = ix, gone, nil
	if l.currency, l.factor = "", 1; in != nil {
		l.currency, l.factor = in.Code, in.Factor
	}
	l.nAxes, l.nRefs, l.next, l.word, l.n = 0, 0, 0, 0, 0
	l.ceilings, l.multipliers, l.passed = nil, nil, 0
	if ix == nil {
		return
	}
	l.ask(q, name)
	l.advance()
}

// ask picks the rows, most selective dimensions first: they are the likeliest
// to leave nothing of a chunk. The currency comes before them, as it must not
// be left out for want of room: bounds of another would be wrong.
func (l *leg) ask(q *Query, name []byte) {
	ix := l.ix
	if l.currency != "" {
		l.close(&ix.currency, 0, pick(l, &ix.currency, ix.currencies, l.currency))
	}

	if q.Deals != AllDeals {
		l.askDeals(q)
	}

	from := l.nRefs
	fits := true
	for _, s := range q.Sizes {
		fits = pick(l, &ix.size, ix.sizes, s) && fits
	}
	for f := q.Formats; f != 0; f &= f - 1 {
		fits = pick(l, &ix.size, ix.sizes, (f&-f).row()) && fits
	}
	l.close(&ix.size, from, fits)

	l.askPlace(q, name)

	from = l.nRefs
	fits = pick(l, &ix.country, ix.countries, codeOf(q.Country))
	l.close(&ix.country, from, fits)

	from = l.nRefs
	fits = pick(l, &ix.exchange, ix.exchanges, q.Exchange)
	l.close(&ix.exchange, from, fits)

	from = l.nRefs
	fits = pick(l, &ix.device, ix.devices, q.DeviceType)
	l.close(&ix.device, from, fits)

	l.askFacets(q)
}

// askPlace looks up the app, the site and every domain above the site.
func (l *leg) askPlace(q *Query, name []byte) {
	ix, from := l.ix, l.nRefs
	fits := ix.longest <= len(name)
	if fits && len(q.App) > 0 && len(q.App) <= ix.longest {
		if id, ok := ix.apps[string(lower(name[:0], q.App))]; ok {
			fits = l.take(&ix.place, id)
		}
	}
	if fits && len(ix.sites) > 0 {
		site := trimDot(q.Site)
		for len(site) > ix.longest {
			site = parentDomain(site)
		}
		for site = lower(name[:0], site); len(site) > 0 && fits; site = parentDomain(site) {
			if id, ok := ix.sites[string(site)]; ok {
				fits = l.take(&ix.place, id)
			}
		}
	}
	l.close(&ix.place, from, fits)
}

// pick takes the row of a value, if there is one. It says false when there is
// no room.
func pick[K comparable](l *leg, d *dimension, ids map[K]int32, value K) bool {
	id, ok := ids[value]
	return !ok || l.take(d, id)
}

func (l *leg) take(d *dimension, id int32) bool {
	if l.nRefs == maxRefs {
		return false
	}
	l.refs[l.nRefs] = ref{row: &d.rows[id]}
	l.nRefs++
	return true
}

// close makes the rows taken since from an axis, unless it would not narrow
// anything, or cannot be told (fits).
func (l *leg) close(d *dimension, from int, fits bool) {
	switch {
	case !fits:
		l.nRefs = from
	case l.nRefs > from:
		l.axes[l.nAxes] = axis{dim: d, from: from, to: l.nRefs}
		l.nAxes++
	case d.base == nil:
		l.next = len(l.ix.mask) // nothing takes what the query has
	case !d.all:
		l.axes[l.nAxes] = axis{dim: d, from: from, to: from}
		l.nAxes++
	}
}

// advance puts the next candidate into head, or nil.
func (l *leg) advance() {
	for {
		for ; l.word < l.n; l.word++ {
			if w := l.words[l.word]; w != 0 {
				l.words[l.word] = w & (w - 1)
				pos := (l.first+l.word)*64 + bits.TrailingZeros64(w)
				if l.ceilings != nil && l.passes(pos) {
					l.passed++
					l.word-- // which may have more
					continue
				}
				l.head = l.ix.items[pos]
				return
			}
		}
		if l.next >= len(l.ix.mask) {
			l.head = nil
			return
		}
		l.evaluate()
	}
}

// evaluate fills words with the next chunk's candidates.
func (l *leg) evaluate() {
	l.first, l.word = l.next, 0
	l.n = min(chunkWords, len(l.ix.mask)-l.first)
	l.next += l.n
	words := l.words[:l.n]
	mask := l.ix.mask[l.first:][:l.n]
	some := uint64(0)
	for i := range words {
		words[i] = mask[i].Load()
		some |= words[i]
	}
	if l.gone != nil {
		gone := l.gone[l.first:][:l.n]
		for i := range words {
			words[i] &^= gone[i]
		}
	}
	for i := 0; i < l.nAxes && some != 0; i++ {
		some = l.narrow(&l.axes[i], words)
	}
	if some == 0 {
		l.word = l.n
	}
}

// narrow leaves in words what is in the axis, and says whether anything is.
func (l *leg) narrow(a *axis, words []uint64) (some uint64) {
	refs := l.refs[a.from:a.to]
	var row []uint64
	switch {
	case len(refs) == 0:
		row = a.dim.base[l.first:]
	case len(refs) == 1 && refs[0].row.dense != nil:
		row = refs[0].row.dense[l.first:]
	default:
		row = l.row[:]
		if a.dim.base == nil {
			clear(row)
		} else {
			copy(row, a.dim.base[l.first:])
		}
		for i := range refs {
			l.apply(&refs[i], row[:len(words)], a.dim.flips)
		}
	}
	row = row[:len(words)]
	for i := range words {
		words[i] &= row[i]
		some |= words[i]
	}
	return some
}

// apply changes the chunk's part of a default row as r says.
func (l *leg) apply(r *ref, row []uint64, flips bool) {
	if d := r.row.dense; d != nil {
		d = d[l.first:][:len(row)]
		for i := range row {
			row[i] |= d[i]
		}
		return
	}
	list, from := r.row.list, uint32(l.first)*64
	to := from + uint32(len(row))*64
	i := r.cur
	for i < len(list) && list[i] < from {
		i++
	}
	for ; i < len(list) && list[i] < to; i++ {
		if at := list[i] - from; flips {
			row[at/64] ^= 1 << (at % 64)
		} else {
			row[at/64] |= 1 << (at % 64)
		}
	}
	r.cur = i
}
