package pacing

import "github.com/tangent-dsp/tangent/event"

// slab is where a shard's open bids are kept, in pieces that stay where they
// are: to find room for one more moves none of those that are there, however
// many they are, and leaves no room unused between them, as a map of them would.
type slab struct {
	pieces []*[slabPiece]kept
	used   uint32 // places that were ever taken
	free   uint32 // the place that was given back last, and 1; each names the one before in at[0], and has no nodes
}

const slabPiece = 64

func (s *slab) of(place uint32) *kept { return &s.pieces[place/slabPiece][place%slabPiece] }

// add keeps a bid and returns where.
func (s *slab) add(k *kept) (place uint32) {
	if s.free > 0 {
		place = s.free - 1
		s.free = s.of(place).at[0]
	} else {
		if place = s.used; place%slabPiece == 0 {
			s.pieces = append(s.pieces, new([slabPiece]kept))
		}
		s.used++
	}
	*s.of(place) = *k
	return place
}

func (s *slab) drop(place uint32) {
	*s.of(place) = kept{at: [MaxNodes]uint32{s.free}}
	s.free = place + 1
}

// find returns an open bid. s.mu is held.
func (h *Holds) find(s *shard, id event.BidID) (hold, bool) {
	place, ok := s.open.of(id)
	if !ok {
		return hold{}, false
	}
	return h.at(s, place), true
}

// at returns the open bid at a place of the slab. s.mu is held.
func (h *Holds) at(s *shard, place uint32) hold {
	o := hold{kept: *s.slab.of(place), place: place}
	all := *h.numbered.Load()
	for i, n := range o.at[:o.nodes] {
		o.accounts[i] = all[n]
	}
	o.delays = (*h.laws.Load())[o.law]
	return o
}

// keep writes back what became of an open bid.
func (s *shard) keep(o *hold) { *s.slab.of(o.place) = o.kept }

// drop takes an open bid out.
func (s *shard) drop(id event.BidID, o *hold) {
	s.open.drop(id)
	s.slab.drop(o.place)
}
