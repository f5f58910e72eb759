package pacing

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

const day = event.Period(20260310)

// dualWith returns a controller with one daily budget of 24,000 units from
// which one line item buys, stepped once at t.
func dualWith(t testing.TB, at time.Time) *Dual {
	c := newDual(t)
	c.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: 24_000 * money.Unit}}}})
	c.Step(at, Sums{})
	return c
}

func newDual(t testing.TB) *Dual {
	t.Helper()
	c, err := NewDual(DualConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// offered is a tick in which bids were offered and much was booked before.
func offered(expected, booked money.Nanos) Sums {
	return Sums{
		LineItems: []Sum{{LineItem: 1, Opportunities: 1, Bids: 1, Offered: expected, Expected: expected}},
		Nodes:     []NodeSum{{NodePeriod: event.NodePeriod{Node: 1, Period: day}, Limit: 24_000 * money.Unit, Booked: booked}},
	}
}

func TestLambdaRisesAheadAndFallsBehind(t *testing.T) {
	c := dualWith(t, noon)
	now := noon
	step := func(expected, booked money.Nanos) (before, after float64) {
		before = c.Lambda(1)
		now = now.Add(time.Minute)
		c.Step(now, offered(expected, booked))
		return before, c.Lambda(1)
	}
	// On plan 12,000 are left for 12 hours: 16.7 a minute; half of what is
	// offered is taken to be billed.
	for range 5 {
		if a, b := step(100*money.Unit, 12_000*money.Unit); b <= a {
			t.Fatalf("ahead: lambda went from %v to %v", a, b)
		}
	}
	for range 20 {
		if a, b := step(10*money.Unit, 12_000*money.Unit); b >= a && a > 1 {
			t.Fatalf("behind: lambda went from %v to %v", a, b)
		}
	}
	// The same offers are too much when the money is nearly gone.
	if a, b := step(10*money.Unit, 22_000*money.Unit); b <= a {
		t.Fatalf("overspent: lambda went from %v to %v", a, b)
	}
}

// Whatever is left of the day and of the money: where bids cost more than lets
// it last lambda rises, where they cost less it falls.
func TestLambdaFollowsTheMoneyLeft(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const amount = 24_000 * money.Unit
		c := newDual(t)
		c.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: amount}}}})
		now := noon.Add(-12 * time.Hour)
		c.Step(now, Sums{})
		minutes := rapid.IntRange(60, 24*60-20).Draw(rt, "minutes of the day")
		for i := range minutes { // as planned
			now = now.Add(time.Minute)
			c.Step(now, offered(2000*money.Unit/60, 1000*money.Unit*money.Nanos(i)/60))
		}
		log := rapid.Float64Range(1, mostLog-1).Draw(rt, "ln lambda")
		c.nodes[1].log = log
		after := float64(24*60 - 1 - minutes) // minutes
		left := min(24_000, 1000./60*after*rapid.Float64Range(0.1, 10).Draw(rt, "money left, beside the plan's"))
		off := rapid.OneOf(rapid.Float64Range(0, 0.8), rapid.Float64Range(1.25, 50)).Draw(rt, "cost of bids, beside what lasts")
		// Half of what is offered is taken to be billed.
		c.Step(now.Add(time.Minute), offered(money.FromFloat(2*off*left/after*float64(money.Unit)), money.FromFloat((24_000-left)*float64(money.Unit))))
		if moved := c.nodes[1].log - log; (moved > 0) != (off > 1) {
			rt.Errorf("ln lambda moved by %v", moved)
		}
	})
}

// TestLambdaLaws: whatever is fed in, prices stay within their bounds, a step
// stays within its own, and multipliers within (0, 1].
func TestLambdaLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := dualWith(t, noon)
		now := noon
		limits := map[event.Period]money.Nanos{} // at the last step of each
		amount := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, int64(money.Cap)))
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "time")))
			s := offered(money.Nanos(amount.Draw(rt, "expected")), money.Nanos(amount.Draw(rt, "booked")))
			n := &s.Nodes[0]
			n.Period = rapid.SampledFrom([]event.Period{day, day + 1, event.Lifetime}).Draw(rt, "period")
			n.Limit, n.Pending, n.Young = money.Nanos(amount.Draw(rt, "limit")), money.Nanos(amount.Draw(rt, "pending")), money.Nanos(amount.Draw(rt, "young"))
			n.Matured = money.Nanos(amount.Draw(rt, "matured"))
			n.Worth = money.Nanos(rapid.Int64Range(0, int64(n.Matured)).Draw(rt, "worth"))
			edited := n.Limit != limits[n.Period] // which may bring back the price of before the money was gone
			if d := c.nodes[1]; !c.last.IsZero() && now.After(c.last) && d.budget.NodePeriod(now) == n.NodePeriod {
				limits[n.Period] = n.Limit
			}
			before := c.Lambda(1)
			m := c.Step(now, s)
			after := c.Lambda(1)
			if !(after >= 1 && after <= math.Exp(mostLog)*(1+1e-9)) {
				rt.Fatalf("lambda is %v", after)
			}
			if !edited && math.Abs(math.Log(after/before)) > maxLogStep+1e-9 {
				rt.Fatalf("lambda went from %v to %v in one tick", before, after)
			}
			if v := m.Of(1); !(v > 0 && v <= 1) || math.Abs(v*after-1) > 1e-9 {
				rt.Fatalf("multiplier %v at lambda %v", v, after)
			}
		}
	})
}

