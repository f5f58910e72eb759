package pacing

import (
	"cmp"
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
	maxBid money.Nanos // the highest of its line items, for one impression
}

// standing is how a budget and period stood when it was last looked at.
type standing struct {
	plan    *Plan
	planned money.Nanos // the amount that plan is for

	known bool // the ledger was asked
	stale bool // the catalog changed since
	last  Grant
	spent money.Nanos // account.Spent when it was

	rate                   float64 // nanos of bids per nano of market time, decayed
	demand, matured, worth money.Nanos
	account                Account
	top                    money.Nanos // the highest bid of late
	running                bool
	target                 money.Nanos // what should be available for new bids
	scarce                 bool        // that is its share of what is left

	quiet    int         // ticks without a bid that wanted money
	patience int         // ticks of quiet after which it is idle
	idle     bool        // others may need the money more: all goes back
	dry      int         // ticks in which bids wanted more than there is, and none fitted
	wanted   money.Nanos // the lowest of those
}

const (
	// Ticks over which the demand and the highest bid are remembered.
	rateMemory = 4
	topMemory  = 64
	// Money is ample while so many times what all bidders have in their hands is
	// left to grant. A bidder at rest looks every askEvery ticks, and takes some more
	// to let go; meanwhile others spend what is left.
	amplePart = 8
	// Ticks after which a budget counts as idle, or dry. One whose bids come
	// seldom would give its money back before each: every time that happens it
	// waits twice as long the next time, up to the most.
	leastPatience, mostPatience = 3, 600
)

func newBudgets() *budgets {
	return &budgets{periods: make(map[event.NodePeriod]*standing)}
}

// set takes over a new list of line items.
func (b *budgets) set(items []LineItem) {
	byNode := make(map[event.NodeID]*budget)
	b.all = b.all[:0]
	for i := range items {
		giveWay(i)
		for _, x := range items[i].Budgets {
			n := byNode[x.Node]
			if n == nil {
				n = &budget{Budget: x, hours: items[i].hours()}
				byNode[x.Node] = n
				b.all = append(b.all, n)
			}
			n.hours = n.hours.Union(items[i].hours())
			n.maxBid = max(n.maxBid, items[i].MaxBid)
		}
	}
	for _, s := range b.periods {
		s.plan, s.stale = nil, true
	}
}

func (b *budgets) of(n event.NodePeriod) *standing {
	s := b.periods[n]
	if s == nil {
		s = &standing{account: Account{NodePeriod: n}, patience: leastPatience}
		b.periods[n] = s
	}
	return s
}

// observe takes in how the accounts stand, passed after the last time.
func (b *budgets) observe(accounts []Account, passed time.Duration) {
	for _, a := range accounts {
		s := b.of(a.NodePeriod)
		if passed > 0 {
			s.listen(&a, passed)
			s.demand = a.demand()
		}
		s.account = a
		s.top = max(a.Top, s.top-s.top/topMemory)
	}
}

// demand is what all bids together ever wanted.
func (a *Account) demand() money.Nanos { return a.Opened + a.Refused }

// listen takes in what bids wanted since the last time.
func (s *standing) listen(a *Account, passed time.Duration) {
	more := max(0, a.demand()-s.demand)
	now := float64(more) / float64(passed)
	// Up at once, down slowly: to run dry costs more than to hold on. Where money
	// is ample it goes down by bids, not by time: a pause says nothing of how many
	// come after it.
	if down := (s.rate - now) / rateMemory; down <= 0 {
		s.rate = now
	} else if s.ample() {
		s.rate -= down * now / s.rate
	} else {
		s.rate -= down
	}
	if more > 0 {
		if s.idle {
			s.patience = min(mostPatience, 2*s.patience)
		}
		s.quiet, s.idle = 0, false
	} else {
		s.quiet++
	}
	switch {
	case a.Opened > s.account.Opened:
		s.dry, s.wanted = 0, 0
	case a.Wanted > 0:
		s.dry, s.wanted = s.dry+1, a.Wanted
	}
}

// ample says that the ledger has so much left to grant, beside what all bidders
// have in their hands, that nobody lacks what lies unused here.
func (s *standing) ample() bool {
	return s.known && s.last.Left()/amplePart >= s.last.Outstanding
}

// goesOn returns the rate to ask for tomorrow's first slice by, of this amount: who bids
// now goes on. All bidders ask before any knows what others took. So each keeps to such
// a part of what leaves tomorrow ample as it has of what all have in their hands today.
func (s *standing) goesOn(amount money.Nanos, lead time.Duration) float64 {
	mine := s.account.Granted - s.account.Spent
	if !s.known || mine <= 0 {
		return 0
	}
	part := float64(mine) / float64(max(mine, s.last.Outstanding))
	return min(s.rate, part*float64(amount/(amplePart+1))/float64(lead))
}

// short says that bids wanted more than there is, and that asking for the
// rest is of no use: others have it. The first time the ledger is asked.
func (s *standing) short() bool {
	return s.known && !s.stale && s.dry > 1 && s.account.Available+s.last.Left() < s.wanted
}

// booked returns what was booked by the ledger's last word, and by what this
// bidder has seen settled since.
func (s *standing) booked() money.Nanos { return s.last.Booked + s.account.Spent - s.spent }

// bid returns how high bids are: as seen of late, else as high as they may be for
// one impression.
func (n *budget) bid(s *standing) money.Nanos {
	if top := max(s.top, s.wanted); top > 0 {
		return top
	}
	return n.maxBid
}

// highest returns how high a bid may be: a showing that counts for many impressions
// costs more than the highest bid for one.
func (n *budget) highest(s *standing) money.Nanos { return max(n.maxBid, n.bid(s)) }

// expected returns what the open bids will cost as far as is known.
func (a *Account) expected() money.Nanos {
	k := float64(1 + a.Matured/8) // half of the price until there is much to go by
	ratio := (float64(a.Worth) + k/2) / (float64(a.Matured) + k)
	return a.Pending + money.FromFloat(ratio*float64(a.Young))
}

// strict returns whether a budget has few bids left: then each one counts,
// and expectations are no help. It goes by what nobody has been billed yet, not
// by what is left here: of a budget that many bidders share each has little at
// hand, and what they expect together comes true all the same.
func (n *budget) strict(s *standing, bids int) bool {
	return s.known && s.last.Limit-s.booked() < money.Nanos(bids)*n.bid(s)
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
			NodePeriod: n, Limit: s.last.Limit, Booked: s.booked(), Own: a.Spent,
			Pending: a.Pending, Young: a.Young,
			Matured: a.Matured - s.matured, Worth: a.Worth - s.worth,
		})
		s.matured, s.worth = a.Matured, a.Worth
	}
	// Yesterday's bids tell what bids cost before today's price moves, always.
	slices.SortFunc(all, func(a, b NodeSum) int { return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Period, b.Period)) })
	return all
}
