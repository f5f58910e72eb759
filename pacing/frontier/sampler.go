package frontier

import (
	"sync"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/event"
)

// Sampler has a Reservoir for each line item that was met. It is safe for
// concurrent use; finding one allocates nothing but the first time.
type Sampler struct {
	room   room
	shards [shards]shard
}

const shards = 256 // so that a line item that is new copies a small map

type shard struct {
	mu  sync.Mutex // writers of the map
	all atomic.Pointer[map[event.LineItemID]*Reservoir]
}

// DefaultRoom is how many samples are kept of all line items together, beyond
// the first 16 of each: some 42 MB. One takes 512 at most.
const DefaultRoom = 1 << 20

// NewSampler returns a sampler of at most so many samples, beyond the first 16
// of each line item; 0 takes DefaultRoom.
func NewSampler(samples int) *Sampler {
	if samples == 0 {
		samples = DefaultRoom
	}
	s := new(Sampler)
	s.room.left.Store(int64(samples))
	for i := range s.shards {
		s.shards[i].all.Store(&map[event.LineItemID]*Reservoir{})
	}
	return s
}

// Of returns a line item's reservoir, the same as long as the sampler lives.
func (s *Sampler) Of(id event.LineItemID) *Reservoir {
	shard := &s.shards[uint64(id)%shards]
	if r := (*shard.all.Load())[id]; r != nil {
		return r
	}
	shard.mu.Lock()
	defer shard.mu.Unlock()
	old := *shard.all.Load()
	if r := old[id]; r != nil {
		return r
	}
	next := make(map[event.LineItemID]*Reservoir, len(old)+1)
	for k, r := range old {
		next[k] = r
	}
	r := &Reservoir{room: &s.room}
	next[id] = r
	shard.all.Store(&next)
	return r
}

// Met returns a line item's reservoir, or nil if it met nothing.
func (s *Sampler) Met(id event.LineItemID) *Reservoir {
	return (*s.shards[uint64(id)%shards].all.Load())[id]
}
