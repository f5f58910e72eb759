package catalog

// A dimension of the index says, for every value that some line item names, a
// row: the positions that a query with this value may match. A value that no
// line item names has the default row: the positions that do not restrict the
// dimension. Most rows differ from it in few positions, so a row is the
// sorted list of those, and a bitmap only where the list would be longer.
//
// Where a query has several values (the sizes of an imp, a domain and the
// domains above it), its row is the union of theirs. That is exact while
// lists only add to the default row. Countries have exclusions too, so their
// lists flip it, and a query has one country.
type dimension struct {
	base  []uint64 // default row; nil when empty
	all   bool     // the default row is every position
	flips bool     // lists flip the default row; else they add to it
	rows  []row
}

// row is one of the two: a list of positions, or a finished bitmap.
type row struct {
	list  []uint32
	dense []uint64
}

// denseAt is the share of positions, one in so many, above which a row is a
// bitmap: there the two take the same memory, and a bitmap is faster.
const denseAt = 32

// rowsOf collects a dimension's rows by value while positions are added in ascending order.
type rowsOf[K comparable] struct {
	ids   map[K]int32
	lists *[][]uint32 // by row, shared by the maps of one dimension
}

func newRowsOf[K comparable](lists *[][]uint32) rowsOf[K] {
	return rowsOf[K]{ids: map[K]int32{}, lists: lists}
}

// add puts a position into the value's list, once.
func (r rowsOf[K]) add(value K, pos uint32) {
	id, ok := r.ids[value]
	if !ok {
		id = int32(len(*r.lists))
		r.ids[value] = id
		*r.lists = append(*r.lists, nil)
	}
	list := &(*r.lists)[id]
	if n := len(*list); n == 0 || (*list)[n-1] != pos {
		*list = append(*list, pos)
	}
}

// pack finishes a dimension. All lists share one array.
func (ix *index) pack(base []uint64, lists [][]uint32, flips bool) dimension {
	n := len(ix.items)
	d := dimension{flips: flips, rows: make([]row, len(lists))}
	count, total := 0, 0
	for _, w := range base {
		count += onesIn(w)
	}
	if count > 0 {
		d.base, d.all = base, count == n
	}
	for _, l := range lists {
		if !isDense(l, n) {
			total += len(l)
		}
	}
	arena := make([]uint32, 0, total)
	for i, l := range lists {
		ix.rests.each(i)
		if isDense(l, n) {
			ix.rests.take()
			d.rows[i].dense = d.finish(l, n)
			continue
		}
		from := len(arena)
		arena = append(arena, l...)
		d.rows[i].list = arena[from:len(arena):len(arena)]
	}
	return d
}

func isDense(list []uint32, n int) bool { return len(list) > n/denseAt }

// finish returns the default row with a list applied.
func (d *dimension) finish(list []uint32, n int) []uint64 {
	words := make([]uint64, wordsFor(n))
	copy(words, d.base)
	for _, pos := range list {
		if bit := uint64(1) << (pos % 64); d.flips {
			words[pos/64] ^= bit
		} else {
			words[pos/64] |= bit
		}
	}
	return words
}
