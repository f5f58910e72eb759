package catalog

import "slices"

// sortAtOnce is how many line items are sorted without a rest: some 100
// microseconds.
const sortAtOnce = 512

// ordered returns items in the order of walks, and may use their memory.
func ordered(items []*LineItem, r *rests) []*LineItem {
	for part := range slices.Chunk(items, sortAtOnce) {
		r.take()
		slices.SortFunc(part, before)
	}
	var spare []*LineItem
	for width := sortAtOnce; width < len(items); width *= 2 {
		if spare == nil {
			spare = make([]*LineItem, 0, len(items))
		}
		spare = spare[:0]
		for pair := range slices.Chunk(items, 2*width) {
			half := min(width, len(pair))
			spare = merged(spare, pair[:half], pair[half:], r)
		}
		items, spare = spare, items
	}
	return items
}

// merged appends to dst two lists that are in the order of walks, as one.
func merged(dst, a, b []*LineItem, r *rests) []*LineItem {
	for i := 0; len(a) > 0 && len(b) > 0; i++ {
		r.each(i)
		if before(a[0], b[0]) < 0 {
			dst, a = append(dst, a[0]), a[1:]
		} else {
			dst, b = append(dst, b[0]), b[1:]
		}
	}
	return append(append(dst, a...), b...)
}
