package audience

import (
	"encoding/binary"
	"sync"
	"time"
	"unsafe"
)

// cacheShard is one of the parts into which a [Cache] is cut, so that few
// requests wait for each other. It is a ring and an index, of fixed size and
// with no pointer in them: the garbage collector has nothing to look at,
// however many users there are.
//
// The ring has the entries in the order in which they came, which is that of
// their age: the oldest makes room, and nothing moves. A place in it is
// counted from when the shard was opened, and is never given twice.
//
//	size       4 bytes, little-endian, a multiple of 8; 0: the ring goes on at its beginning
//	segments   4: their length
//	asked      8: when Redis was asked, nanoseconds since the cache was opened
//	key       17
//	parts      1: which values were asked for
//	identity   1: the first byte of it, 0 for none
//	padding    1: how many bytes follow the values
//	           the segments, the exposures, the padding
//
// The index has sets of 8 slots, a line of the processor's cache each. A key
// belongs to one set. A slot is the entry's place below 16 bits of the key's
// hash, so that hardly another entry is looked at; 0 is none. Where a set is
// full, its oldest makes room.
type cacheShard struct {
	mu      sync.Mutex
	ring    []byte
	index   []uint64
	head    uint64 // where the next entry goes
	tail    uint64 // the oldest one
	version uint32 // of what was dropped: how often
	entries int    // slots in use
	evicted uint64
	_       [32]byte // ends a line
}

const (
	cacheShards  = 64
	cacheWays    = 8
	cacheHeader  = 36
	perSlot      = 64 // bytes of memory for each slot of the index: a user of whom nothing is stored takes 40
	placeBits    = 48
	placeMask    = 1<<placeBits - 1
	largestShare = 4   // of the ring, that an entry may take: one in so many
	wipeAtOnce   = 256 // entries, some 20 us
)

// cacheEntry is what goes into a shard.
type cacheEntry struct {
	record
	parts parts
	asked time.Duration
}

// open begins an empty shard in memory that is zero and begins at a multiple
// of 8.
func (s *cacheShard) open(memory []byte) {
	slots := len(memory) / (perSlot * cacheWays) * cacheWays
	s.index = unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(memory))), slots)
	s.ring = memory[8*slots : len(memory)&^7]
	s.head = uint64(len(s.ring)) // no entry is at 0
	s.tail = s.head
}

// used returns the bytes of the entries and of the index.
func (s *cacheShard) used() int { return int(s.head-s.tail) + 8*len(s.index) }

// at returns the ring from a place on.
func (s *cacheShard) at(place uint64) []byte { return s.ring[place%uint64(len(s.ring)):] }

// set returns the slots that a key may be in, and the bits of a slot by which
// it is known. The lowest bits of the hash have chosen the shard.
func (s *cacheShard) set(key *UserKey) (slots []uint64, tag uint64) {
	hash := hashOf(key)
	sets := uint64(len(s.index) / cacheWays)
	first := (hash >> 8 & 0xffffffff) * sets >> 32 * cacheWays
	return s.index[first : first+cacheWays], hash &^ placeMask
}

// slot returns a key's slot, or nil.
func (s *cacheShard) slot(key *UserKey) *uint64 {
	slots, tag := s.set(key)
	for i, v := range slots {
		if v != 0 && v&^placeMask == tag && UserKey(s.at(v & placeMask)[16:]) == *key {
			return &slots[i]
		}
	}
	return nil
}

// get appends the values that are needed to buf and sets r to them, if the
// entry has all and Redis was asked for them after oldest.
func (s *cacheShard) get(key *UserKey, needs parts, oldest time.Duration, r *record, buf []byte) (_ []byte, version uint32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.slot(key)
	if v == nil {
		return buf, s.version, false
	}
	e := s.at(*v & placeMask)
	has := parts(e[33])
	if needs&^has != 0 || time.Duration(binary.LittleEndian.Uint64(e[8:])) <= oldest {
		return buf, s.version, false
	}
	size, segments := binary.LittleEndian.Uint32(e), cacheHeader+binary.LittleEndian.Uint32(e[4:])
	from := len(buf)
	if e[34] != 0 {
		buf = append(buf, e[34])
	}
	middle := len(buf)
	if needs.has(partSegments) {
		buf = append(buf, e[cacheHeader:segments]...)
	}
	end := len(buf)
	if needs.has(partExposures) {
		buf = append(buf, e[segments:size-uint32(e[35])]...)
	}
	*r = record{identity: textOf(buf[from:middle]), segments: textOf(buf[middle:end]), exposures: textOf(buf[end:])}
	return buf, s.version, true
}

