package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
)

// Bidder is one start of a bidder: its pacer and its memory of what it holds.
type Bidder struct {
	Name  string // in the script
	As    string // to the ledger
	Pacer *pacing.Pacer

	remote *central.Remote // where there was a controller for all when it started, else nil
	link   *link
	ids    *event.BidIDs
	fenced bool
	ticks  int
	left   []pacing.Risk // what it said last, once it is gone
	ended  time.Time     // when it went
}

// StartBidder starts a bidder under a name, and ticks it once.
func (w *World) StartBidder(ctx context.Context, name, as string) error {
	if w.bidders[name] != nil {
		return fmt.Errorf("bidder %s runs already", name)
	}
	b := &Bidder{Name: name, As: as, link: &link{Ledger: w.Ledger, world: w}}
	var err error
	if b.remote, err = w.listens(); err != nil {
		return err
	}
	c := pacing.Config{
		Name: as, Ledger: b.link, Clock: w.Clock, Lease: lease,
		LineItems: func() (uint64, []pacing.LineItem) { return w.version, w.paced }, Booked: w.Ledger.BookedThrough,
	}
	if b.remote != nil {
		c.Controller = b.remote
	}
	if b.Pacer, err = pacing.New(ctx, c); err != nil {
		return err
	}
	b.ids = event.NewBidIDs(b.Pacer.Incarnation())
	w.bidders[name] = b
	if !slices.Contains(w.order, name) {
		w.order = append(w.order, name)
	}
	return w.tick(ctx, b)
}

// Kill ends a bidder as a crash does: its memory is gone, nobody is told.
func (w *World) Kill(name string) error {
	b, err := w.bidder(name)
	if err != nil {
		return err
	}
	b.left, b.ended = b.Pacer.Risks(nil), w.Clock.Now()
	if b.remote != nil {
		b.remote.Close()
	}
	w.dead = append(w.dead, b)
	delete(w.bidders, name)
	return nil
}

// Stop ends a bidder in order: it returns what it does not hold.
func (w *World) Stop(ctx context.Context, name string) error {
	b, err := w.bidder(name)
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	// Run ticks once, sees that it has to end, and says its last words.
	if err := b.Pacer.Run(ended); err != nil {
		return err
	}
	return w.Kill(name)
}

// Tick ticks every bidder, in the order in which they came, and then the
// controller of all.
func (w *World) Tick(ctx context.Context) error {
	for _, name := range w.order {
		if b := w.bidders[name]; b != nil {
			if err := w.tick(ctx, b); err != nil {
				return err
			}
		}
	}
	if w.controller != nil {
		return w.controller.Step()
	}
	return nil
}

func (w *World) tick(ctx context.Context, b *Bidder) error {
	b.ticks++
	err := b.Pacer.Step(ctx)
	switch {
	case errors.Is(err, pacing.ErrFenced):
		b.fenced = true
	case errors.Is(err, errAway):
	case err != nil:
		return fmt.Errorf("bidder %s: %w", b.Name, err)
	default:
		return w.checkMemory(ctx, b)
	}
	return b.link.broken
}

func (w *World) bidder(name string) (*Bidder, error) {
	if b := w.bidders[name]; b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("no bidder %s runs", name)
}

// only returns the named bidder, or the one that runs.
func (w *World) only(name string) (*Bidder, error) {
	if name != "" {
		return w.bidder(name)
	}
	if len(w.bidders) != 1 {
		return nil, fmt.Errorf("%d bidders run: say by which", len(w.bidders))
	}
	for _, b := range w.bidders {
		return b, nil
	}
	return nil, nil
}

// link is a bidder's way to the ledger.
type link struct {
	pacing.Ledger
	world  *World
	down   bool  // nothing gets through
	mute   bool  // what is asked is done, the answers are lost
	broken error // a law that a grant broke
}

var errAway = errors.New("the ledger is away")

func (l *link) Grant(ctx context.Context, incarnation uint64, wants []pacing.Want) ([]pacing.Grant, error) {
	if l.down {
		return nil, errAway
	}
	grants, err := l.Ledger.Grant(ctx, incarnation, wants)
	for _, g := range grants {
		if g.Amount > 0 && g.Booked+g.Outstanding > g.Limit {
			l.broken = fmt.Errorf("law: a grant of %v made booked %v and outstanding %v exceed %v", g.Amount, g.Booked, g.Outstanding, g.Limit)
		}
	}
	if l.mute && err == nil {
		return nil, errAway
	}
	return grants, err
}

func (l *link) Return(ctx context.Context, incarnation uint64, back []pacing.Want) error {
	if l.down {
		return errAway
	}
	err := l.Ledger.Return(ctx, incarnation, back)
	if l.mute && err == nil {
		return errAway
	}
	return err
}

func (l *link) Settled(ctx context.Context, incarnation uint64, after int64) ([]pacing.Booked, error) {
	if l.down || l.mute {
		return nil, errAway
	}
	return l.Ledger.Settled(ctx, incarnation, after)
}

func (l *link) Slices(ctx context.Context, incarnation uint64, after int64) ([]pacing.Slice, error) {
	if l.down || l.mute {
		return nil, errAway
	}
	return l.Ledger.Slices(ctx, incarnation, after)
}
