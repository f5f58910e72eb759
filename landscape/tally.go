package landscape

import (
	"sync"

	"github.com/tangent-dsp/tangent/event"
)

// Tally counts the bids of each arm. It is safe for concurrent use; the zero
// value is ready.
type Tally struct {
	shards [16]struct {
		mu   sync.Mutex
		bids map[Tallied]int64
		_    [48]byte // a shard has its own cache line
	}
}

// Tallied is what bids are counted by.
type Tallied struct {
	LineItem event.LineItemID
	Exchange event.ExchangeID
	Arm      Arm
}

// Add counts a bid; those of no arm are not counted.
func (t *Tally) Add(x Tallied) {
	if x.Arm == ArmNone {
		return
	}
	s := &t.shards[uint64(x.LineItem)%uint64(len(t.shards))]
	s.mu.Lock()
	if s.bids == nil {
		s.bids = make(map[Tallied]int64)
	}
	s.bids[x]++
	s.mu.Unlock()
}

// Take calls each for what was counted since the last call.
func (t *Tally) Take(each func(Tallied, int64)) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		taken := s.bids
		s.bids = nil
		s.mu.Unlock()
		for x, n := range taken {
			each(x, n)
		}
	}
}