// put puts an entry in, unless something was dropped since version, or it is
// so large that it would drive out too much. Entries asked for by until are
// too old.
func (s *cacheShard) put(key *UserKey, version uint32, e *cacheEntry, until time.Duration) {
	if isOptedOut(e.identity) { // what is left of the user in Redis is nobody's to read
		e.segments, e.exposures = "", ""
	}
	exact := cacheHeader + len(e.segments) + len(e.exposures)
	size := (exact + 7) &^ 7
	if size > len(s.ring)/largestShare {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version != version {
		return
	}
	if left := len(s.at(s.head)); left < size {
		s.reserve(left, until)
		binary.LittleEndian.PutUint32(s.at(s.head), 0)
		s.head += uint64(left)
	}
	s.reserve(size, until)
	to := s.at(s.head)
	binary.LittleEndian.PutUint32(to, uint32(size))
	binary.LittleEndian.PutUint32(to[4:], uint32(len(e.segments)))
	binary.LittleEndian.PutUint64(to[8:], uint64(e.asked))
	copy(to[16:], key[:])
	to[33], to[34], to[35] = byte(e.parts), 0, byte(size-exact)
	if e.identity != "" {
		to[34] = e.identity[0]
	}
	n := copy(to[cacheHeader:], e.segments)
	copy(to[cacheHeader+n:], e.exposures)
	s.point(key)
	s.head += uint64(size)
}

// point makes the index find a key at head.
func (s *cacheShard) point(key *UserKey) {
	slots, tag := s.set(key)
	v := s.slot(key)
	if v == nil {
		v = &slots[0]
		for i := range slots {
			if slots[i]&placeMask < *v&placeMask { // a free one is at 0
				v = &slots[i]
			}
		}
		if *v == 0 {
			s.entries++
		} else {
			s.evicted++
		}
	}
	*v = tag | s.head
}

// reserve makes room for size bytes after head.
func (s *cacheShard) reserve(size int, until time.Duration) {
	for s.head+uint64(size)-s.tail > uint64(len(s.ring)) {
		s.release(until)
	}
}

// wipe releases some of the entries that were asked for by an instant, and
// says whether there may be more: a request must not wait for all of them.
func (s *cacheShard) wipe(until time.Duration) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range wipeAtOnce {
		if s.tail == s.head {
			return false
		}
		if e := s.at(s.tail); binary.LittleEndian.Uint32(e) != 0 && time.Duration(binary.LittleEndian.Uint64(e[8:])) > until {
			return false
		}
		s.release(until)
	}
	return true
}

// release takes the oldest entry out of the ring. If nothing newer of the same
// key came and it was not dropped, the index still points to it.
func (s *cacheShard) release(until time.Duration) {
	e := s.at(s.tail)
	size := binary.LittleEndian.Uint32(e)
	if size == 0 {
		s.tail += uint64(len(e))
		return
	}
	if v := s.slot((*UserKey)(e[16:])); v != nil && *v&placeMask == s.tail {
		*v = 0
		s.entries--
		if time.Duration(binary.LittleEndian.Uint64(e[8:])) > until {
			s.evicted++
		}
	}
	clear(e[:size])
	s.tail += uint64(size)
}

// drop wipes what is there of a key, and nothing that was asked for before is
// put in any more.
func (s *cacheShard) drop(key *UserKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	v := s.slot(key)
	if v == nil {
		return
	}
	e := s.at(*v & placeMask)
	*v = 0
	s.entries--
	clear(e[4:binary.LittleEndian.Uint32(e)]) // the ring still has to be walked
}