// A budget that begins late in its day, where no traffic is known, plans what
// is left of the day, not the whole of it: half an hour is a fiftieth, and
// twenty times the whole day's pace is not enough.
func TestALateStartPlansWhatIsLeft(t *testing.T) {
	end := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	for name, pace := range map[string]Pace{"by traffic": PaceTraffic, "even": PaceEven} {
		t.Run(name, func(t *testing.T) {
			c, now := newDual(t), end.Add(-30*time.Minute)
			c.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: 24_000 * money.Unit, Pace: pace}}}})
			c.Step(now, Sums{Nodes: offered(0, 0).Nodes})
			if planned, ok := c.View(1); !ok || planned.Budgets[0].Planned > .01 {
				t.Errorf("it begins with %+v", planned.Budgets)
			}
			booked := money.Nanos(0)
			for now = now.Add(10 * time.Second); now.Before(end); now = now.Add(10 * time.Second) {
				// All that is offered at lambda 1 is five times what is to be spent.
				cost := money.FromFloat(5 * 24_000 / 180. * float64(money.Unit) / c.Lambda(1))
				s := offered(2*cost, booked)
				s.LineItems[0].Opportunities, s.LineItems[0].Bids = 100, 100
				c.Step(now, s)
				booked = min(booked+cost, 24_000*money.Unit)
			}
			if used := float64(booked) / float64(24_000*money.Unit); used < .95 {
				t.Errorf("%.3f of the day's budget was used", used)
			}
		})
	}
}

// A day begins at the steady price of the day before, also where the catalog
// changed or the process began anew in between.
func TestADayBeginsAtTheSteadyPrice(t *testing.T) {
	items := []LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: 24_000 * money.Unit}}}}
	for name, meanwhile := range map[string]func(*Dual) *Dual{
		"nothing":     func(c *Dual) *Dual { return c },
		"the catalog": func(c *Dual) *Dual { c.Plan(items); return c },
		"a restart": func(c *Dual) *Dual {
			memory, err := c.Memory()
			if err != nil {
				t.Fatal(err)
			}
			again := newDual(t)
			if err := again.Remember(memory, c.last, c.last); err != nil {
				t.Fatal(err)
			}
			again.Plan(items)
			return again
		},
	} {
		evening := noon.Add(12*time.Hour - time.Minute)
		c := dualWith(t, evening.Add(-time.Minute))
		c.Step(evening, offered(1, 1))
		c.nodes[1].log, c.nodes[1].steady = 6, 2
		c = meanwhile(c)
		s := offered(1, 0)
		s.Nodes[0].Period = day + 1
		for i := range 2 {
			c.Step(evening.Add(time.Duration(i+1)*time.Minute), s)
		}
		if got := c.nodes[1].log; math.Abs(got-2) > 2*maxLogStep {
			t.Errorf("%s: the day began near %.2f, want 2", name, got)
		}
	}
}

func TestStepIsAFunctionOfItsInputs(t *testing.T) {
	play := func() float64 {
		c := dualWith(t, noon)
		for i := range 100 {
			c.Step(noon.Add(time.Duration(i)*time.Minute), offered(money.Nanos(i)*money.Unit, money.Nanos(i)*17*money.Unit))
		}
		return c.Lambda(1)
	}
	if a, b := play(), play(); a != b {
		t.Errorf("the same inputs gave %v and %v", a, b)
	}
}

func TestTheTightestBudgetRules(t *testing.T) {
	c := newDual(t)
	c.Plan([]LineItem{
		{ID: 1, Budgets: []Budget{{Node: 1, Daily: true, Amount: 100}, {Node: 2, Daily: true, Amount: 100}}},
		{ID: 2, Budgets: []Budget{{Node: 2, Daily: true, Amount: 100}}},
	})
	c.nodes[1].log, c.nodes[2].log = math.Log(4), math.Log(2)
	m := c.Step(noon, Sums{})
	for id, want := range map[event.LineItemID]float64{1: 0.25, 2: 0.5, 3: 1} {
		if got := m.Of(id); math.Abs(got-want) > 1e-9 {
			t.Errorf("line item %d bids %v, want %v", id, got, want)
		}
	}
}

func TestWhatWasLearnedOutlivesCatalogAndMidnight(t *testing.T) {
	c := dualWith(t, noon)
	c.nodes[1].log = 1
	c.Plan([]LineItem{{ID: 9, Budgets: []Budget{{Node: 1, Daily: true, Amount: 7 * money.Unit}}}, {ID: 10, Budgets: []Budget{{Node: 2}}}})
	midnight := noon.Add(12 * time.Hour)
	s := offered(0, 0)
	s.Nodes[0].Period = day + 1
	c.Step(midnight.Add(-time.Second), Sums{})
	m := c.Step(midnight.Add(time.Second), s)
	if got := m.Of(9); got > 0.5 {
		t.Errorf("the new day begins at %v, far from yesterday's %v", got, math.Exp(-1))
	}
}

func TestClosedHoursTeachNothing(t *testing.T) {
	c := newDual(t)
	c.Plan([]LineItem{{ID: 1, Hours: new(Hours{}.With(time.Tuesday, 18, 20)), Budgets: []Budget{{Node: 1, Daily: true, Amount: 24_000 * money.Unit}}}})
	c.nodes[1].log = 1
	for i := range 60 {
		c.Step(noon.Add(time.Duration(i)*time.Minute), offered(0, 0))
	}
	if got := c.Lambda(1); math.Abs(got-math.E) > 1e-9 {
		t.Errorf("lambda moved to %v while nothing may bid", got)
	}
}
