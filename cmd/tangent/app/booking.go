package app

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// watchBooking follows how far booking has come. A bidder and a worker do it
// alike, with what both can see: the log and the ledger, not each other.
func (a *App) watchBooking(ctx context.Context) {
	tick := time.NewTicker(a.cfg.Tick)
	defer tick.Stop()
	for {
		a.progress.see(a.lookAtBooking(ctx))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) lookAtBooking(ctx context.Context) look {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	l := look{at: time.Now(), market: a.clock.Now()}
	var err error
	l.through, err = a.ledger.Booked(ctx)
	l.ledger = err == nil
	l.pending, err = a.events.Pending(ctx, a.booking)
	l.log = err == nil
	l.spooling = a.spool != nil && (!a.events.Connected() || !a.spool.Stats().AwaySince.IsZero())
	return l
}

// look is what is seen of booking at one time.
type look struct {
	at       time.Time // real
	market   time.Time
	pending  uint64    // messages of the log that are not booked
	through  time.Time // market: what reached the log and was received before is booked
	log      bool      // the log said pending
	ledger   bool      // the ledger said through
	spooling bool      // the log cannot be reached or takes nothing, and there is a spool
}

// bookingProgress says whether booking stands still: something waits in the log, and
// nothing of it was booked for longer than the bound. With no traffic nothing
// waits, and nothing stands still. While the spool stands in for the log, its
// size bounds bidding, and this does not.
type bookingProgress struct {
	bound  time.Duration // real
	market time.Duration // the same in market time
	slack  time.Duration // market time, as of ledger.BookerConfig

	mu      sync.Mutex
	seen    bool      // there was a look
	moved   time.Time // real: when booking last got on, or had nothing to do; zero if it was not seen to
	through time.Time // market, as last read
	waiting bool      // there is something to book
	behind  time.Time // market: whatever was received before is booked
}

// see takes in one look after the other.
func (p *bookingProgress) see(l look) {
	p.mu.Lock()
	defer p.mu.Unlock()
	on := l.ledger && !l.through.Equal(p.through) // booking got on
	if !p.seen {                                  // or did it? It does if it has come far.
		p.seen, p.behind = true, l.market
		on = on && l.market.Sub(l.through) <= p.market+p.slack
	}
	if l.ledger && !l.through.Equal(p.through) {
		p.through, p.behind = l.through, l.through.Add(p.slack)
	}
	p.waiting = !l.log || l.pending > 0
	if !p.waiting {
		p.behind = l.market
	}
	if on || !p.waiting || !l.log && l.spooling {
		p.moved = l.at
	}
}

// still says why booking stands still, or returns nothing.
func (p *bookingProgress) still(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch d := now.Sub(p.moved); {
	case !p.seen:
		return "how far booking has come has not been read"
	case p.moved.IsZero():
		return "booking stands still: events wait in the log, and none was booked for long"
	case d > p.bound:
		return fmt.Sprintf("booking stands still: events wait in the log, and none was booked for %v", d.Round(time.Second))
	}
	return ""
}

// stalled says why booking stands still, where this process sees it.
func (a *App) stalled() string {
	if a.progress == nil {
		return ""
	}
	return a.progress.still(time.Now())
}

// lag returns the market time since the receipt of what was booked last, while
// there is more to book, and 0 while there is not.
func (p *bookingProgress) lag(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.waiting {
		return 0
	}
	return max(0, now.Sub(p.behind))
}
