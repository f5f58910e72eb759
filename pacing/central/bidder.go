package central

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// bidder is what the controller has heard of one start of a bidder.
type bidder struct {
	began  int64
	heard  time.Time // when its last message came, by the controller's clock
	seq    uint64    // of the latest message
	ticks  uint64    // of it that were heard
	known  bool      // whatever is not in sums and nodes did not count before
	whole  uint64    // tick whose parts together say everything
	parts  map[int]bool
	sums   map[event.LineItemID]*counted
	nodes  map[event.NodePeriod]*stood
	prices map[pacing.PriceKey]price // before the first step
}

// counted is one line item's running sum.
type counted struct {
	seq, tick uint64 // when it was said last
	sum, fed  pacing.Sum
}

// stood is how one budget stands with a bidder.
type stood struct {
	seq, tick uint64
	at        int64 // the bidder's time
	sum       pacing.NodeSum
	fed       pacing.NodeSum // its counts as the controller had them last
}

func newBidder(m *message, known, prices bool) *bidder {
	b := &bidder{
		began: m.began, known: known, parts: map[int]bool{},
		sums: map[event.LineItemID]*counted{}, nodes: map[event.NodePeriod]*stood{},
	}
	if prices {
		b.prices = map[pacing.PriceKey]price{}
	}
	return b
}

// hear takes a message in. Rows say how much was counted since the bidder
// began, so of several the latest is right, in whatever order they come. A
// row that is new counts in full, unless the bidder counted it before anybody
// listened: then it counts from here.
func (b *bidder) hear(m *message, now time.Time) {
	b.heard = now
	if m.seq > b.seq {
		b.seq = m.seq
		b.ticks++
	}
	for i := range m.sums {
		s := &m.sums[i]
		c := b.sums[s.LineItem]
		if c == nil {
			c = new(counted)
			if !b.known {
				c.fed = *s
			}
			b.sums[s.LineItem] = c
		} else if m.seq <= c.seq {
			continue
		}
		c.seq, c.tick, c.sum = m.seq, b.ticks, *s
	}
	for i := range m.nodes {
		n := &m.nodes[i]
		s := b.nodes[n.NodePeriod]
		if s == nil {
			s = new(stood)
			if !b.known {
				s.fed = *n
			}
			b.nodes[n.NodePeriod] = s
		} else if m.seq <= s.seq {
			continue
		}
		s.seq, s.tick, s.at, s.sum = m.seq, b.ticks, m.at, *n
	}
	if m.seq == b.seq && b.prices != nil {
		for _, p := range m.prices {
			b.prices[p.PriceKey] = p
		}
	}
	b.assemble(m)
}

// assemble finds out whether all parts of a tick that says everything came.
func (b *bidder) assemble(m *message) {
	if b.known || m.flags&flagWhole == 0 {
		return
	}
	if m.seq != b.whole {
		b.whole = m.seq
		clear(b.parts)
	}
	b.parts[m.part] = true
	b.known = len(b.parts) == m.parts
}

// forgetAfter is after how many ticks a row that was not said again is no
// longer the bidder's. Every row is said every rotation ticks.
const forgetAfter = 10 * rotation

// forget drops rows that the bidder does not say any more: budgets of
// yesterday, line items that are gone. If one should come back, it must not
// count in full again.
func (b *bidder) forget() {
	size := len(b.sums) + len(b.nodes)
	for id, c := range b.sums {
		if c.tick+forgetAfter < b.ticks {
			delete(b.sums, id)
		}
	}
	for n, s := range b.nodes {
		if s.tick+forgetAfter < b.ticks {
			delete(b.nodes, n)
		}
	}
	if len(b.sums)+len(b.nodes) < size {
		b.known = false
		b.whole = 0
	}
}

// take adds what the bidder counted since the last take to sums.
func (b *bidder) take(sums map[event.LineItemID]*pacing.Sum) {
	for id, c := range b.sums {
		d := since(c.sum, c.fed)
		c.fed = c.sum
		if d == (pacing.Sum{LineItem: id}) {
			continue
		}
		if s := sums[id]; s != nil {
			addSum(s, d)
		} else {
			sums[id] = &d
		}
	}
}

// stand adds how budgets stand with the bidder to nodes. fade is 1 for one
// that is heard of: what the open bids of others may cost is known less and
// less.
func (b *bidder) stand(nodes map[event.NodePeriod]*total, fade float64) {
	for n, s := range b.nodes {
		t := nodes[n]
		if t == nil {
			t = &total{sum: pacing.NodeSum{NodePeriod: n}, at: math.MinInt64}
			nodes[n] = t
		}
		t.live = t.live || fade == 1
		// The limit and what all booked are the ledger's word: the latest is
		// right, and of two at once the one that knows of more.
		if s.at > t.at || s.at == t.at && s.sum.Booked > t.sum.Booked {
			t.at, t.sum.Limit, t.sum.Booked = s.at, s.sum.Limit, s.sum.Booked
		}
		now, fed := nodeFields(&s.sum), nodeFields(&s.fed)
		to := nodeFields(&t.sum)
		*to[nodeOwn] = plus(*to[nodeOwn], *now[nodeOwn])
		for i := nodeOwn + 1; i < nodeCounts; i++ {
			*to[i] = plus(*to[i], times(*now[i], fade))
		}
		for i := nodeCounts; i < nodeInts; i++ {
			*to[i] = plus(*to[i], max(0, *now[i]-*fed[i]))
		}
		s.fed = s.sum
	}
}

// total is how a budget stands with all bidders.
type total struct {
	sum  pacing.NodeSum
	at   int64
	live bool // one that is heard of has it
}
