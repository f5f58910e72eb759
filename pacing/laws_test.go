//go:build !race

package pacing

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// day0 is where a log begins.
var day0 = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

// auction is one impression of a log: what it is worth, and the highest other
// bid.
type auction struct{ value, price float64 }

const (
	logTicks   = 1000
	perLogTick = 20
)

// aLog draws a day of auctions.
func aLog(seed uint64) []auction { return logOf(seed, logTicks, 1) }

// logOf draws a day of so many ticks. Values are the wider spread, the higher
// sigma is.
func logOf(seed uint64, ticks int, sigma float64) (all []auction) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range ticks * perLogTick {
		z := rng.NormFloat64()
		all = append(all, auction{1e11 * math.Exp(sigma*z), 1e9 * math.Exp(0.3*z+0.7*rng.NormFloat64())})
	}
	return all
}

// played is what a controller made of a log in a second-price auction that
// bills at once.
type played struct {
	value, spent float64
	wins         []bool
	logs         []float64 // ln lambda at each tick
}

// playLog plays a log twice, and tells of the second day. Prices and budget are
// multiplied by k. The sums of each tick are as split makes them.
func playLog(c *Dual, all []auction, budget, k float64, split func([]Sum) []Sum) (p played) {
	amount := money.FromFloat(budget * k)
	item := LineItem{ID: 1, MaxBid: money.FromFloat(1e12 * k), Budgets: []Budget{{Node: 1, Daily: true, Amount: amount}}}
	c.Plan([]LineItem{item})
	m := c.Step(day0, Sums{})
	ticks := len(all) / perLogTick
	tick := 24 * time.Hour / time.Duration(ticks)
	for d := range 2 {
		p = played{}
		booked := money.Nanos(0)
		for t := range ticks {
			sum := Sum{LineItem: 1}
			offered, worth := money.Nanos(0), money.Nanos(0)
			at := day0.Add(time.Duration(d*ticks+t) * tick)
			for _, a := range all[t*perLogTick : (t+1)*perLogTick] {
				bid := min(item.MaxBid, money.FromFloat(a.value*m.Of(1)))
				price := money.FromFloat(a.price * k)
				sum.Opportunities++
				sum.Value += a.value
				sum.Offered += bid
				sum.Expected += bid
				won := bid > price && booked+price <= amount
				p.wins = append(p.wins, won)
				if booked+bid > amount {
					sum.Censored++
					continue
				}
				sum.Bids++
				offered += bid
				if won {
					booked += price
					worth += price
					p.value += a.value
				}
			}
			m = c.Step(at.Add(tick), Sums{LineItems: split([]Sum{sum}), Nodes: []NodeSum{{
				NodePeriod: item.Budgets[0].NodePeriod(at), Limit: amount, Booked: booked, Matured: offered, Worth: worth,
			}}})
			p.logs = append(p.logs, c.nodes[1].log)
		}
		p.spent = float64(booked) / float64(amount)
	}
	return p
}

func whole(sums []Sum) []Sum { return sums }

// drawnTicks makes a day that is short enough to be played by the hundred.
const drawnTicks = 120

// Given prices and budgets k times as high, then lambda is 1/k of what it was
// at every tick, and the same auctions are won. Budgets are such that lambda
// stays clear of 1, below which it never is.
func TestScalingPricesScalesLambda(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := logOf(rapid.Uint64().Draw(rt, "seed"), drawnTicks, rapid.Float64Range(0.5, 1.5).Draw(rt, "sigma"))
		budget := math.Exp(rapid.Float64Range(math.Log(1e10), math.Log(5e11)).Draw(rt, "ln budget"))
		log, k := rapid.Float64Range(4, 9).Draw(rt, "ln lambda"), math.Exp(rapid.Float64Range(-2, 1).Draw(rt, "ln k"))
		start := func(log float64) *Dual {
			c := newDual(t)
			c.Plan([]LineItem{{ID: 1, Budgets: []Budget{{Node: 1, Daily: true, Amount: 1}}}})
			c.Adopt([]Price{{PriceKey{Node: 1}, log}})
			return c
		}
		one, got := playLog(start(log), all, budget, 1, whole), playLog(start(log-math.Log(k)), all, budget, k, whole)
		differ := 0
		for i := range got.wins {
			if got.wins[i] != one.wins[i] {
				differ++
			}
		}
		for i := range got.logs {
			if off := math.Abs(got.logs[i] + math.Log(k) - one.logs[i]); off > 1e-4 {
				rt.Fatalf("k %v: lambda is off by %v at tick %d", k, off, i)
			}
		}
		if differ > 2 { // money is whole nanos
			rt.Errorf("k %v: %d auctions went another way", k, differ)
		}
	})
}

