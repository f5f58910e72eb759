package pacing

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Room is what the scarcest budget has, or nothing if a bid of that would
// hardly win. What a bid was refused for and then held counts as demand once.
func TestRoom(t *testing.T) {
	day := event.NodePeriod{Node: 2, Period: 20261201}
	nodes := []event.NodePeriod{life, day}
	h, err := NewHolds(HoldsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Room(nodes, 100, noon); got != 0 {
		t.Errorf("room for %d without a lease", got)
	}
	h.Extend(noon.Add(time.Hour))
	h.Grant(life, 1000)
	if got := h.Room(nodes, 100, noon); got != 0 {
		t.Errorf("room for %d in a budget that is not known", got)
	}
	h.Grant(day, 100)
	for price, want := range map[int64]int64{50: 50, 100: 100, 800: 100, 801: 0} {
		if got := h.Room(nodes, money.Nanos(price), noon); int64(got) != want {
			t.Errorf("room for %d of %d, want %d", got, price, want)
		}
	}
	id := event.NewBidID(1, 1)
	if h.Hold(id, nodes, 300, terms, noon) {
		t.Fatal("300 were held of 100")
	}
	low := terms
	low.Lowered = true
	if !h.Hold(id, nodes, 100, low, noon) {
		t.Fatal("100 were not held of 100")
	}
	h.Refuse(nodes, 40)
	for n, want := range map[event.NodePeriod]int64{life: 300, day: 340} {
		if a := h.Account(n); int64(a.demand()) != want || a.Opened != 100 {
			t.Errorf("the demand of %v is %d, of that held %d; want %d and 100", n, a.demand(), a.Opened, want)
		}
	}
}

// A bid that was lowered to the room there was says nothing of what bids cost, and
// what it wanted stays counted.
func TestALoweredBidMaturesToNothing(t *testing.T) {
	h := newHolds(t, Want{life, 50})
	nodes := []event.NodePeriod{life}
	h.Hold(bid(1), nodes, 100, terms, noon)
	low := terms
	low.Lowered = true
	if !h.Hold(bid(1), nodes, 40, low, noon) {
		t.Fatal("there is room for 40")
	}
	h.Lost(bid(1), noon)
	if a := h.Account(life); a.demand() != 100 || a.Opened != 0 || a.Matured != 0 {
		t.Errorf("%+v after it was lost: want a demand of 100, and nothing matured", a)
	}
}
