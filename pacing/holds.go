package pacing

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// MaxNodes is how many budgets a bid may hold against: line item and
// campaign, lifetime and daily each, and the advertiser's balance.
const MaxNodes = 5

// Format is what kind of ad a bid is for: exchanges report a video that was
// watched later than a banner that was seen.
type Format uint8

// The formats.
const (
	Banner Format = iota
	Video
	Audio
	Native
)

// Terms are how long an exchange may take to tell what became of a bid. How
// long it does take is learned per exchange and format.
type Terms struct {
	Exchange    event.ExchangeID
	Format      Format
	WinDeadline time.Duration // a hold is the full bid price until this age
	Horizon     time.Duration // a hold ends at this age; later bills still book

	// What the bid is expected to come to: what it is billed if it wins, in the
	// currency of the hold, and the chance that it does. Zero is not known,
	// which counts as the whole price, and as certain.
	Cost    money.Nanos
	WinRate float64

	// LossesTold is set where the exchange tells which bids lost. One of which
	// nothing is heard has then won, or its notice was lost, and that is as likely
	// of a bid that had little chance as of one that had much: delays weigh it
	// without its chance.
	LossesTold bool

	// What the bid was in its auction, for whoever learns from its outcome:
	// without a context nobody does.
	Context landscape.Key
	Offered money.Nanos // the bid, per impression in the auction's currency

	// Lowered is set for a bid that found no room and is lowered to what Room
	// said there is: its demand was counted when it was refused.
	Lowered bool
}

// HoldsConfig tunes what unbilled bids hold. Zero values take the defaults.
type HoldsConfig struct {
	// Deviations is the margin over the expected liability of a budget's
	// bids, in standard deviations of it. Default 3.
	Deviations float64
	// Outcome is told what became of each bid whose Terms have a context, once
	// it is as old as the win deadline, whatever was heard before: so wins and
	// losses come at the same age, and losses that nobody tells of come, too.
	// It must not call the holds. nil: nobody is told.
	Outcome func(landscape.Outcome)
}

// Holds is the memory of one incarnation: what it has of each budget, and
// what its open bids may still cost. It is safe for concurrent use; Hold
// takes one short lock of 64 and allocates nothing but room for the hold.
//
// Per budget the account is: available = granted - spent - held - margin.
// Spent changes by Settle alone, so what was spent is exactly what the ledger
// booked. A hold is full until the exchange's win deadline. Then it is what is
// expected to be billed of it yet, as learned, and the margin covers the
// spread of the sum; a budget with few impressions left holds in full
// (SetStrict). A hold is released once: billed, lost, or at its horizon. The
// bill may follow the release, and then still lowers the slice: where that was
// seen, the margin has a reserve for it.
type Holds struct {
	deviations float64
	outcome    func(landscape.Outcome)
	lease      atomic.Int64 // market time in unix nanos at which spending must stop

	mu       sync.Mutex                 // writers of the maps, grants, margins, Tick
	turned   bool                       // an account did
	gone     exposures                  // bids that hold nothing any more and may still be billed
	late     map[event.ExchangeID]*late // how much of them is
	ticked   int64                      // unix nanos of the last Tick; 0 before the first
	accounts accounts
	delays   atomic.Pointer[map[delaysKey]*delays]
	voices   atomic.Pointer[map[event.ExchangeID]*voice]

	numbered atomic.Pointer[[]*account] // by account.number
	free     []uint32                   // numbers of accounts that were forgotten
	laws     atomic.Pointer[[]*delays]  // by delays.number

	shards [shardCount]shard
}

type shard struct {
	mu    sync.Mutex
	open  places
	slab  slab
	ended map[event.BidID]auctioned // before the win deadline
	due   dueHeap
	_     [56]byte // a shard has its own cache lines
}

// hold is one open bid while it is worked on: what is kept of it, and what
// that refers to.
type hold struct {
	kept
	accounts [MaxNodes]*account
	delays   *delays
	place    uint32 // in the slab
}

// kept is what stays of an open bid. A bidder has millions of them where
// exchanges do not tell of losses, so it is small, and without pointers: the
// garbage collector has nothing to look for in it.
type kept struct {
	at       [MaxNodes]uint32 // numbers of its accounts
	law      uint32           // number of its delays
	bid      money.Nanos      // the most that it can be billed: the bid price
	price    money.Nanos      // the most that it should be: the bid price, or less after a win notice, see delays.after
	expected money.Nanos      // what it is expected to be billed; 0 while young
	since    int64            // unix nanos at which it left, or of the win notice
	end      int64            // unix nanos of the horizon
	next     int64            // unix nanos of the next look at it
	auctioned
	likely  part  // of bid: what it is billed if it wins, as the win notice said or the bidder expected
	chance  part  // that it wins, as the bidder expected
	stretch uint8 // of its age, see delays
	nodes   uint8 // how many accounts
	partly  uint8 // bit i: it holds what is expected at account i, else the price
	youth   youth
}

