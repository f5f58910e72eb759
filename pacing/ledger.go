package pacing

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// ErrFenced says that an incarnation may not spend any more: a newer one of
// its name was opened, or it was silent for so long that its slices were
// given back. There is no way back; the process has to start again.
var ErrFenced = errors.New("incarnation is fenced")

// Want is an amount of one budget that a bidder asks for, or gives back.
// Grant takes an amount of zero as the question how the budget stands.
type Want struct {
	event.NodePeriod
	Amount money.Nanos
}

// Grant is the ledger's answer to a Want: how much was given, at most what
// was wanted, and how the budget stands after it.
type Grant struct {
	event.NodePeriod
	Amount      money.Nanos
	Limit       money.Nanos // the budget's amount for the period
	Booked      money.Nanos // by every bidder, overrun included
	Outstanding money.Nanos // slices of every bidder that are neither booked nor returned
}

// Left returns what may still be granted, never below zero.
func (g Grant) Left() money.Nanos { return max(0, g.Limit-g.Booked-g.Outstanding) }

// Give grants what is wanted, at most what is left, and returns how much that
// is. Every ledger grants by it.
func (g *Grant) Give(want money.Nanos) money.Nanos {
	give := min(max(0, want), g.Left())
	g.Amount += give
	g.Outstanding += give
	return give
}

// Slice is the part of one budget that an incarnation has in its hands.
type Slice struct {
	event.NodePeriod
	Granted  money.Nanos // all grants
	Returned money.Nanos // given back
	Booked   money.Nanos // bookings that were taken from it
}

// Left is what is still in its hands.
func (s *Slice) Left() money.Nanos { return s.Granted - s.Returned - s.Booked }

// Booked is the first booking of a bid. FromSlice[i] is what was taken from
// the incarnation's slice of Nodes[i]; the rest of Amount came from the free
// budget or is overrun.
type Booked struct {
	Cursor    int64 // of the feed: grows in the order of commits
	Bid       event.BidID
	Kind      event.Kind
	Nodes     []event.NodePeriod
	FromSlice []money.Nanos
	Amount    money.Nanos // what the advertiser pays
	Disputed  money.Nanos // what the notice said beyond the bid, in the currency of the bid
	Overrun   money.Nanos // booked beyond the budget, the most of any node
	Exchange  event.ExchangeID
	Age       time.Duration // of the bid when the notice came
}

// Ledger is what a bidder needs of the budgets. Calls of one incarnation must
// not overlap. After an error of Grant or Return the caller cannot know
// whether it was done, and asks Slices.
type Ledger interface {
	// Open starts a new incarnation of a bidder and fences every older one of
	// the same name. Incarnations never repeat.
	Open(ctx context.Context, name string) (incarnation uint64, err error)
	// Grant gives at most what is wanted and at most what is left, in one
	// transaction that is on disk when it returns. It is also the heartbeat:
	// it renews the lease. ErrFenced is final.
	Grant(ctx context.Context, incarnation uint64, wants []Want) ([]Grant, error)
	// Return gives unspent money back.
	Return(ctx context.Context, incarnation uint64, back []Want) error
	// Settled returns first-time bookings of this incarnation's bids with a
	// cursor above after, in order, some thousands at a time.
	Settled(ctx context.Context, incarnation uint64, after int64) ([]Booked, error)
	// Slices returns what the incarnation has in its hands, as one sees it who
	// knows of bookings up to the cursor after: later ones are not counted. Slices
	// of which nothing is left are left out, as there are more of them every day.
	Slices(ctx context.Context, incarnation uint64, after int64) ([]Slice, error)
	// Close says that the incarnation will bid no more. What it still holds
	// stays with it until its bids can no longer be billed.
	Close(ctx context.Context, incarnation uint64) error
}
