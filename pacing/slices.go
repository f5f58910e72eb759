package pacing

import (
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

const (
	// A budget at rest asks for its balance every so many ticks.
	askEvery = 16
	// The pacer lets spending get ahead of the plan by this part of the budget
	// or this many bids, whatever the controller says.
	aheadPart, aheadBids = 8, 20
	// A slice is for at least this many of the highest bids; the first one,
	// when nothing is known of the demand, for more: a handful of bids should
	// not have to wait for a tick each.
	leastBids, firstBids = 2, 8
	// The last of a budget, of which nobody keeps more than the next bids need.
	lastPart = 8
	// A budget that has less than this many of the highest bids left to grant
	// is scarce: nobody may sit on it.
	scarceBids = 64
)

// wants returns what to ask the ledger for, and sets what each budget should
// have at hand. turn makes budgets at rest ask how they stand now and then.
func (b *budgets) wants(now time.Time, lead time.Duration, turn int, planner Planner, sharer Sharer) []Want {
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
			if at != now {
				s.quiet = 0 // as nobody can bid yet
				if today := b.periods[n.NodePeriod(now)]; !s.known && today != nil {
					s.rate = today.goesOn(n.Amount, lead)
				}
			}
			s.running, s.target = true, n.target(s, now, lead, planner)
			s.share(sharer, n.bid(s))
			want := max(0, s.target-s.account.Available)
			// Whole bids at least: crumbs would cost a transaction each.
			if want < s.target/4 && s.account.Available >= n.highest(s) || s.short() {
				want = 0
			}
			ask := !s.known || s.stale || s.dry > 0 || s.account.Held > 0 ||
				s.quiet+1 == s.patience || (i+turn)%askEvery == 0
			if want > 0 || ask {
				wants = append(wants, Want{np, want})
			}
		}
	}
	return wants
}

// target returns how much should be available for new bids.
func (n *budget) target(s *standing, now time.Time, lead time.Duration, planner Planner) money.Nanos {
	amount := n.Amount
	if s.known && (!s.stale || n.Balance) {
		amount = s.last.Limit
	}
	if s.plan == nil || s.planned != amount {
		x := n.Budget
		x.Amount = amount
		s.plan, s.planned = NewPlan(x, n.hours, s.account.Period), amount
	}
	scarce := n.scarce(s)
	if s.quiet >= s.patience && scarce {
		s.idle = true // until a bid wants money again
	}
	planned, ok := money.Nanos(0), false
	if planner != nil {
		planned, ok = planner.Planned(s.account.NodePeriod, amount, now.Add(lead))
	}
	if !ok {
		planned = s.plan.At(now.Add(lead))
	}
	room := planned + max(amount/aheadPart, aheadBids*n.bid(s)) -
		s.booked() - s.account.expected()
	least := leastBids * n.highest(s)
	switch {
	case room <= 0 || s.idle:
		return 0
	case !s.known:
		least = firstBids * n.maxBid
	case scarce:
		least = leastBids * n.bid(s)
	}
	return max(least, min(room, money.FromFloat(s.rate*float64(lead))))
}

// share keeps the target to this bidder's share of what nobody was billed, or
// one bid, and says whether that is less than it would have: then the others
// lack what is too much here.
func (s *standing) share(of Sharer, bid money.Nanos) {
	s.scarce = false
	if of == nil || !s.known {
		return
	}
	part := of.Share(s.account.Node)
	if part >= 1 {
		return
	}
	fair := max(bid, money.FromFloat(part*float64(s.last.Limit-s.booked()))-s.account.Held)
	if s.scarce = fair < s.target; s.scarce {
		s.target = fair
	}
}

// scarce says whether what is left to grant is so little that other bidders
// may be waiting for what is at hand here.
func (n *budget) scarce(s *standing) bool {
	return s.known && s.last.Left() < scarceBids*n.highest(s)
}

// surplus returns the periods that have more available than they should, with
// what they keep. Everything goes back when the day or flight is over, when
// nobody wants it here and it is scarce, and when it is too little for the
// bids that want it while the rest is in other hands. Of the last of a budget
// any surplus does: others may be waiting for it. What goes beyond a
// budget that was cut goes back at once. One that is ahead of its plan keeps
// what it has, as it will want it again.
func (b *budgets) surplus() (keep []Want) {
	for n, s := range b.periods {
		have, most := s.account.Available, money.Cap
		switch {
		case !s.running || s.idle || s.dry >= leastPatience && s.short():
			most = 0
		case s.target > 0 && (have > 4*s.target || (s.scarce || s.ending()) && have > s.target+s.target/4):
			most = s.target
		}
		if over := s.last.Booked + s.last.Outstanding - s.last.Limit; s.known && over > 0 {
			most = min(most, max(0, have-over))
		}
		if have > most {
			keep = append(keep, Want{n, most})
		}
	}
	slices.SortFunc(keep, func(a, b Want) int { return int(min(1, max(-1, a.Node-b.Node))) })
	return keep
}

// ending says that a budget is all but booked, and the ledger has less than a
// slice of it left to grant.
func (s *standing) ending() bool {
	return s.known && s.last.Left() < s.target && s.last.Booked > s.last.Limit-s.last.Limit/lastPart
}

// granted takes in the ledger's answer.
func (b *budgets) granted(g Grant) {
	s := b.of(g.NodePeriod)
	s.last, s.known, s.stale, s.spent = g, true, false, s.account.Spent
	s.account.Available += g.Amount
	s.account.Granted += g.Amount
}

// gaveBack takes in what goes back to the ledger.
func (b *budgets) gaveBack(n Want) {
	s := b.of(n.NodePeriod)
	s.last.Outstanding -= n.Amount
	s.account.Available -= n.Amount
	s.account.Granted -= n.Amount
}
