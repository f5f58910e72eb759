//go:build !race

package pacing

import (
	"container/heap"
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// market is a second-price exchange with a day's shape, log-normal prices and
// values, and notices that come late. It plays against the code that bids in
// production: Pacer, Holds and the controller, on a clock that it drives.
type market struct {
	t       *testing.T
	rng     *rand.Rand
	clock   *clock.Manual
	ledger  *memLedger
	pacer   *Pacer
	items   []LineItem
	ids     *event.BidIDs
	coming  notices
	perTick float64 // mean auctions per tick
	price   float64 // median of the highest other bid, nanos
	delay   time.Duration
	silent  bool // no win notices, no loss notices
	shape   func(time.Time) float64
	outcome func(landscape.Outcome) // of bids, to learn from; nil: nobody does

	overrun  money.Nanos
	billed   map[event.NodePeriod]money.Nanos
	censored int
	worst    float64 // distance of the spend to the plan, in parts of the budget
}

type notice struct {
	at    time.Time
	bid   event.BidID
	price money.Nanos
	kind  event.Kind
	nodes []event.NodePeriod
}

type notices []notice

func (n notices) Len() int           { return len(n) }
func (n notices) Less(i, j int) bool { return n[i].at.Before(n[j].at) }
func (n notices) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *notices) Push(x any)        { *n = append(*n, x.(notice)) }
func (n *notices) Pop() any          { o := *n; x := o[len(o)-1]; *n = o[:len(o)-1]; return x }

const simTick = 2 * time.Minute

func newMarket(t *testing.T, start time.Time, items []LineItem) *market {
	m := &market{
		t: t, rng: rand.New(rand.NewPCG(1, 2)), clock: clock.NewManual(start), ledger: newMemLedger(), items: items,
		perTick: 40, price: 1e6, delay: 2 * time.Minute, billed: map[event.NodePeriod]money.Nanos{},
		shape: func(at time.Time) float64 { return 1 + 0.7*math.Sin(2*math.Pi*float64(at.Hour()*60+at.Minute())/1440) },
	}
	for _, li := range items {
		for _, b := range li.Budgets {
			m.ledger.limits[b.Node] = b.Amount
		}
	}
	m.start()
	return m
}

