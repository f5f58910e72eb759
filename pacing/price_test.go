package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// paced is one daily budget that is played minute by minute, with the same
// traffic and demand every minute.
type paced struct {
	*Dual
	at     time.Time
	amount money.Nanos
	node   NodeSum
}

// newPaced has a controller half of whose bids' prices is expected, and billed, and
// that knows it.
func newPaced(t testing.TB) *paced {
	const amount = 1440 * money.Unit
	p := &paced{Dual: newDual(t), at: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), amount: amount}
	p.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: amount}}}})
	p.node = NodeSum{NodePeriod: event.NodePeriod{Node: 1, Period: day}, Limit: amount}
	p.Step(p.at, Sums{})
	return p
}

// minute bids so much of a minute's share of the budget, expected cost.
func (p *paced) minute(demand float64) {
	p.at = p.at.Add(time.Minute)
	expected := money.FromFloat(demand * float64(p.amount) / 1440)
	n := p.node
	n.Matured, n.Worth = 2*expected, expected
	p.Step(p.at, Sums{
		LineItems: []Sum{{LineItem: 1, Opportunities: 100, Bids: 10, Value: 1e9, Offered: 2 * expected, Expected: expected}},
		Nodes:     []NodeSum{n},
	})
}

// passed is the part of the day that has passed.
func (p *paced) passed() float64 {
	return p.at.Sub(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)).Hours() / 24
}

// Money is gone whether it is booked, pending, or held by bids that are so young
// that only the calibration says what they will cost: the price is the same.
func TestWhatIsBookedPendingOrYoungIsSpent(t *testing.T) {
	const gone = 200 * money.Unit
	lambda := func(set func(*NodeSum)) float64 {
		p := newPaced(t)
		set(&p.node)
		for range 60 {
			p.minute(1.2)
		}
		return p.Lambda(1)
	}
	none := lambda(func(*NodeSum) {})
	booked := lambda(func(n *NodeSum) { n.Booked = gone })
	if booked < 1.05*none {
		t.Fatalf("lambda is %v with nothing booked, %v with %v booked", none, booked, gone)
	}
	for name, set := range map[string]func(*NodeSum){
		"pending":               func(n *NodeSum) { n.Pending = gone },
		"young, at half":        func(n *NodeSum) { n.Young = 2 * gone },
		"a part of each of all": func(n *NodeSum) { n.Booked, n.Pending, n.Young = gone/2, gone/4, gone/2 },
	} {
		if got := lambda(set); math.Abs(got/booked-1) > .001 {
			t.Errorf("lambda is %v where it is %s, %v where it is booked", got, name, booked)
		}
	}
}

// The price moves the more for the same error the nearer the end of the plan is,
// and moves on there, but the next day begins at what held before.
func TestThePriceMovesFastAtTheEndAndIsNotKept(t *testing.T) {
	move := func(until float64) (first, steady, learned float64) {
		p := newPaced(t)
		for p.passed() < until {
			p.node.Booked = money.FromFloat(p.passed() * float64(p.amount))
			p.minute(1)
		}
		d := p.nodes[1]
		before := d.log
		steady = d.steady
		p.minute(1.5)
		first = d.log - before
		for range 4 {
			p.minute(1.5)
		}
		return first, steady, d.steady
	}
	middle, _, _ := move(.5)
	end, before, after := move(.993)
	if middle <= 0 || end < 5*middle {
		t.Errorf("ln lambda moves by %.4f in the middle of the day and by %.4f at its end", middle, end)
	}
	if before != after {
		t.Errorf("the steady price moved from %v to %v in the last minutes", before, after)
	}
	// nor where money is left
	p := newPaced(t)
	for p.passed() < .97 {
		p.node.Booked = money.FromFloat(min(.9, p.passed()) * float64(p.amount))
		p.minute(1)
	}
	d := p.nodes[1]
	before = d.steady
	for range 5 {
		p.minute(40)
	}
	if d.log <= before || d.steady != before {
		t.Errorf("ln lambda is %v in the last minutes, the steady one went from %v to %v", d.log, before, d.steady)
	}
}

// Where the money has all but run out, though the day has not, the price is what
// it would have lasted at: it follows what an even day could spend, and the next
// day begins there.
func TestThePriceOfGoneMoneyIsTomorrows(t *testing.T) {
	for name, spent := range map[string]float64{"next to nothing is left": .99, "all is booked": 1, "more is held than there is": 1.01} {
		p := newPaced(t)
		for range 100 {
			p.minute(1)
		}
		d := p.nodes[1]
		d.log, d.steady = 4, 4
		p.node.Booked = money.FromFloat(spent * float64(p.amount))
		for range 10 {
			p.minute(1)
		}
		if math.Abs(d.log-4) > .01 || math.Abs(d.steady-4) > .01 {
			t.Errorf("%s: ln lambda went to %.3f, the steady one to %.3f, at bids for which the money would have lasted", name, d.log, d.steady)
		}
		for range 400 {
			p.minute(2)
		}
		if d.log < 5 || d.steady < 4.7 {
			t.Errorf("%s: ln lambda went to %.3f, the steady one to %.3f, at bids twice as dear as that", name, d.log, d.steady)
		}
	}
}

