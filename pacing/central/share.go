package central

import (
	"math"
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
	of     float64 // by the last word and what was booked since; 1 at first
	weight float64 // nanos of bookings that it counts as much as
	doubt  float64 // weight of the 1 at first
	period event.Period
	booked pacing.NodeSum // as it was at the last tick
}

const (
	leastShare = 1e-3
	// So many opportunities in a window a budget's traffic must have to be
	// told from that of all budgets together.
	thinTraffic = 20
	// The share follows what is booked over this part of a budget.
	bookedMemory = 0.1
	// Before anything was heard or booked the bidder is alone, until so many
	// impressions at the highest bid are.
	aloneBids = 20
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
				of[b.Node] = &share{of: 1}
			}
			x := of[b.Node]
			s.of[b.Node] = x
			x.doubt = max(x.doubt, aloneBids*float64(items[i].MaxBid))
		}
	}
	s.of = of
}

// tell takes in how much all bidders meet, beside what this one does.
func (s *shares) tell(all map[pacing.PriceKey]heardPrice, own *flows) {
	var mine, theirs float64
	for k, p := range all {
		if s.of[k.Node] != nil {
			mine += own.rate(k.Node)
			theirs += p.rate
		}
	}
	if theirs <= 0 {
		return
	}
	overall := clampShare(mine / theirs)
	thin := thinTraffic / s.window.Seconds()
	for n, x := range s.of {
		if p, ok := all[pacing.PriceKey{Node: n}]; ok {
			x.of = clampShare((own.rate(n) + thin*overall) / (p.rate + thin))
			x.weight = math.Inf(1) // as much as can be, see observe
		}
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
		if own, all := n.Own-x.booked.Own, n.Booked-x.booked.Booked; n.Period == x.period && own >= 0 && all > 0 {
			x.weight = min(max(x.weight, x.doubt), bookedMemory*float64(n.Limit)) + float64(all)
			x.of += (float64(own) - x.of*float64(all)) / x.weight
		}
		x.period, x.booked = n.Period, *n
	}
}

// node returns the share of a budget's traffic, within (0, 1].
func (s *shares) node(n event.NodeID) float64 {
	if x := s.of[n]; x != nil {
		return clampShare(x.of)
	}
	return 1
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