// Given more budget, then no less value is won on the same log, but for what a
// controller loses as it does not know the log, and never more is spent than there
// is. Three of the dearest impressions may be missed by chance: they may come when
// lambda is low, or when the money of that day is spent.
func TestMoreBudgetWinsNoLessValue(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := logOf(rapid.Uint64().Draw(rt, "seed"), drawnTicks, rapid.Float64Range(0.3, 1).Draw(rt, "sigma"))
		less := math.Exp(rapid.Float64Range(math.Log(1e11), math.Log(1e12)).Draw(rt, "ln budget"))
		more := less * rapid.Float64Range(1, 4).Draw(rt, "times")
		a, b := playLog(newDual(t), all, less, 1, whole), playLog(newDual(t), all, more, 1, whole)
		dearest := slices.SortedFunc(slices.Values(all), func(a, b auction) int { return cmp.Compare(b.value, a.value) })
		chance := dearest[0].value + dearest[1].value + dearest[2].value
		if b.value < a.value*0.98-chance {
			rt.Errorf("a budget of %.4g won %.5g, one of %.4g %.5g", less, a.value, more, b.value)
		}
		if max(a.spent, b.spent) > 1 {
			rt.Errorf("%.4f and %.4f of the budgets was spent", a.spent, b.spent)
		}
	})
}

// The best that can be done with a budget, knowing the log: buy in the order of
// value per price.
func bestValue(all []auction, budget float64) (value float64) {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b auction) int { return int(math.Copysign(1, b.value/b.price-a.value/a.price)) })
	for _, a := range sorted {
		part := min(1, budget/a.price)
		value += part * a.value
		if budget -= part * a.price; budget <= 0 {
			break
		}
	}
	return value
}

// Given a day like the one before it, then next to all of what is possible in
// hindsight is won, and the money is used.
func TestNearTheOptimum(t *testing.T) {
	for seed := range uint64(3) {
		all := aLog(seed)
		for _, budget := range []float64{5e11, 2e12, 8e12} {
			got := playLog(newDual(t), all, budget, 1, whole)
			ratio := got.value / bestValue(all, budget)
			t.Logf("seed %d, budget %.2g: %.4f of the optimum, %.4f spent", seed, budget, ratio, got.spent)
			if ratio < 0.975 || got.spent < 0.985 {
				t.Errorf("seed %d, budget %.2g: %.4f of the optimum, %.4f spent", seed, budget, ratio, got.spent)
			}
		}
	}
}

// Given the sums of sixteen bidders, then the prices are those of one bidder
// that met it all.
func TestSumsOfManyBiddersAreThoseOfOne(t *testing.T) {
	all := aLog(2)
	split := func(sums []Sum) (parts []Sum) {
		s := sums[0]
		for i := range int64(16) {
			part := func(n int64) int64 { return n*(i+1)/16 - n*i/16 }
			parts = append(parts, Sum{
				LineItem: s.LineItem, Opportunities: part(s.Opportunities), Bids: part(s.Bids), Censored: part(s.Censored),
				Value: s.Value / 16, Offered: money.Nanos(part(int64(s.Offered))), Expected: money.Nanos(part(int64(s.Expected))),
			})
		}
		return parts
	}
	one, many := playLog(newDual(t), all, 2e12, 1, whole), playLog(newDual(t), all, 2e12, 1, split)
	if !slices.Equal(one.logs, many.logs) {
		t.Error("the prices differ")
	}
}

// Given two budgets, then their order does not matter to the bit.
func TestOrderOfBudgetsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		budgets := []Budget{
			{Node: 1, Daily: true, Amount: money.Nanos(rapid.Int64Range(1, 1e12).Draw(rt, "daily"))},
			{Node: 2, Amount: money.Nanos(rapid.Int64Range(1, 1e12).Draw(rt, "lifetime")), Start: day0, End: day0.AddDate(0, 0, 3)},
		}
		a, b := newDual(t), newDual(t)
		a.Plan([]LineItem{{ID: 1, MaxBid: 1e9, Budgets: budgets}})
		b.Plan([]LineItem{{ID: 1, MaxBid: 1e9, Budgets: []Budget{budgets[1], budgets[0]}}})
		now := day0
		for range rapid.IntRange(1, 30).Draw(rt, "ticks") {
			now = now.Add(time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(rt, "time")))
			expected := money.Nanos(rapid.Int64Range(0, 1e11).Draw(rt, "expected"))
			s := Sums{LineItems: []Sum{{LineItem: 1, Opportunities: 9, Bids: 9, Offered: 2 * expected, Expected: expected}}}
			for i := range budgets {
				s.Nodes = append(s.Nodes, NodeSum{NodePeriod: budgets[i].NodePeriod(now), Limit: budgets[i].Amount, Booked: expected / 3})
			}
			x := a.Step(now, s)
			slices.Reverse(s.Nodes)
			if y := b.Step(now, s); x.Of(1) != y.Of(1) {
				rt.Fatalf("the multipliers are %v and %v", x.Of(1), y.Of(1))
			}
		}
	})
}

