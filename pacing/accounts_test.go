package pacing

import (
	"runtime"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// At midnight every daily budget is a new one: what that takes is in
// proportion to how many there are. All are found, and none that was forgotten.
func TestAccountsOfADayAreMadeInProportion(t *testing.T) {
	const budgets = 10_000
	h := newHolds(t)
	node := func(i int, day event.Period) event.NodePeriod {
		return event.NodePeriod{Node: event.NodeID(i + 1), Period: day}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range budgets {
		h.Grant(node(i, 20260310), money.Nanos(i))
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / budgets; each > 10<<10 {
		t.Errorf("%d bytes are allocated for a budget among %d", each, budgets)
	}
	for i := range budgets {
		if got := h.TakeBack(node(i, 20260310), 0); got != money.Nanos(i) {
			t.Fatalf("budget %d has %d", i, got)
		}
	}
	for i := 0; i < budgets; i += 2 {
		if !h.Forget(node(i, 20260310)) {
			t.Fatalf("budget %d is not forgotten", i)
		}
	}
	found := 0
	for n := range h.accounts.all() {
		if found++; n.Node%2 == 1 {
			t.Fatalf("budget %d was forgotten", n.Node)
		}
	}
	if found != budgets/2 || h.accounts.of(node(0, 20260310)) != nil || h.accounts.of(node(1, 20260310)) == nil {
		t.Errorf("%d budgets are left", found)
	}
}
