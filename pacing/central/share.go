package central

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// shares is what part of each budget's traffic a bidder takes for its own.
//
// While the controller is heard it says how much all bidders meet. Then, and
// if it was never heard, there is still the ledger: what all bidders booked of
// a budget, and what this one did.
type shares struct {
	window time.Duration
	of     map[event.NodeID]*share
}

type share struct {
	told   float64 // by the last word; 1 before there was one
	period event.Period
	booked pacing.NodeSum // as it was at the last tick

	// Booked since the last word, by this bidder and by all, the older the less.
	own, all, limit float64
}

const (
	leastShare = 1e-3
	// So many opportunities in a window a budget's traffic must have to be
	// told from that of all budgets together.
	thinTraffic = 20
	// Parts of a budget: what is booked since the last word counts as much as
	// that word when it comes to doubt, and is forgotten after memory.
	bookedDoubt, bookedMemory = 0.005, 0.02
)

func newShares(window time.Duration) *shares {
	return &shares{window: window, of: map[event.NodeID]*share{}}
}

// plan forgets budgets that no line item names.
func (s *shares) plan(items []pacing.LineItem) {
	of := make(map[event.NodeID]*share, len(s.of))
	for i := range items {
		for _, b := range items[i].Budgets {
			if of[b.Node] = s.of[b.Node]; of[b.Node] == nil {
				of[b.Node] = &share{told: 1}
			}
			s.of[b.Node] = of[b.Node]
		}
	}
	s.of = of
}

// tell takes in how much all bidders meet, beside what this one does.
func (s *shares) tell(all map[event.NodeID]heardPrice, own *flows) {
	var mine, theirs float64
	for n, p := range all {
		if s.of[n] != nil {
			mine += own.rate(n)
			theirs += p.rate
		}
	}
	if theirs <= 0 {
		return
	}
	overall := clampShare(mine / theirs)
	thin := thinTraffic / s.window.Seconds()
	for n, x := range s.of {
		if p, ok := all[n]; ok {
			x.told = clampShare((own.rate(n) + thin*overall) / (p.rate + thin))
		}
		x.own, x.all = 0, 0
	}
}

// observe takes in what was booked.
func (s *shares) observe(nodes []pacing.NodeSum) {
	for i := range nodes {
		n := &nodes[i]
		x := s.of[n.Node]
		if x == nil || n.Period < x.period {
			continue // a bill of yesterday tells nothing of now
		}
		if own, all := n.Own-x.booked.Own, n.Booked-x.booked.Booked; n.Period == x.period && own >= 0 && all >= 0 {
			x.own, x.all = x.own+float64(own), x.all+float64(all)
			if most := bookedMemory * float64(n.Limit); x.all > most && most > 0 {
				x.own, x.all = x.own*most/x.all, most
			}
		}
		x.period, x.booked, x.limit = n.Period, *n, float64(n.Limit)
	}
}

// node returns the share of a budget's traffic, within (0, 1].
func (s *shares) node(n event.NodeID) float64 {
	x := s.of[n]
	if x == nil {
		return 1
	}
	doubt := max(1, bookedDoubt*x.limit)
	return clampShare((x.own + doubt*x.told) / (x.all + doubt))
}

func clampShare(s float64) float64 { return min(1, max(leastShare, s)) }

// mean returns the mean share of all budgets.
func (s *shares) mean() float64 {
	sum := 0.0
	for n := range s.of {
		sum += s.node(n)
	}
	return sum / max(1, float64(len(s.of)))
}
