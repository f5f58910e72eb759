package pacing

import (
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// budgets is what the pacer knows of every budget that a line item names.
type budgets struct {
	all     []*budget
	periods map[event.NodePeriod]*standing
}

// budget is one node of the catalog.
type budget struct {
	Budget
	hours  Hours
	maxBid money.Nanos // the highest of its line items
}

// standing is how a budget and period stood when it was last looked at.
type standing struct {
	plan    *Plan
	planned money.Nanos // the amount that plan is for

	known bool // the ledger was asked
	last  Grant
	spent money.Nanos // account.Spent when it was

	rate                   float64 // nanos of bids per nano of market time, decayed
	demand, matured, worth money.Nanos
	account                Account
	top                    money.Nanos // the highest bid of late
	running                bool
	target                 money.Nanos // what should be available for new bids
}

// Ticks over which the demand and the highest bid are remembered.
const (
	rateMemory = 4
	topMemory  = 64
)

func newBudgets() *budgets {
	return &budgets{periods: make(map[event.NodePeriod]*standing)}
}

// set takes over a new list of line items.
func (b *budgets) set(items []LineItem) {
	byNode := make(map[event.NodeID]*budget)
	b.all = b.all[:0]
	for i := range items {
		for _, x := range items[i].Budgets {
			n := byNode[x.Node]
			if n == nil {
				n = &budget{Budget: x, hours: items[i].Hours}
				byNode[x.Node] = n
				b.all = append(b.all, n)
			}
			n.hours = n.hours.Union(items[i].Hours)
			n.maxBid = max(n.maxBid, items[i].MaxBid)
		}
	}
	for _, s := range b.periods {
		s.plan = nil
	}
}

func (b *budgets) of(n event.NodePeriod) *standing {
	s := b.periods[n]
	if s == nil {
		s = &standing{account: Account{NodePeriod: n}}
		b.periods[n] = s
	}
	return s
}

// observe takes in how the accounts stand, passed after the last time.
func (b *budgets) observe(accounts []Account, passed time.Duration) {
	for _, a := range accounts {
		s := b.of(a.NodePeriod)
		demand := a.Opened + a.Refused
		if passed > 0 {
			now := float64(max(0, demand-s.demand)) / float64(passed)
			// Up at once, down slowly: to run dry costs more than to hold on.
			s.rate = max(now, s.rate+(now-s.rate)/rateMemory)
		}
		s.demand, s.account = demand, a
		s.top = max(a.Top, s.top-s.top/topMemory)
	}
}

// wants returns what to ask the ledger for, and sets what each budget should
// have at hand. turn makes budgets at rest ask how they stand now and then.
func (b *budgets) wants(now time.Time, lead time.Duration, turn int) []Want {
	for _, s := range b.periods {
		s.running, s.target = false, 0
	}
	var wants []Want
	for i, n := range b.all {
		// A little before midnight tomorrow's slices are asked for too, so
		// that the first bids of the day find money.
		for _, at := range []time.Time{now, now.Add(lead)} {
			np := n.NodePeriod(at)
			if at != now && np == n.NodePeriod(now) || !n.Running(at) {
				continue
			}
			s := b.of(np)
			s.running, s.target = true, n.target(s, now, lead)
			want := max(0, s.target-s.account.Available)
			// Whole bids at least: crumbs would cost a transaction each.
			if want < s.target/4 && s.account.Available >= n.maxBid {
				want = 0
			}
			if want > 0 || !s.known || s.account.Held > 0 || (i+turn)%askEvery == 0 {
				wants = append(wants, Want{np, want})
			}
		}
	}
	return wants
}

const (
	// A budget at rest asks for its balance every so many ticks.
	askEvery = 16
	// The pacer lets spending get ahead of the plan by this part of the budget
	// or this many bids, whatever the controller says.
	aheadPart, aheadBids = 20, 20
	// A slice is for at least this many of the highest bids.
	leastBids = 2
)

// target returns how much should be available for new bids.
func (n *budget) target(s *standing, now time.Time, lead time.Duration) money.Nanos {
	amount := n.Amount
	if s.known {
		amount = s.last.Limit
	}
	if s.plan == nil || s.planned != amount {
		x := n.Budget
		x.Amount = amount
		s.plan, s.planned = NewPlan(x, n.hours, s.account.Period), amount
	}
	room := s.plan.At(now.Add(lead)) + max(amount/aheadPart, aheadBids*n.bid(s)) -
		s.booked() - s.account.expected()
	if room <= 0 {
		return 0
	}
	return max(leastBids*n.maxBid, min(room, money.FromFloat(s.rate*float64(lead))))
}

// booked returns what was booked by the ledger's last word, and by what this
// bidder has seen settled since.
func (s *standing) booked() money.Nanos { return s.last.Booked + s.account.Spent - s.spent }

// bid returns how high bids are: as seen of late, else as high as they may be.
func (n *budget) bid(s *standing) money.Nanos {
	if s.top > 0 {
		return min(s.top, n.maxBid)
	}
	return n.maxBid
}

// expected returns what the open bids will cost as far as is known.
func (a *Account) expected() money.Nanos {
	k := float64(1 + a.Matured/8) // half of the price until there is much to go by
	ratio := (float64(a.Worth) + k/2) / (float64(a.Matured) + k)
	return a.Pending + money.FromFloat(ratio*float64(a.Young))
}

// granted takes in the ledger's answer.
func (b *budgets) granted(g Grant) {
	s := b.of(g.NodePeriod)
	s.last, s.known, s.spent = g, true, s.account.Spent
	s.account.Available += g.Amount
	s.account.Granted += g.Amount
}

// strict returns whether a budget has few bids left: then each one counts,
// and expectations are no help.
func (n *budget) strict(s *standing, bids int) bool {
	left := s.last.Left() + s.account.Available + s.account.Held
	return s.known && left < money.Nanos(bids)*n.bid(s)
}

// surplus returns the periods that have much more available than they need,
// with what they should keep: nothing when their day or flight is over. One
// that is ahead of its plan keeps what it has, as it will want it again.
func (b *budgets) surplus() (keep []Want) {
	for n, s := range b.periods {
		if a := s.account.Available; a > 0 && (!s.running || s.target > 0 && a > 4*s.target) {
			keep = append(keep, Want{n, s.target})
		}
	}
	slices.SortFunc(keep, func(a, b Want) int { return int(min(1, max(-1, a.Node-b.Node))) })
	return keep
}

// sums returns how every known budget stands, for the controller.
func (b *budgets) sums() []NodeSum {
	all := make([]NodeSum, 0, len(b.periods))
	for n, s := range b.periods {
		if !s.known {
			continue
		}
		a := &s.account
		all = append(all, NodeSum{
			NodePeriod: n, Limit: s.last.Limit, Booked: s.booked(),
			Pending: a.Pending, Young: a.Young,
			Matured: a.Matured - s.matured, Worth: a.Worth - s.worth,
		})
		s.matured, s.worth = a.Matured, a.Worth
	}
	return all
}
