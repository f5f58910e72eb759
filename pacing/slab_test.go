package pacing

import (
	"runtime"
	runtimemetrics "runtime/metrics"
	"testing"
	"time"
	"unsafe"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Bids that are held are most of what lives in a busy bidder. They are small,
// and the garbage collector does not look into them.
func TestHeldBidsAreSmallAndNotScanned(t *testing.T) {
	if n := unsafe.Sizeof(kept{}); n > 104 {
		t.Errorf("%d bytes are kept of a bid", n)
	}
	const bids = 100_000
	h := newHolds(t)
	for _, n := range fourNodes {
		h.Grant(n, money.Cap)
	}
	heap := []runtimemetrics.Sample{{Name: "/gc/scan/heap:bytes"}, {Name: "/gc/heap/live:bytes"}}
	read := func() (scanned, live float64) {
		runtime.GC()
		runtimemetrics.Read(heap)
		return float64(heap[0].Value.Uint64()), float64(heap[1].Value.Uint64())
	}
	scanned, live := read()
	for i := range bids {
		if !h.Hold(bid(uint64(i+1)), fourNodes, 10, terms, noon) {
			t.Fatal("a bid was not held")
		}
	}
	nowScanned, nowLive := read()
	scanned, live = (nowScanned-scanned)/bids, (nowLive-live)/bids
	t.Logf("%.1f bytes a bid, %.2f of them to scan", live, scanned)
	if scanned > 4 || live > 220 {
		t.Errorf("%.1f bytes a bid, want at most 220, %.2f of them to scan, want at most 4", live, scanned)
	}
	if h.Open() != bids {
		t.Errorf("%d are held", h.Open())
	}
}

// What a bid leaves in the slab, the next one takes.
func TestSlabTakesPlacesAgain(t *testing.T) {
	h := newHolds(t)
	h.Grant(life, money.Cap)
	for round := range 10 {
		for i := range 1000 {
			h.Hold(bid(uint64(1000*round+i+1)), []event.NodePeriod{life}, money.Nanos(i+1), terms, noon)
		}
		if got := h.Account(life); got.Available != money.Cap-500*1001 {
			t.Fatalf("round %d: available %d", round, got.Available)
		}
		for i := range 1000 {
			h.Lost(bid(uint64(1000*round+(i*7)%1000+1)), noon.Add(time.Second))
		}
		if got := h.Account(life); got.Available != money.Cap || h.Open() != 0 {
			t.Fatalf("round %d: available %d of %d bids", round, got.Available, h.Open())
		}
	}
	places := 0
	for i := range h.shards {
		places += len(h.shards[i].slab.pieces) * slabPiece
	}
	if places > 64*slabPiece {
		t.Errorf("room for %d bids, after 1,000 at most", places)
	}
}

// A budget is not forgotten while a bid knows it by its number, even one of
// nothing; the number then goes to another, and no bid takes one for the other.
func TestNumbersOfForgottenBudgetsGoToOthers(t *testing.T) {
	h := newHolds(t)
	h.Grant(life, 0)
	if !h.Hold(bid(1), []event.NodePeriod{life}, 0, terms, noon) {
		t.Fatal("not held")
	}
	if h.Forget(life) {
		t.Fatal("forgotten under a bid")
	}
	h.Cancel(bid(1))
	a := h.accounts.of(life)
	if !h.Forget(life) || a.take(0) || a.available.Load() != 0 {
		t.Fatal("not forgotten")
	}
	other := event.NodePeriod{Node: 77}
	h.Grant(other, 100)
	if n := len(*h.numbered.Load()); n != 1 || !h.Hold(bid(2), []event.NodePeriod{other}, 60, terms, noon) || h.Account(other).Available != 40 {
		t.Errorf("%d numbers, available %d", n, h.Account(other).Available)
	}
	h.Lost(bid(2), noon)
	if h.Account(other).Available != 100 {
		t.Errorf("available %d", h.Account(other).Available)
	}
}
