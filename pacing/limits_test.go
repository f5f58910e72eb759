package pacing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// shop is a second-price market for one line item whose clicks are worth 2.00
// by a goal. What is stated of them may be wrong.
type shop struct {
	rng     *rand.Rand
	c       Controller
	item    LineItem
	rate    float64 // true clicks per impression; 0.01 is stated
	spent   money.Nanos
	clicks  float64
	told    Observed
	factors []float64 // the multiplier at each tick
	by      []float64 // the part of the budget that was spent
	busy    func(tick int) int
	late    float64 // ticks after which clicks are told, on average; 0: at once
	coming  []order
}

// order is a click, and what follows from it: the ticks at which each was.
type order struct{ click, told int }

const (
	statedRate = 0.01
	clickWorth = float64(2 * money.Unit)
	shopDay    = 24 * 60 // ticks of a minute
)

func newShop(t testing.TB, budget money.Nanos, limit money.Nanos, change func(*shop)) *shop {
	c, err := NewDual(DualConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{rng: rand.New(rand.NewPCG(1, 2)), c: c, rate: statedRate, item: LineItem{
		ID: 1, MaxBid: money.Unit, CostLimit: float64(limit) / clickWorth, OutcomeCost: limit,
		Budgets: []Budget{{Node: 1, Daily: true, Amount: budget}},
	}}
	if change != nil {
		change(s)
	}
	c.Plan([]LineItem{s.item})
	return s
}

// run plays a day of ticks, in each of which perTick impressions are sold.
func (s *shop) run(perTick int) {
	m := NewMultipliers(0, map[event.LineItemID]float64{})
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for tick := range shopDay {
		sum := Sum{LineItem: 1}
		var matured, worth money.Nanos
		n := perTick
		if s.busy != nil {
			n = s.busy(tick)
		}
		for range n {
			value := clickWorth * statedRate
			bid := money.FromFloat(value * m.Of(1))
			price := money.FromFloat(value * 0.3 * math.Exp(s.rng.NormFloat64()))
			win := winsAt(float64(bid) / (value * 0.3))
			sum.Opportunities++
			sum.Value += value
			if s.spent+bid > s.item.Budgets[0].Amount {
				sum.Censored++
			} else {
				sum.Bids++
				matured += bid
				if price < bid {
					s.spent += price
					worth += price
					if s.rng.Float64() < s.rate {
						s.clicks++
						s.coming = append(s.coming, order{tick, tick + int(s.late*s.rng.ExpFloat64())})
					}
				}
			}
			sum.Offered += bid
			sum.Expected += money.FromFloat(float64(bid) * win * 0.6)
			sum.Outcomes += value * win
		}
		sums := Sums{LineItems: []Sum{sum}, Nodes: []NodeSum{{
			NodePeriod: event.NodePeriod{Node: 1, Period: s.item.Budgets[0].NodePeriod(start).Period}, Limit: s.item.Budgets[0].Amount,
			Booked: s.spent, Matured: matured, Worth: worth,
		}}}
		if tick%5 == 0 {
			s.told = s.observed(tick)
		}
		sums.Observed = []Observed{s.told}
		m = s.c.Step(start.Add(time.Duration(tick)*time.Minute), sums)
		s.factors = append(s.factors, m.Of(1))
		s.by = append(s.by, float64(s.spent)/float64(s.item.Budgets[0].Amount))
	}
}

// observed is what was told by a tick.
func (s *shop) observed(tick int) Observed {
	o := Observed{LineItem: 1, Spent: s.spent}
	age := func(ticks int) int {
		return slices.IndexFunc(OrderAges[:], func(a time.Duration) bool { return time.Duration(ticks)*time.Minute <= a })
	}
	var all Arrivals
	for _, c := range s.coming {
		if c.told <= tick {
			o.Outcomes += clickWorth
			all[age(c.told-c.click)][age(tick-c.click)]++
		}
	}
	if s.late > 0 {
		arrived := all.Arrived()
		o.Arrived = &arrived
	}
	return o
}

// winsAt is the chance to meet a price below x times the median.
func winsAt(x float64) float64 { return 0.5 * math.Erfc(-math.Log(x)/math.Sqrt2) }

func (s *shop) perClick() float64 { return float64(s.spent) / s.clicks }

// Given a limit on the cost of a click, when clicks come as stated, or half or
// twice as often, then on the whole they cost no more than the limit and, where
// money would be left, not much less.
func TestALimitHolds(t *testing.T) {
	const limit = money.Unit / 2
	for name, c := range map[string]struct {
		rate   float64
		budget money.Nanos
		least  float64 // of the limit, that is spent per click
		most   float64 // few clicks tell little
	}{
		"as stated":              {statedRate, 10_000 * money.Unit, 0.8, 1.1},
		"half as often":          {statedRate / 2, 10_000 * money.Unit, 0.8, 1.1},
		"a fifth":                {statedRate / 5, 10_000 * money.Unit, 0.7, 1.25},
		"twice as often":         {2 * statedRate, 10_000 * money.Unit, 0.5, 1},
		"the budget is tighter":  {statedRate, 20 * money.Unit, 0.1, 1},
		"neither is much slack":  {statedRate, 150 * money.Unit, 0.3, 1},
		"both, and stated wrong": {statedRate / 2, 60 * money.Unit, 0.5, 1.1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, c.budget, limit, func(s *shop) { s.rate = c.rate })
			s.run(100)
			ratio := s.perClick() / float64(limit)
			t.Logf("%.0f clicks at %.3f of the limit, %.3f of the budget, multiplier %.3f", s.clicks, ratio, float64(s.spent)/float64(c.budget), s.factors[shopDay-1])
			if ratio > c.most || ratio < c.least {
				t.Errorf("a click costs %.3f of the limit", ratio)
			}
		})
	}
}

