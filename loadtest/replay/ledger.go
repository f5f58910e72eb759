package replay

import (
	"context"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// ledger keeps the budgets of a flight in memory, by the contract of
// [pacing.Ledger]. It is used by one goroutine.
type ledger struct {
	limits  map[event.NodePeriod]money.Nanos
	nodes   map[event.NodePeriod]*node
	bidders []*incarnation // incarnation i is at i-1
	cursor  int64
}

type node struct {
	booked      money.Nanos
	outstanding money.Nanos // slices that are neither booked nor returned
}

type incarnation struct {
	name   string
	fenced bool
	slices map[event.NodePeriod]*pacing.Slice
	feed   []pacing.Booked
	billed []uint64 // bit set of sequences: a bid is billed once
}

var _ pacing.Ledger = (*ledger)(nil)

func newLedger() *ledger {
	return &ledger{limits: map[event.NodePeriod]money.Nanos{}, nodes: map[event.NodePeriod]*node{}}
}

func (l *ledger) node(n event.NodePeriod) *node {
	x := l.nodes[n]
	if x == nil {
		x = new(node)
		l.nodes[n] = x
	}
	return x
}

// left is what may still be granted.
func (l *ledger) left(n event.NodePeriod) money.Nanos {
	x := l.node(n)
	return max(0, l.limits[n]-x.booked-x.outstanding)
}

func (l *ledger) Open(_ context.Context, name string) (uint64, error) {
	for _, b := range l.bidders {
		b.fenced = b.fenced || b.name == name
	}
	l.bidders = append(l.bidders, &incarnation{name: name, slices: map[event.NodePeriod]*pacing.Slice{}})
	return uint64(len(l.bidders)), nil
}

func (b *incarnation) slice(n event.NodePeriod) *pacing.Slice {
	s := b.slices[n]
	if s == nil {
		s = &pacing.Slice{NodePeriod: n}
		b.slices[n] = s
	}
	return s
}

func (l *ledger) Grant(_ context.Context, of uint64, wants []pacing.Want) ([]pacing.Grant, error) {
	b := l.bidders[of-1]
	if b.fenced {
		return nil, pacing.ErrFenced
	}
	grants := make([]pacing.Grant, 0, len(wants))
	for _, w := range wants {
		x := l.node(w.NodePeriod)
		g := pacing.Grant{NodePeriod: w.NodePeriod, Limit: l.limits[w.NodePeriod], Booked: x.booked, Outstanding: x.outstanding}
		b.slice(w.NodePeriod).Granted += g.Give(w.Amount)
		x.outstanding = g.Outstanding
		grants = append(grants, g)
	}
	return grants, nil
}

func (l *ledger) Return(_ context.Context, of uint64, back []pacing.Want) error {
	for _, w := range back {
		s := l.bidders[of-1].slice(w.NodePeriod)
		amount := min(w.Amount, s.Granted-s.Returned-s.Booked)
		s.Returned += amount
		l.node(w.NodePeriod).outstanding -= amount
	}
	return nil
}

func (l *ledger) Settled(_ context.Context, of uint64, after int64) ([]pacing.Booked, error) {
	b := l.bidders[of-1]
	feed := b.feed
	for len(feed) > 0 && feed[0].Cursor <= after {
		feed = feed[1:]
	}
	if b.feed = feed; len(feed) == 0 {
		b.feed = nil
	}
	return feed, nil
}

func (l *ledger) Slices(_ context.Context, of uint64, after int64) ([]pacing.Slice, error) {
	b, unheard := l.bidders[of-1], map[event.NodePeriod]money.Nanos{}
	for _, k := range b.feed {
		for i := 0; k.Cursor > after && i < len(k.Nodes); i++ {
			unheard[k.Nodes[i]] += k.FromSlice[i]
		}
	}
	var all []pacing.Slice
	for _, s := range b.slices {
		s := *s
		if s.Booked -= unheard[s.NodePeriod]; s.Left() > 0 {
			all = append(all, s)
		}
	}
	return all, nil
}

func (l *ledger) Close(context.Context, uint64) error { return nil }

// book bills a bid, once.
func (l *ledger) book(bill *notice) {
	id, amount, nodes := bill.bid, bill.price, bill.nodes
	b := l.bidders[id.Incarnation()-1]
	word, bit := int(id.Sequence()/64), uint64(1)<<(id.Sequence()%64)
	if need := word + 1 - len(b.billed); need > 0 {
		b.billed = slices.Grow(b.billed, need)[:word+1]
	}
	if b.billed[word]&bit != 0 {
		return
	}
	b.billed[word] |= bit
	l.cursor++
	k := pacing.Booked{
		Cursor: l.cursor, Bid: id, Kind: event.KindBilling, Nodes: nodes, Amount: amount,
		Exchange: bill.exchange, Age: time.Duration(bill.at - bill.left),
	}
	k.FromSlice = make([]money.Nanos, 0, len(nodes))
	for _, n := range nodes {
		s, x := b.slice(n), l.node(n)
		take := min(amount, s.Granted-s.Returned-s.Booked)
		free := l.left(n)
		k.Overrun = max(k.Overrun, amount-take-free)
		s.Booked += take
		x.booked += amount
		x.outstanding -= take
		k.FromSlice = append(k.FromSlice, take)
	}
	b.feed = append(b.feed, k)
}
