package scenario

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// ceilings hold the first law: what is booked of a budget and what bidders have
// of it in their hands never exceed its amount together. Two things may take
// them beyond it, and no other: an amount that is cut below them, and a bill for
// which its bid did not have to hold the money any more. By how much, is counted.
type ceilings map[event.NodePeriod]*ceiling

type ceiling struct {
	stood   money.Nanos // booked and outstanding, when it was last looked at
	limit   money.Nanos // its amount then
	most    money.Nanos // the highest that it ever had
	excused money.Nanos // of bills, and not used so far
	beyond  money.Nanos // used
}

func (c ceilings) of(np event.NodePeriod) *ceiling {
	if c[np] == nil {
		c[np] = new(ceiling)
	}
	return c[np]
}

// check compares how budgets stand with how they stood.
func (c ceilings) check(reports map[event.NodePeriod]ledger.NodeReport) error {
	for np, r := range reports {
		x, stands := c.of(np), r.Booked+r.Outstanding
		more := max(0, stands-max(r.Limit, x.stood))
		if more > x.excused {
			return fmt.Errorf("law: budget %v is %v; %v are booked and %v in bidders' hands, and of that no more than %v may be beyond it",
				np, r.Limit, r.Booked, r.Outstanding, max(0, x.stood-r.Limit)+x.excused)
		}
		x.excused -= more
		x.beyond += more
		x.stood, x.limit, x.most = stands, r.Limit, max(x.most, r.Limit)
	}
	return nil
}

// began takes what was booked before there was such a limit as it is.
func (w *World) began(ctx context.Context) error {
	reports, err := w.Reports(ctx)
	for np, r := range reports {
		if w.books.ceilings[np] == nil {
			w.books.ceilings.of(np).stood = r.Booked
		}
	}
	return err
}

// excuse notes what of a bill its bid did not have to hold the money for.
func (c ceilings) excuse(np event.NodePeriod, b *Bid, owed money.Nanos, now time.Time) {
	x := c.of(np)
	x.excused += owed - min(owed, b.holds(now, x.most))
}

// strictBids is how many bids' worth a budget has left at least, or its bids hold
// the whole price to the end; the default of [pacing.Config].
const strictBids = 10

// holds returns what a bid holds at least of a budget whose amount was never
// more than most.
func (b *Bid) holds(now time.Time, most money.Nanos) money.Nanos {
	lived, whole := now, b.cost(b.Price)
	if e := b.owner.ended; !e.IsZero() { // then nothing changes any more
		lived = e
	}
	// Whoever bids seldom is soon believed to bid lower, by a 64th every tick.
	few := float64(most) < strictBids*float64(whole)*math.Pow(1-1./64, float64(b.owner.ticks-b.ticks))
	told := whole
	if !b.heardWon.IsZero() && b.told != event.NoPrice {
		told = min(told, b.told)
	}
	from := b.issued
	if !b.heardWon.IsZero() && b.heardWon.Sub(from) < b.terms.WinDeadline {
		from = b.heardWon
	}
	switch {
	case b.heardLost, now.Sub(b.issued) >= b.terms.Horizon:
		return 0
	case few, lived.Sub(from) < b.terms.WinDeadline:
		return told
	}
	return 0 // what is expected of it
}
