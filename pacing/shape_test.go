//go:build !race

package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// On its third day, when it knows the traffic, a budget is spent in the shape
// that was chosen: at every full hour what is billed is within 3 % of the
// budget of the chosen curve, and so is what the controller says it plans.
func TestSpendFollowsTheChosenShape(t *testing.T) {
	const amount = 5000e6
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	third := midnight.Add(48 * time.Hour)
	traffic := func(m *market, at time.Time) float64 { // of the day, until then
		some, all := 0.0, 0.0
		for when := third; when.Before(third.Add(24 * time.Hour)); when = when.Add(simTick) {
			all += m.shape(when)
			if when.Before(at) {
				some += m.shape(when)
			}
		}
		return some / all
	}
	for name, c := range map[string]struct {
		pace Pace
		want func(m *market, at time.Time) float64
	}{
		"traffic": {PaceTraffic, traffic},
		"even":    {PaceEven, func(_ *market, at time.Time) float64 { return at.Sub(third).Hours() / 24 }},
		"ahead":   {PaceAhead, func(m *market, at time.Time) float64 { return 1 - math.Pow(1-traffic(m, at), 1.2) }},
	} {
		t.Run(name, func(t *testing.T) {
			item := dailyItem(1, amount)
			item.Budgets[0].Pace = c.pace
			m := newMarket(t, midnight, []LineItem{item})
			m.run(third)
			np := event.NodePeriod{Node: 1, Period: event.PeriodOf(third)}
			worst, planned := 0.0, 0.0
			for h := range 24 {
				at := third.Add(time.Duration(h+1) * time.Hour)
				m.run(at)
				worst = max(worst, math.Abs(float64(m.billed[np])/amount-c.want(m, at)))
				planned = max(planned, math.Abs(m.view(1).Budgets[0].Planned-c.want(m, m.view(1).At)))
			}
			m.finish()
			used := float64(m.billed[np]) / amount
			t.Logf("off its curve by %.4f, its plan by %.4f; used %.4f", worst, planned, used)
			if worst > .03 || planned > .03 || used < .98 || used > 1 || m.overrun != 0 {
				t.Errorf("off its curve by %.3f of the budget, its plan by %.3f; %.3f was used, overrun %d", worst, planned, used, m.overrun)
			}
		})
	}
}

// As fast as values allow: at full value from the first minute until the money
// is gone.
func TestASAPSpendsAtFullValue(t *testing.T) {
	const amount money.Nanos = 5000e6
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	item := dailyItem(1, amount)
	item.Budgets[0].Pace = PaceASAP
	m := newMarket(t, midnight, []LineItem{item})
	np := event.NodePeriod{Node: 1, Period: day}
	rich := newMarket(t, midnight, []LineItem{dailyItem(1, 1e12)}) // buys all that it can
	for h := range 24 {
		at := midnight.Add(time.Duration(h+1) * time.Hour)
		m.run(at)
		rich.run(at)
		if of := m.pacer.Load().Of(1); of != 1 {
			t.Fatalf("at %v it bids %v of its values", at, of)
		}
		if got, most := float64(m.billed[np]), math.Min(float64(amount), float64(rich.billed[np])); got < .9*most {
			t.Errorf("at %v %.3g is spent; values allow %.3g", at, got, most)
		}
	}
	m.finish()
	if m.billed[np] > amount || m.overrun != 0 {
		t.Errorf("%v was spent of %v", m.billed[np], amount)
	}
}
