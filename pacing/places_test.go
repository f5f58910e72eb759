package pacing

import (
	"maps"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/tangent-dsp/tangent/event"
)

// Whatever ids come and go, in rows and far apart, places answers as a map does,
// and keeps no page of bids that are gone.
func TestPlacesAreAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var p places
	want := map[event.BidID]uint32{}
	next := uint64(1)
	draw := func() event.BidID {
		switch rng.IntN(4) {
		case 0: // of anybody's, near and far
			return event.NewBidID(rng.Uint64N(3), shardCount*rng.Uint64N(1<<rng.UintN(50)))
		case 1:
			return event.NewBidID(2, shardCount*rng.Uint64N(next+2))
		}
		next++
		return event.NewBidID(2, shardCount*next)
	}
	for i := range uint32(40_000) {
		id := draw()
		place, ok := p.of(id)
		if is, open := want[id]; open != ok || is != place {
			t.Fatalf("%v: place %d, %v, want %d, %v", id, place, ok, is, open)
		}
		switch {
		case !ok && i%10_000 < 6_000:
			p.add(id, i)
			want[id] = i
		case ok:
			p.drop(id)
			delete(want, id)
		}
		if p.n != len(want) {
			t.Fatalf("%d bids, want %d", p.n, len(want))
		}
	}
	for id := range maps.Clone(want) {
		p.drop(id)
		delete(want, id)
		if _, ok := p.of(id); ok {
			t.Fatalf("%v is still there", id)
		}
	}
	if p.n != 0 || len(p.pages) != 0 {
		t.Errorf("%d bids and %d pages are left of none", p.n, len(p.pages))
	}
}

// A bidder's bids take some bytes each, and those that follow others that ended
// allocate nothing.
func TestPlacesTakeLittle(t *testing.T) {
	if n := unsafe.Sizeof(shard{}); n%64 != 0 {
		t.Errorf("a shard of %d bytes shares a cache line with the next", n)
	}
	var p places
	first, next := uint64(0), uint64(0)
	step := func() {
		for range pageBids {
			p.add(event.NewBidID(1, shardCount*next), uint32(next))
			next++
		}
		for range pageBids {
			if next-first > 100*pageBids {
				p.drop(event.NewBidID(1, shardCount*first))
				first++
			}
		}
	}
	for range 200 {
		step()
	}
	if pages := len(p.pages) + len(p.free); pages > 103 {
		t.Errorf("%d pages for %d bids", pages, p.n)
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
