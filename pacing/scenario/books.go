package scenario

import (
	"context"
	"fmt"
	"math"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// books is what the played exchange knows: what it billed, once for each bid.
type books struct {
	bills        map[event.BidID]bool
	nodes        map[event.NodePeriod]*entry
	payments     []payment
	contradicted bool          // a bid was billed that was reported lost
	before       ledger.Totals // of worlds that used the database before
	overrun      map[event.NodePeriod]money.Nanos
	ceilings     ceilings
}

// entry is what is owed of one budget.
type entry struct {
	booked   money.Nanos // what the advertiser pays
	disputed money.Nanos // what the exchange said beyond the bids
	bookings int64
}

func (k *books) open(ctx context.Context, l *ledger.Ledger) (err error) {
	k.bills, k.nodes, k.overrun = map[event.BidID]bool{}, map[event.NodePeriod]*entry{}, map[event.NodePeriod]money.Nanos{}
	k.ceilings = ceilings{}
	k.before, err = totals(ctx, l)
	return err
}

func totals(ctx context.Context, l *ledger.Ledger) (ledger.Totals, error) {
	return totalsIn(ctx, l, currency)
}

func totalsIn(ctx context.Context, l *ledger.Ledger, in string) (ledger.Totals, error) {
	all, err := l.Totals(ctx)
	for _, t := range all {
		if t.Currency == in {
			return t, err
		}
	}
	return ledger.Totals{}, err
}

// take notes what a delivered notice means for money: the price that it told,
// at most the bid; the bid if it told none.
func (k *books) take(n notice, e *event.Event) {
	if n.Kind == event.KindLoss {
		n.bid.lost = true
	}
	if !e.Billable || e.Expired || k.bills[e.Bid] {
		return
	}
	k.bills[e.Bid] = true
	k.contradicted = k.contradicted || n.bid.lost
	owed, excess := e.BidPrice, money.Nanos(0)
	if e.PriceState == event.PriceOK {
		owed = min(e.Price, e.BidPrice)
		excess = e.Price - owed
	}
	for _, np := range e.Nodes {
		k.ceilings.excuse(np, n.bid, n.bid.cost(owed), e.ReceivedAt)
		x := k.nodes[np]
		if x == nil {
			x = new(entry)
			k.nodes[np] = x
		}
		x.booked += n.bid.cost(owed)
		x.disputed += n.bid.media(excess)
		x.bookings++
	}
}

// Reports returns how the world's budgets stand in the ledger.
func (w *World) Reports(ctx context.Context) (map[event.NodePeriod]ledger.NodeReport, error) {
	var f ledger.Filter
	for _, x := range w.items {
		f.Campaigns = append(f.Campaigns, x.campaign.ID)
		f.LineItems = append(f.LineItems, x.id)
	}
	for _, a := range w.advertisers {
		f.Advertisers = append(f.Advertisers, a.ID)
	}
	by := make(map[event.NodePeriod]ledger.NodeReport)
	if len(w.items)+len(w.advertisers) == 0 {
		return by, nil
	}
	all, err := w.Ledger.Report(ctx, f)
	for _, r := range all {
		by[event.NodePeriod{Node: r.Node, Period: r.Period}] = r
	}
	return by, err
}

// Book does what puts events into the log, or starts the booking, and waits
// until all is booked. What was booked without cover must be within the risk
// that was stated before.
func (w *World) Book(ctx context.Context, do func() error) error {
	stated, err := w.Stated(ctx)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	if err := w.booked(ctx); err != nil {
		return err
	}
	reports, err := w.Reports(ctx)
	if err != nil {
		return err
	}
	for np, r := range reports {
		if more := r.Overrun - w.books.overrun[np]; more > stated[np] {
			return fmt.Errorf("law: %v of budget %v were booked without cover; at most %v were stated", more, np, stated[np])
		}
		w.books.overrun[np] = r.Overrun
	}
	return w.books.ceilings.check(reports)
}

// Stated returns the late risk of each budget, as its bidders state it. Of a
// bidder that is gone, its last word counts, against what the ledger still
// keeps for it.
func (w *World) Stated(ctx context.Context) (map[event.NodePeriod]money.Nanos, error) {
	all := make(map[event.NodePeriod]money.Nanos)
	add := func(r pacing.Risk) {
		all[r.NodePeriod] += r.Late()
		if w.books.contradicted {
			all[r.NodePeriod] += r.Lost
		}
	}
	gone := func(b *Bidder, said []pacing.Risk) error {
		slices, err := w.Ledger.Slices(ctx, b.Pacer.Incarnation(), math.MaxInt64)
		left := make(map[event.NodePeriod]money.Nanos)
		for _, s := range slices {
			left[s.NodePeriod] = s.Left()
		}
		for _, r := range said {
			r.SetAside = left[r.NodePeriod]
			add(r)
		}
		return err
	}
	for _, b := range w.dead {
		if err := gone(b, b.left); err != nil {
			return nil, err
		}
	}
	for _, b := range w.bidders {
		if b.fenced || b.link.down || b.link.mute {
			if err := gone(b, b.Pacer.Risks(nil)); err != nil {
				return nil, err
			}
			continue
		}
		for _, r := range b.Pacer.Risks(nil) {
			add(r)
		}
	}
	return all, nil
}

// Check compares the ledger with the exchange's books.
func (w *World) Check(ctx context.Context) error {
	reports, err := w.Reports(ctx)
	if err == nil {
		err = w.books.ceilings.check(reports)
	}
	if err != nil || w.booking.stop == nil {
		return err
	}
	if err := w.books.checkPayments(reports); err != nil {
		return err
	}
	for np, x := range w.books.nodes {
		r := reports[np]
		if r.Booked != x.booked || r.Disputed != x.disputed || r.Bookings != x.bookings {
			return fmt.Errorf("law: the exchange billed %d impressions of budget %v, %v and %v above the bids; booked are %d, %v and %v",
				x.bookings, np, x.booked, x.disputed, r.Bookings, r.Booked, r.Disputed)
		}
	}
	for np, r := range reports {
		if x := w.books.nodes[np]; x == nil && r.Booked != 0 {
			return fmt.Errorf("law: %v are booked on budget %v that the exchange never billed", r.Booked, np)
		}
		if r.Outstanding < 0 || r.Overrun < 0 || r.Overrun > r.Booked {
			return fmt.Errorf("law: budget %v stands at %+v", np, r)
		}
	}
	return nil
}

// checkMemory compares what a bidder believes to have been granted with what
// it was.
func (w *World) checkMemory(ctx context.Context, b *Bidder) error {
	slices, err := w.Ledger.Slices(ctx, b.Pacer.Incarnation(), 0) // before any booking: all that was ever granted
	if err != nil {
		return err
	}
	of := make(map[event.NodePeriod]money.Nanos)
	for _, s := range slices {
		of[s.NodePeriod] = s.Granted - s.Returned
	}
	for _, a := range b.Pacer.Holds().Accounts(nil) {
		if a.Granted > of[a.NodePeriod] {
			return fmt.Errorf("law: bidder %s believes to have been granted %v of budget %v; it was %v", b.Name, a.Granted, a.NodePeriod, of[a.NodePeriod])
		}
	}
	return b.link.broken
}