// Bids that found no money are bids, for the mean that the calibration goes by; and
// what yesterday's bids came to tells what today's cost.
func TestCensoredBidsAndYesterdaysCount(t *testing.T) {
	c := newDual(t)
	c.Plan([]LineItem{dailyItem(1, 1000e6)})
	c.Step(noon, Sums{})
	c.Step(noon.Add(time.Second), Sums{
		LineItems: []Sum{{LineItem: 1, Opportunities: 9, Bids: 2, Censored: 3, Offered: 500, Expected: 100}},
		Nodes: []NodeSum{
			{NodePeriod: event.NodePeriod{Node: 1, Period: day - 1}, Limit: 1000e6, Matured: 700, Worth: 70},
			{NodePeriod: today, Limit: 1000e6},
		},
	})
	cal := &c.nodes[1].cal
	if got := cal.bid(1e9); got != 100 {
		t.Errorf("five bids of 500 together are taken for bids of %v each", got)
	}
	if cal.ForeseenAll != 350 || cal.WorthAll != 70 { // half of 700, as nothing was known of prices
		t.Errorf("yesterday's bids were taken to cost %v and cost %v, want 350 and 70", cal.ForeseenAll, cal.WorthAll)
	}
}

// Before anything was billed a bid is taken to cost what the landscape says, and
// half of its price where that knows no more than the price.
func TestCalibrationBeginsWithTheLandscape(t *testing.T) {
	for _, c := range []struct{ offered, expected, want float64 }{{100, 100, .5}, {100, 30, .3}, {0, 0, .5}} {
		var cal calibration
		cal.offered(c.offered, c.expected, 1)
		if cost := cal.perPrice(100); math.Abs(cost-c.want) > 1e-9 {
			t.Errorf("of %v offered and %v expected each price is taken to cost %v, want %v", c.offered, c.expected, cost, c.want)
		}
	}
}

// What a day tells of the level of traffic holds for the days after it.
func TestLaterDaysHaveTheLevelOfThisOne(t *testing.T) {
	f := forecast{known: true}
	for h := range f.before {
		f.before[h] = float64(100 * h) // a hundred an hour
	}
	var o outlook
	o.begin(0)
	o.Level, o.Looked = 2, true
	midnight, end := 24*hour, 72*hour
	if got, want := o.left(&f, 12*int64(hour), int64(midnight), int64(end)), 1200.+2*4800; math.Abs(got-want) > 1e-6 {
		t.Errorf("%v are left of half a day and two days, want %v", got, want)
	}
}

// What an exchange was learned to bill late is a share of what was foreseen, the
// part that was billed included; and the reserve has the spread beside it.
func TestLateSharesAndTheirSpread(t *testing.T) {
	const n, k, price = 400, 2, 1000
	m := newLateMarket(t, 1<<40)
	for range 48 {
		m.hour(n, k, price)
	}
	if got := m.late[terms.Exchange].share[ageOf(terms.Horizon)]; got < .4 || got > .65 {
		t.Errorf("half is billed late: the share is %.2f", got)
	}
	for range n {
		m.seq++
		m.Hold(bid(m.seq), []event.NodePeriod{life}, price, terms, m.now)
	}
	m.Tick(m.now.Add(terms.Horizon))
	a := m.accounts.of(life)
	if spread := 3 * math.Sqrt(a.coming*price); a.reserved < a.coming+.9*spread {
		t.Errorf("%.0f are reserved for bills of %.0f, want %.0f more", a.reserved, a.coming, spread)
	}
}

// A bidder's share of what is left to bill has what it holds in it.
func TestTheShareOfABidderHasItsHoldsInIt(t *testing.T) {
	s := &standing{known: true, target: 900, last: Grant{Limit: 1000, Booked: 200}}
	s.account.Held = 150
	s.share(quarter{}, 10)
	if want := money.Nanos(800/4 - 150); s.target != want || !s.scarce {
		t.Errorf("%d should be at hand of a share of 200, of which 150 are held; want %d", s.target, want)
	}
	s.account.Held, s.target = 500, 900
	if s.share(quarter{}, 10); s.target != 10 {
		t.Errorf("%d should be at hand beyond the share, want one bid", s.target)
	}
}

type quarter struct{}

func (quarter) Share(event.NodeID) float64 { return .25 }

// A line item that spent far more than its outcomes allow bids less than its limit
// until it has made up for that.
func TestWhatIsOwedLowersTheLimit(t *testing.T) {
	var l limits
	l.set([]LineItem{{ID: 1, CostLimit: .5, OutcomeCost: 100}})
	x := l.items[1]
	x.logit = limitLogit // the limit alone rules
	at := l.multiplier(1, 1)
	x.saw = Observed{Spent: 1e9}
	if owing := l.multiplier(1, 1); owing > .55*at || owing < .4*at {
		t.Errorf("it bids %v of values where it owes, %v where it does not", owing, at)
	}
}