// youth says whether a hold has been counted as matured, and how it will be.
type youth uint8

const (
	matured youth = iota
	young
	lowered // and young
)

// NewHolds returns an empty memory that may not spend: see Extend and Grant.
func NewHolds(c HoldsConfig) (*Holds, error) {
	if c.Deviations < 0 {
		return nil, errors.New("cannot make holds: deviations must not be negative")
	}
	if c.Deviations == 0 {
		c.Deviations = 3
	}
	h := &Holds{
		deviations: c.Deviations, outcome: c.Outcome,
		gone: exposures{of: make(map[event.NodePeriod]*exposure)},
		late: make(map[event.ExchangeID]*late),
	}
	h.delays.Store(&map[delaysKey]*delays{})
	h.voices.Store(&map[event.ExchangeID]*voice{})
	h.numbered.Store(&[]*account{})
	h.laws.Store(&[]*delays{})
	for i := range h.shards {
		h.shards[i].ended = make(map[event.BidID]auctioned)
	}
	return h, nil
}

// Extend lets Hold spend until the given market time. An earlier time than
// before shortens the lease: the zero time ends it.
func (h *Holds) Extend(until time.Time) {
	if until.IsZero() {
		h.lease.Store(0)
		return
	}
	h.lease.Store(until.UnixNano())
}

// Leased says whether money may be spent at now.
func (h *Holds) Leased(now time.Time) bool { return now.UnixNano() < h.lease.Load() }

// Hold reserves price at every node, or returns false and reserves nothing:
// a slice has not that much left, the lease has lapsed, the id is held
// already, or there is no node. It reads neither clock nor disk.
func (h *Holds) Hold(id event.BidID, nodes []event.NodePeriod, price money.Nanos, t Terms, now time.Time) bool {
	at := now.UnixNano()
	if at >= h.lease.Load() || len(nodes) == 0 || len(nodes) > MaxNodes || price < 0 {
		return false
	}
	o := hold{kept: kept{bid: price, price: price, since: at, nodes: uint8(len(nodes)), youth: young, likely: fullPart, chance: fullPart}}
	if t.Lowered {
		o.youth = lowered
	}
	if t.Cost > 0 && t.Cost < price {
		o.likely = partOf(float64(t.Cost) / float64(price))
	}
	if t.WinRate > 0 && t.WinRate < 1 && !t.LossesTold {
		o.chance = partOf(t.WinRate)
	}
	if h.outcome != nil {
		o.context, o.offered = t.Context, float32(t.Offered)
	}
	for i, n := range nodes {
		a := h.accounts.of(n)
		if a == nil || !a.take(price) {
			h.refuse(nodes[i:], price)
			o.undo(i)
			return false
		}
		o.accounts[i], o.at[i] = a, a.number
	}
	if o.delays = (*h.delays.Load())[t.key()]; o.delays == nil {
		o.delays = h.learn(t)
	}
	o.law = o.delays.number
	if t.Lowered {
		for _, a := range o.accounts[:o.nodes] {
			a.refused.Add(-int64(price))
		}
	}
	o.end = at + int64(t.Horizon)
	o.next = min(at+o.delays.bounds[0], o.end)
	s := h.shard(id)
	s.mu.Lock()
	if _, twice := s.open.of(id); twice {
		s.mu.Unlock()
		o.undo(len(nodes))
		return false
	}
	s.open.add(id, s.slab.add(&o.kept))
	s.due.push(due{o.next, o.next, id})
	s.mu.Unlock()
	return true
}

// refuse counts the demand that a refused bid would have been. The first of
// nodes is the one that refused it.
func (h *Holds) refuse(nodes []event.NodePeriod, price money.Nanos) {
	for i, n := range nodes {
		switch a := h.accounts.of(n); {
		case a == nil:
		case i == 0:
			a.refuse(price)
		default:
			a.refused.Add(int64(price))
		}
	}
}

// undo gives back what the first n accounts reserved for a bid that is not.
func (o *hold) undo(n int) {
	for _, a := range o.accounts[:n] {
		a.opened.Add(-int64(o.price))
		a.open.Add(-int64(o.bid))
		a.refused.Add(int64(o.price))
		a.available.Add(int64(o.price))
		a.bids.Add(-1)
	}
}

func (h *Holds) shard(id event.BidID) *shard {
	// The last byte of the id is the low byte of a sequence: even by itself.
	return &h.shards[id[15]%uint8(len(h.shards))]
}

// learn returns what is known of an exchange's delays, from now on.
func (h *Holds) learn(t Terms) *delays {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := *h.delays.Load()
	if d := old[t.key()]; d != nil {
		return d
	}
	next := make(map[delaysKey]*delays, len(old)+1)
	for k, v := range old {
		next[k] = v
	}
	d := newDelays(t)
	d.voice = h.voice(t)
	next[t.key()] = d
	laws := *h.laws.Load()
	d.number = uint32(len(laws))
	laws = append(laws, d)
	h.laws.Store(&laws)
	h.delays.Store(&next)
	return d
}