func (m *market) start() {
	p, err := New(context.Background(), Config{
		Name: "sim", Ledger: m.ledger, Clock: m.clock, Lease: 10 * simTick, Lead: 2 * simTick, Holds: HoldsConfig{Outcome: m.outcome},
		LineItems: func() (uint64, []LineItem) { return 1, m.items },
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.pacer, m.ids = p, event.NewBidIDs(p.Incarnation())
}

// run plays until the clock shows end.
func (m *market) run(end time.Time) {
	for m.clock.Now().Before(end) {
		if err := m.pacer.Step(context.Background()); err != nil {
			m.t.Fatal(err)
		}
		now := m.clock.Now()
		n := m.perTick * m.shape(now)
		for i := range int(n) {
			m.auction(now.Add(time.Duration(float64(simTick) * float64(i) / n)))
		}
		m.clock.Advance(simTick)
		m.deliver(m.clock.Now())
	}
}

// auction offers one imp to a random line item.
func (m *market) auction(now time.Time) {
	li := &m.items[m.rng.IntN(len(m.items))]
	var nodes []event.NodePeriod
	for i := range li.Budgets {
		if !li.Budgets[i].Running(now) || !li.hours().Has(now) {
			return
		}
		nodes = append(nodes, li.Budgets[i].NodePeriod(now))
	}
	value := m.price * math.Exp(0.5+m.rng.NormFloat64()*0.8)
	price := min(li.MaxBid, money.FromFloat(value*m.pacer.Load().Of(li.ID)))
	counter := m.pacer.Collector().Of(li.ID)
	counter.Opportunity(value)
	id := m.ids.Next()
	t := Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: time.Hour}
	if !m.pacer.Holds().Hold(id, nodes, price, t, now) {
		counter.Censored(price, price)
		m.censored++
		return
	}
	counter.Bid(price, price)
	other := money.FromFloat(m.price * math.Exp(m.rng.NormFloat64()*0.7))
	after := func() time.Time { return now.Add(time.Duration(m.rng.ExpFloat64() * float64(m.delay))) }
	if other >= price {
		if !m.silent && m.rng.Float64() < 0.5 {
			heap.Push(&m.coming, notice{at: now.Add(time.Second), bid: id, kind: event.KindLoss})
		}
		return
	}
	if !m.silent {
		heap.Push(&m.coming, notice{at: now.Add(time.Second), bid: id, kind: event.KindWin, price: other})
	}
	if m.rng.Float64() < 0.9 { // some wins are never rendered
		heap.Push(&m.coming, notice{at: after(), bid: id, kind: event.KindBilling, price: other, nodes: nodes})
	}
}

func (m *market) deliver(now time.Time) {
	for len(m.coming) > 0 && !m.coming[0].at.After(now) {
		n := heap.Pop(&m.coming).(notice)
		switch n.kind {
		case event.KindLoss:
			m.pacer.Holds().Lost(n.bid, n.at)
		case event.KindWin:
			m.pacer.Holds().Won(n.bid, n.price, n.at)
		case event.KindBilling:
			m.overrun += m.ledger.book(n.bid, n.price, n.nodes...)
			for _, np := range n.nodes {
				m.billed[np] += n.price
			}
		}
	}
}

// finish lets every notice arrive.
func (m *market) finish() { m.deliver(m.clock.Now().Add(24 * time.Hour)) }

func TestToyCheck07SpendFollowsThePlan(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		amount money.Nanos
		change func(*market)
	}{
		"eighth of the traffic":                {5000e6, nil},
		"no win or loss notices":               {5000e6, func(m *market) { m.silent = true }},
		"bills after half an hour, no notices": {5000e6, func(m *market) { m.delay, m.silent = 30*time.Minute, true }},
		"a thousand impressions":               {1000e6, nil},
		"traffic in the evening only":          {5000e6, func(m *market) { m.shape = func(at time.Time) float64 { return float64(at.Hour()/12) * 2 } }},
		"prices double half way through": {5000e6, func(m *market) {
			m.shape = func(at time.Time) float64 { m.price = 1e6 * float64(1+at.Hour()/12); return 1 }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMarket(t, midnight, []LineItem{dailyItem(1, c.amount)})
			if c.change != nil {
				c.change(m)
			}
			plan := NewPlan(m.items[0].Budgets[0], Hours{}, day)
			np := event.NodePeriod{Node: 1, Period: day}
			for h := range 24 {
				m.run(midnight.Add(time.Duration(h+1) * time.Hour))
				off := float64(m.billed[np]-plan.At(m.clock.Now())) / float64(c.amount)
				m.worst = max(m.worst, math.Abs(off))
			}
			m.finish()
			used := float64(m.billed[np]) / float64(c.amount)
			t.Logf("used %.4f, furthest from the plan %.3f, censored %d, overrun %d, lambda %.2f", used, m.worst, m.censored, m.overrun, 1/m.pacer.Load().Of(1))
			if used < 0.97 || used > 1 || m.overrun != 0 {
				t.Errorf("%.4f of the budget was used, overrun %d; want at least 0.97 and none", used, m.overrun)
			}
			// Spending starts at lambda = 1, full holds and nothing learned.
			if name != "traffic in the evening only" && m.worst > 0.1 {
				t.Errorf("spend was off its plan by %.3f of the budget", m.worst)
			}
		})
	}
}

// TestKillInTheMiddleKeepsTheBudget kills the bidder at noon. What it held is
// its own until its horizon; its successor spends the rest.
func TestKillInTheMiddleKeepsTheBudget(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	m := newMarket(t, midnight, []LineItem{dailyItem(1, 5000e6)})
	m.run(midnight.Add(12 * time.Hour))
	m.start()
	m.run(midnight.Add(24 * time.Hour))
	m.finish()
	used := float64(m.billed[event.NodePeriod{Node: 1, Period: day}]) / 5000e6
	if used < 0.9 || used > 1 || m.overrun != 0 {
		t.Errorf("used %.4f, overrun %d", used, m.overrun)
	}
}

// TestSharedBudgetsAndMidnight runs two line items under one campaign's
// lifetime budget, one with a daily budget of its own, over two days.
func TestSharedBudgetsAndMidnight(t *testing.T) {
	midnight := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	end := midnight.Add(48 * time.Hour)
	campaign := Budget{Node: 9, Amount: 4000e6, Start: midnight, End: end}
	capped := dailyItem(1, 500e6)
	capped.Budgets = append(capped.Budgets, campaign)
	m := newMarket(t, midnight, []LineItem{capped, {ID: 2, MaxBid: 20e6, Budgets: []Budget{campaign}}})
	m.run(end)
	m.finish()
	for d := range event.Period(2) {
		if used := float64(m.billed[event.NodePeriod{Node: 1, Period: day + d}]) / 500e6; used < 0.9 || used > 1 {
			t.Errorf("day %d: %.4f of the line item's budget was used", d, used)
		}
	}
	if used := float64(m.billed[event.NodePeriod{Node: 9}]) / 4000e6; used < 0.97 || used > 1 || m.overrun != 0 {
		t.Errorf("%.4f of the campaign's budget was used, overrun %d", used, m.overrun)
	}
	for _, s := range m.ledger.slices[1] {
		if left := s.Granted - s.Returned - s.Booked; s.Period == day && left != 0 {
			t.Errorf("%d of the first day's slice were never returned", left)
		}
	}
}
