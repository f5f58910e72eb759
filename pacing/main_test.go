package pacing

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	noon  = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	terms = Terms{Exchange: 1, WinDeadline: 10 * time.Second, Horizon: 10 * time.Minute}
	life  = event.NodePeriod{Node: 1}
)

var errDown = errors.New("ledger is down")

// memLedger is a Ledger in memory that keeps the same laws.
type memLedger struct {
	mu       sync.Mutex
	limits   map[event.NodeID]money.Nanos
	booked   map[event.NodePeriod]money.Nanos
	slices   map[uint64]map[event.NodePeriod]*Slice
	live     uint64
	closed   bool
	cursor   int64
	settled  []Booked
	down     bool // Grant and Return fail and do nothing
	halfDown bool // Grant and Return are done, but the answer is an error
	grants   int
	wanted   int  // wants of more than nothing
	fleet    bool // several incarnations are live
}

func newMemLedger() *memLedger {
	return &memLedger{
		limits: map[event.NodeID]money.Nanos{}, booked: map[event.NodePeriod]money.Nanos{},
		slices: map[uint64]map[event.NodePeriod]*Slice{},
	}
}

var _ Ledger = (*memLedger)(nil)

func (l *memLedger) Open(context.Context, string) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live++
	l.slices[l.live] = map[event.NodePeriod]*Slice{}
	return l.live, nil
}

func (l *memLedger) Close(_ context.Context, incarnation uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = incarnation == l.live
	return nil
}

func (l *memLedger) outstanding(n event.NodePeriod) (sum money.Nanos) {
	for _, all := range l.slices {
		if s := all[n]; s != nil {
			sum += s.Granted - s.Returned - s.Booked
		}
	}
	return sum
}

func (l *memLedger) slice(incarnation uint64, n event.NodePeriod) *Slice {
	s := l.slices[incarnation][n]
	if s == nil {
		s = &Slice{NodePeriod: n}
		l.slices[incarnation][n] = s
	}
	return s
}

func (l *memLedger) Grant(_ context.Context, incarnation uint64, wants []Want) ([]Grant, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.down:
		return nil, errDown
	case incarnation != l.live && !l.fleet:
		return nil, ErrFenced
	}
	l.grants++
	var all []Grant
	for _, w := range wants {
		if w.Amount > 0 {
			l.wanted++
		}
		g := Grant{NodePeriod: w.NodePeriod, Limit: l.limits[w.Node], Booked: l.booked[w.NodePeriod], Outstanding: l.outstanding(w.NodePeriod)}
		l.slice(incarnation, w.NodePeriod).Granted += g.Give(w.Amount)
		all = append(all, g)
	}
	if l.halfDown {
		return nil, errDown
	}
	return all, nil
}

func (l *memLedger) Return(_ context.Context, incarnation uint64, back []Want) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return errDown
	}
	for _, w := range back {
		s := l.slice(incarnation, w.NodePeriod)
		s.Returned += min(w.Amount, s.Granted-s.Returned-s.Booked)
	}
	if l.halfDown {
		return errDown
	}
	return nil
}

func (l *memLedger) Settled(_ context.Context, incarnation uint64, after int64) ([]Booked, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Booked
	for _, b := range l.settled {
		if b.Cursor > after && b.Bid.Incarnation() == incarnation {
			all = append(all, b)
		}
	}
	if len(all) > 0 { // what was fed is not needed again by these tests
		l.settled = slices.DeleteFunc(l.settled, func(b Booked) bool { return b.Bid.Incarnation() == incarnation })
	}
	return all, nil
}

func (l *memLedger) Slices(_ context.Context, incarnation uint64, after int64) ([]Slice, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errDown
	}
	unheard := map[event.NodePeriod]money.Nanos{}
	for _, b := range l.settled {
		for i := 0; b.Bid.Incarnation() == incarnation && b.Cursor > after && i < len(b.Nodes); i++ {
			unheard[b.Nodes[i]] += b.FromSlice[i]
		}
	}
	var all []Slice
	for _, s := range l.slices[incarnation] {
		s := *s
		if s.Booked -= unheard[s.NodePeriod]; s.Left() > 0 {
			all = append(all, s)
		}
	}
	return all, nil
}

// book bills a bid and returns what no slice or free budget covered.
func (l *memLedger) book(id event.BidID, amount money.Nanos, nodes ...event.NodePeriod) money.Nanos {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursor++
	b := Booked{Cursor: l.cursor, Bid: id, Kind: event.KindBilling, Nodes: nodes, Amount: amount}
	for _, n := range nodes {
		s := l.slice(id.Incarnation(), n)
		take := min(amount, s.Granted-s.Returned-s.Booked)
		free := max(0, l.limits[n.Node]-l.booked[n]-l.outstanding(n))
		b.Overrun = max(b.Overrun, amount-take-free)
		s.Booked += take
		l.booked[n] += amount
		b.FromSlice = append(b.FromSlice, take)
	}
	l.settled = append(l.settled, b)
	return b.Overrun
}

func dailyItem(id event.LineItemID, amount money.Nanos) LineItem {
	return LineItem{ID: id, MaxBid: 20e6, Budgets: []Budget{{Node: event.NodeID(id), Daily: true, Amount: amount, Pace: PaceEven}}}
}
