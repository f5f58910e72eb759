package catalog

import (
	"cmp"
	"hash/maphash"
)

// recent keeps what was made lately, by what it was made of, so that what many
// line items or creatives have alike is in memory once. It forgets all when it
// is full: what is alike tends to come together. It knows keys by their hash,
// as facets do.
type recent[T any] struct {
	made map[uint64]T
	most int // that are kept; 0 is maxRecent
}

const maxRecent = 1 << 14

// get returns what was made of the key, or makes it. What it returns must not
// be changed.
func (r *recent[T]) get(key []byte, makeIt func() T) T {
	hash := maphash.Bytes(seed, key)
	if v, ok := r.made[hash]; ok {
		return v
	}
	v := makeIt()
	if r.made == nil || len(r.made) >= cmp.Or(r.most, maxRecent) {
		r.made = map[uint64]T{}
	}
	r.made[hash] = v
	return v
}