// Given no limit, or one that is never reached, then it changes nothing.
func TestASlackLimitChangesNothing(t *testing.T) {
	free := newShop(t, 100*money.Unit, 0, nil)
	free.run(40)
	slack := newShop(t, 100*money.Unit, 100*money.Unit, nil)
	slack.run(40)
	for i := range free.factors {
		if free.factors[i] != slack.factors[i] {
			t.Fatalf("tick %d: %v and %v", i, free.factors[i], slack.factors[i])
		}
	}
}

// Given a limit that cannot be held, then bids fall as far as they may; with
// minimum delivery that part of the budget is spent all the same.
func TestMinimumDelivery(t *testing.T) {
	for _, c := range []struct{ share, least, most float64 }{{0, 0, 0.3}, {0.5, 0.45, 0.6}, {1, 0.9, 1}} {
		s := newShop(t, 100*money.Unit, money.Unit/50, func(s *shop) {
			s.rate, s.item.MinDelivery = statedRate/4, c.share
		})
		s.run(100)
		if part := float64(s.spent) / float64(100*money.Unit); part < c.least || part > c.most {
			t.Errorf("with %v to be delivered %.3f of the budget is spent, want %v to %v", c.share, part, c.least, c.most)
		}
	}
}

// Given two line items that share a budget, one of which spends exactly the
// half that it is to deliver, when the controller is restarted at noon, or the
// limit is changed, then nothing is missing: what was delivered is known, or
// taken to have been.
func TestDeliveryGoesOnAfterAChange(t *testing.T) {
	budget := Budget{Node: 1, Daily: true, Amount: 1000 * money.Unit}
	items := []LineItem{
		{ID: 1, CostLimit: 0.25, OutcomeCost: money.Unit, MinDelivery: 0.5, Budgets: []Budget{budget}},
		{ID: 2, Budgets: []Budget{budget}},
	}
	const earlier = 7000 * money.Unit
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(*limits){
		"nothing":   func(*limits) {},
		"restart":   func(l *limits) { *l = limits{}; l.set(items) },
		"new limit": func(l *limits) { items[0].CostLimit *= 2; l.set(items) },
	} {
		var l limits
		l.set(items)
		// own is the part of the budget that it has spent, all is that of both
		at := func(now time.Time, own, all float64) (missing float64) {
			amount := float64(budget.Amount)
			l.step(now, &Sums{
				Nodes:    []NodeSum{{NodePeriod: budget.NodePeriod(now), Limit: budget.Amount, Booked: money.FromFloat(all * amount)}},
				Observed: []Observed{{LineItem: 1, Spent: earlier + money.FromFloat(own*amount)}},
			})
			return l.items[1].missing
		}
		for minute := range 24 * 60 {
			if minute == 12*60 {
				change(&l)
			}
			gone := float64(minute) / (24 * 60)
			if x := at(midnight.Add(time.Duration(minute)*time.Minute), gone/2, gone); x > 0.02 {
				t.Fatalf("%s: at minute %d %.2f is missing", name, minute, x)
			}
		}
		if x := at(midnight.Add(24*time.Hour-time.Second), 0.4, 1); x < 0.9 {
			t.Errorf("%s: %.2f is missing where a tenth of the budget is", name, x)
		}
		if x := at(midnight.Add(36*time.Hour), 0.5, 0.3); x < 0.9 {
			t.Errorf("%s: %.2f is missing at noon of the day after, on which it spent nothing", name, x)
		}
	}
}