// Given a budget that is slack beside a tight one, then its price stays within
// reach of what rules, and never rules itself.
func TestSlackBudgetsStayWithinReach(t *testing.T) {
	c := newDual(t)
	tight, slack := Budget{Node: 1, Daily: true, Amount: 1e9}, Budget{Node: 2, Daily: true, Amount: 1e15}
	c.Plan([]LineItem{{ID: 1, MaxBid: 1e9, Budgets: []Budget{slack, tight}}})
	now := day0
	for range 300 {
		now = now.Add(time.Minute)
		offered := money.FromFloat(1e10 / c.Lambda(1))
		c.Step(now, Sums{
			LineItems: []Sum{{LineItem: 1, Opportunities: 100, Bids: 100, Offered: offered, Expected: offered}},
			Nodes:     []NodeSum{{NodePeriod: tight.NodePeriod(now), Limit: 1e9}, {NodePeriod: slack.NodePeriod(now), Limit: 1e15}},
		})
	}
	rules, other := c.nodes[1].log, c.nodes[2].log
	if rules < 3 || other > rules || other < rules-slackBelow-maxLogStep {
		t.Errorf("ln lambda is %v beside %v", other, rules)
	}
}

// Given a memory, then a controller goes on as the one that wrote it.
func TestMemoryGoesOn(t *testing.T) {
	c, again := newDual(t), newDual(t)
	playLog(c, aLog(3), 2e12, 1, whole)
	memory, err := c.Memory()
	if err != nil {
		t.Fatal(err)
	}
	end := day0.AddDate(0, 0, 2)
	if err := again.Remember(memory, end, end.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	again.Plan(c.items)
	if a, b := c.Lambda(1), again.Lambda(1); a != b || a == 1 {
		t.Errorf("lambda was %v, is %v", a, b)
	}
	if a, b := c.nodes[1].traffic, again.nodes[1].traffic; a != b {
		t.Error("the traffic was forgotten")
	}
	old := newDual(t)
	if err := old.Remember(memory, end, end.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if old.Plan(c.items); old.Lambda(1) != 1 {
		t.Errorf("lambda is %v a year later", old.Lambda(1))
	}
}

// FuzzRemember: whatever is remembered, prices stay within their bounds.
func FuzzRemember(f *testing.F) {
	c := newDual(f)
	playLog(c, aLog(4), 2e12, 1, whole)
	memory, err := c.Memory()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(memory)
	f.Add(memory[:len(memory)-1])
	f.Add([]byte{0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newDual(t)
		if c.Remember(b, day0, day0) != nil && c.remembered != nil {
			t.Fatal("something was taken over with an error")
		}
		c.Plan([]LineItem{{ID: 1, MaxBid: 100, Budgets: []Budget{{Node: 1, Daily: true, Amount: 1e9}}}})
		for i := range 40 {
			m := c.Step(day0.Add(time.Duration(i)*30*time.Minute), Sums{
				LineItems: []Sum{{LineItem: 1, Opportunities: 100, Bids: 100, Offered: 1e6, Expected: 1e5}},
				Nodes:     []NodeSum{{NodePeriod: event.NodePeriod{Node: 1, Period: 20260310}, Limit: 1e9}},
			})
			if v := m.Of(1); !(v > 0 && v <= 1) {
				t.Fatalf("multiplier %v", v)
			}
		}
	})
}

// BenchmarkStep is a tick of ten thousand line items, each with a budget of its
// own and one of a hundred campaigns'.
func BenchmarkStep(b *testing.B) {
	c, err := NewDual(DualConfig{})
	if err != nil {
		b.Fatal(err)
	}
	const n = 10_000
	var items []LineItem
	var sums Sums
	for i := range n {
		own := Budget{Node: event.NodeID(i + 1), Daily: true, Amount: 1e11}
		campaign := Budget{Node: event.NodeID(n + 1 + i%100), Amount: 1e14, Start: day0, End: day0.AddDate(0, 1, 0)}
		items = append(items, LineItem{ID: event.LineItemID(i + 1), MaxBid: 1e7, Budgets: []Budget{own, campaign}})
		sums.LineItems = append(sums.LineItems, Sum{LineItem: event.LineItemID(i + 1), Opportunities: 20, Bids: 10, Value: 1e8, Offered: 1e7, Expected: 2e6})
		sums.Nodes = append(sums.Nodes, NodeSum{NodePeriod: own.NodePeriod(day0), Limit: own.Amount, Booked: 1e6, Matured: 1e6, Worth: 1e5})
		if i < 100 {
			sums.Nodes = append(sums.Nodes, NodeSum{NodePeriod: campaign.NodePeriod(day0), Limit: campaign.Amount, Booked: 1e8})
		}
	}
	c.Plan(items)
	now := day0
	b.ReportAllocs()
	for b.Loop() {
		if now = now.Add(time.Second); now.Sub(day0) > 23*time.Hour {
			now = day0.Add(time.Hour)
		}
		c.Step(now, sums)
	}
}
