//go:build !race

package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// view is how the market's controller sees a line item.
func (m *market) view(id event.LineItemID) View {
	m.t.Helper()
	v, ok := m.pacer.cfg.Controller.(Viewer).View(id)
	if !ok {
		m.t.Fatalf("line item %d is not known", id)
	}
	return v
}

// Given a line item with a tight daily budget under a campaign's flight that is
// rich, at noon of its second day, then its own budget rules, the slots of the
// day say what was planned and spent, and the plan ends with all of the money.
func TestViewShowsThePlanNextToTheSpend(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	own := dailyItem(1, 2000e6)
	own.Budgets[0].Pace = PaceTraffic
	own.Budgets = append(own.Budgets, Budget{Node: 9, Amount: 1e12, Start: midnight, End: midnight.Add(40 * 24 * time.Hour)},
		Budget{Node: 10, Amount: 1e12, Balance: true})
	m := newMarket(t, midnight, []LineItem{own})
	m.run(midnight.Add(36 * time.Hour))
	v := m.view(1)
	if len(v.Budgets) != 3 || v.Multiplier != m.pacer.Load().Of(1) || v.Limit != nil || m.clock.Now().Sub(v.At) != simTick {
		t.Fatalf("%+v", v)
	}
	day2, flight, balance := &v.Budgets[0], &v.Budgets[1], &v.Budgets[2]
	if !day2.Rules || flight.Rules || balance.Rules || day2.Lambda <= 1 || math.Abs(v.Multiplier*day2.Lambda-1) > 1e-9 {
		t.Errorf("lambda %v, %v, %v at a multiplier of %v", day2.Lambda, flight.Lambda, balance.Lambda, v.Multiplier)
	}
	if balance.Spread || len(balance.Slots) != 0 || balance.Amount != 1e12 {
		t.Errorf("the balance: %+v", balance)
	}
	if len(flight.Slots) != 20 || flight.Slots[0].To.Sub(flight.Slots[0].From) != 48*time.Hour || !flight.Slots[0].Seen || flight.Slots[1].Seen {
		t.Errorf("the flight: %+v", flight.Slots)
	}
	holdsSlots(t, day2, 24, 12)
	if got := day2.Slots[11]; math.Abs(float64(got.Spent)/2000e6-got.Planned) > 0.1 {
		t.Errorf("at noon %v is spent, %.2f of the budget planned", got.Spent, got.Planned)
	}
	if _, ok := m.pacer.cfg.Controller.(Viewer).View(2); ok {
		t.Error("a line item that is not there is seen")
	}
}

// holdsSlots checks that a budget has n slots, of which the first were seen,
// that neither plan nor spend falls, and that the plan ends with everything.
func holdsSlots(t *testing.T, b *BudgetView, n, seen int) {
	t.Helper()
	if len(b.Slots) != n {
		t.Fatalf("%d slots, want %d", len(b.Slots), n)
	}
	if last := b.Slots[n-1]; last.Planned != 1 || !last.To.Equal(b.End) || !b.Slots[0].From.Equal(b.Start) {
		t.Errorf("the plan is from %v and ends with %+v", b.Slots[0].From, last)
	}
	for i := 1; i < n; i++ {
		a, s := b.Slots[i-1], b.Slots[i]
		if !s.From.Equal(a.To) || s.Seen != (i < seen) || s.Planned < a.Planned-.03 || s.Seen && s.Spent < a.Spent-b.Amount/50 { // what open bids will cost is a guess
			t.Errorf("slot %d: %+v after %+v", i, s, a)
		}
	}
}

// What slots hold outlives a restart, and what nobody saw stood still.
func TestSlotsOutliveARestart(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	m := newMarket(t, midnight, []LineItem{dailyItem(1, 2000e6)})
	m.run(midnight.Add(6 * time.Hour))
	before := m.view(1).Budgets[0].Slots
	memory, err := m.pacer.cfg.Controller.(Rememberer).Memory()
	if err != nil {
		t.Fatal(err)
	}
	at := m.clock.Now()
	m.clock.Advance(30 * time.Minute)
	m.start()
	if err := m.pacer.cfg.Controller.(Rememberer).Remember(memory, at, m.clock.Now()); err != nil {
		t.Fatal(err)
	}
	m.run(midnight.Add(9 * time.Hour))
	b := m.view(1).Budgets[0]
	holdsSlots(t, &b, 24, 9)
	for i := range 5 {
		if b.Slots[i] != before[i] {
			t.Errorf("slot %d: %+v, before the restart %+v", i, b.Slots[i], before[i])
		}
	}
}

// A limit that holds a line item back has a price.
func TestViewShowsWhatALimitCosts(t *testing.T) {
	c := newDual(t)
	c.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, CostLimit: 0.25, OutcomeCost: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: 100_000 * money.Unit}}}})
	now := noon
	step := func(expected money.Nanos) View {
		now = now.Add(time.Second)
		c.Step(now, Sums{
			LineItems: []Sum{{LineItem: 1, Opportunities: 100, Bids: 100, Offered: expected, Expected: expected, Outcomes: 1e9}},
			Nodes:     []NodeSum{{NodePeriod: event.NodePeriod{Node: 1, Period: event.PeriodOf(now)}, Limit: 100_000 * money.Unit}},
		})
		v, ok := c.View(1)
		if !ok {
			t.Fatal("it is not known")
		}
		return v
	}
	step(1)
	dear := step(money.Unit)
	for range 40 {
		dear = step(money.Unit) // four times what the limit allows
	}
	if dear.Limit == nil || dear.Limit.Price <= 0 || dear.Multiplier >= 1 || dear.Limit.Most > dear.Multiplier {
		t.Errorf("%+v, %+v", dear.Limit, dear)
	}
}