// Whatever is counted and observed, a limited line item bids no more than its
// budgets let it, and more than nothing.
func TestLimitsStayWithinBudgets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Float64Range(0, 1e15)
		cost := rapid.Float64Range(1e-9, 10).Draw(t, "limit")
		item := func(limit float64) LineItem {
			return LineItem{ID: 1, CostLimit: limit, OutcomeCost: money.Nanos(rapid.Int64Range(0, 1e12).Draw(t, "outcome"))}
		}
		var l limits
		for range rapid.IntRange(1, 20).Draw(t, "ticks") {
			l.set([]LineItem{item(cost)})
			l.step(time.Unix(0, 0), &Sums{
				LineItems: []Sum{{LineItem: 1, Bids: rapid.Int64Range(0, 1e6).Draw(t, "bids"), Expected: money.Nanos(some.Draw(t, "cost")), Outcomes: some.Draw(t, "outcomes")}},
				Observed:  []Observed{{LineItem: 1, Spent: money.Nanos(some.Draw(t, "spent")), Outcomes: some.Draw(t, "came")}},
			})
			base := rapid.Float64Range(1e-9, 1).Draw(t, "base")
			if m := l.multiplier(1, base); !(m > 0) || m > base {
				t.Fatalf("bids %v where its budgets bid %v", m, base)
			}
		}
	})
}

// Given traffic that is four times as much after noon, then a pace by the clock
// has half of the money spent by noon, and one without a plan all of it soon.
func TestPacesShapeTheDay(t *testing.T) {
	for name, c := range map[string]struct {
		pace             Pace
		morning, evening [2]float64 // part spent by noon and by the end, at least and at most
	}{
		"even": {PaceEven, [2]float64{0.45, 0.55}, [2]float64{0.98, 1}},
		"asap": {PaceASAP, [2]float64{0.98, 1}, [2]float64{0.98, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 60*money.Unit, 0, func(s *shop) { s.item.Budgets[0].Pace = c.pace })
			s.busy = func(tick int) int {
				if tick < shopDay/2 {
					return 40
				}
				return 160
			}
			s.run(0)
			for at, want := range map[int][2]float64{shopDay / 2: c.morning, shopDay - 1: c.evening} {
				if part := s.by[at]; part < want[0] || part > want[1] {
					t.Errorf("by tick %d %.3f is spent, want %v", at, part, want)
				}
			}
		})
	}
}

// Given orders that come hours after their click, when they come as often as
// stated or half as often, then the limit neither tightens as if they were
// missing, nor breaks.
func TestALimitWaitsForOrders(t *testing.T) {
	const limit = money.Unit / 2
	for name, rate := range map[string]float64{"as stated": statedRate, "half as often": statedRate / 2} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 10_000*money.Unit, limit, func(s *shop) { s.rate, s.late = rate, 5*60 })
			s.run(100)
			ratio := s.perClick() / float64(limit)
			t.Logf("%.0f orders at %.3f of the limit, multiplier %.3f", s.clicks, ratio, s.factors[shopDay-1])
			if ratio > 1.25 || ratio < 0.75 {
				t.Errorf("an order costs %.3f of the limit", ratio)
			}
		})
	}
}
