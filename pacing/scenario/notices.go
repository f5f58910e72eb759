package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Bid is a bid that left.
type Bid struct {
	Name  string
	ID    event.BidID
	Price money.Nanos // per impression, in the exchange's currency
	Nodes []event.NodePeriod

	fees     campaign.FeeRules
	currency string     // the exchange's
	table    uint32     // of the rates that the bid is made by
	back     money.Rate // to the advertiser's currency

	item   *item
	owner  *Bidder
	terms  pacing.Terms
	issued time.Time
	ticks  int  // of its owner when it left
	lost   bool // a loss notice came

	// What its owner, who holds the money, heard.
	heardLost bool
	heardWon  time.Time
	told      money.Nanos // the price with that, as the advertiser pays it; else NoPrice
}

// Bid holds the price for a bid, or returns false: then it does not leave.
func (w *World) Bid(name, on string, price money.Nanos, by string) (bool, error) {
	x, b := w.items[on], w.bids[name]
	if x == nil {
		return false, fmt.Errorf("there is no %s", on)
	}
	if b != nil {
		return false, fmt.Errorf("bid %s left already", name)
	}
	owner, err := w.only(by)
	if err != nil {
		return false, err
	}
	b = &Bid{Name: name, Price: price, fees: w.fees[x.campaign.AdvertiserID], item: x, owner: owner, terms: w.Terms, issued: w.Clock.Now(), ticks: owner.ticks, ID: owner.ids.Next()}
	i := slices.IndexFunc(w.paced, func(li pacing.LineItem) bool { return li.ID == x.id })
	if i < 0 {
		return false, nil // paused
	}
	for _, budget := range w.paced[i].Budgets {
		b.Nodes = append(b.Nodes, budget.NodePeriod(b.issued))
	}
	if b.currency = w.In; b.currency == "" {
		b.currency = currency
	}
	if !b.convert(w.rates) {
		return false, nil
	}
	if !owner.Pacer.Holds().Hold(b.ID, b.Nodes, b.cost(price), b.terms, b.issued) {
		return false, nil
	}
	w.bids[name] = b
	return true, nil
}

// cost returns what the advertiser pays for the bid at a price.
func (b *Bid) cost(price money.Nanos) money.Nanos {
	return b.fees.Cost(b.media(price), event.OneImpression, b.issued)
}

// Notice is what an exchange says about a bid.
type Notice struct {
	Kind  event.Kind // KindWin, KindLoss or KindBilling
	Price money.Nanos
	State event.PriceState
	Times int    // deliveries; 0 is one
	Via   string // the bidder that takes it; "" is the one that made the bid
}

// notice is one that is under way.
type notice struct {
	Notice
	bid *Bid
	at  time.Time
}

// Notify delivers a notice, after a while if it is late.
func (w *World) Notify(ctx context.Context, bid string, n Notice, late time.Duration) error {
	b := w.bids[bid]
	if b == nil {
		return fmt.Errorf("no bid %s left", bid)
	}
	w.coming = append(w.coming, notice{n, b, w.Clock.Now().Add(late)})
	slices.SortStableFunc(w.coming, func(a, b notice) int { return a.at.Compare(b.at) })
	return w.deliver(ctx)
}

// deliver delivers what is due, one by one.
func (w *World) deliver(ctx context.Context) error {
	for len(w.coming) > 0 && !w.coming[0].at.After(w.Clock.Now()) {
		n := w.coming[0]
		w.coming = w.coming[1:]
		for range max(1, n.Times) {
			if err := w.take(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush delivers what was put off with [World.Later], in one batch of the log.
func (w *World) Flush(ctx context.Context) error {
	all := w.later
	w.later = nil
	return w.take(ctx, all...)
}

// Later puts a notice off until Flush.
func (w *World) Later(bid string, n Notice) error {
	b := w.bids[bid]
	if b == nil {
		return fmt.Errorf("no bid %s left", bid)
	}
	for range max(1, n.Times) {
		w.later = append(w.later, notice{n, b, w.Clock.Now()})
	}
	return nil
}

// take is what a bidder does with notices: they are in the log, and then the
// bidder that holds the money is told, if it is this one.
func (w *World) take(ctx context.Context, all ...notice) error {
	var events []event.Event
	for _, n := range all {
		events = append(events, w.event(n))
		w.books.take(n, &events[len(events)-1])
	}
	return w.Book(ctx, func() error {
		if err := w.log.Append(ctx, events...); err != nil {
			return err
		}
		for _, n := range all {
			if o := n.bid.owner; w.bidders[o.Name] == o && (n.Via == "" || n.Via == o.Name) {
				o.hear(n, w.Clock.Now())
			}
		}
		return nil
	})
}

// hear tells a bidder what became of its bid.
func (b *Bidder) hear(n notice, now time.Time) {
	switch n.Kind {
	case event.KindWin:
		price := event.NoPrice
		if n.State == event.PriceOK {
			price = n.bid.cost(n.Price)
		}
		if n.bid.heardWon.IsZero() {
			n.bid.heardWon, n.bid.told = now, price
		}
		b.Pacer.Holds().Won(n.bid.ID, price, now)
	case event.KindLoss:
		n.bid.heardLost = true
		b.Pacer.Holds().Lost(n.bid.ID, now)
	}
}

// event is the event that a notice becomes.
func (w *World) event(n notice) event.Event {
	now, b := w.Clock.Now(), n.bid
	age := now.Sub(b.issued)
	e := event.Event{
		Kind: n.Kind, Bid: b.ID, OccurredAt: now, ReceivedAt: now, IssuedAt: b.issued,
		Exchange: b.terms.Exchange, Advertiser: b.item.campaign.AdvertiserID, Campaign: b.item.campaign.ID, LineItem: b.item.id, Creative: 1,
		Nodes: b.Nodes, Currency: b.currency, RateID: b.table, CostHeld: b.cost(b.Price), BidPrice: b.Price, PriceState: n.State, Horizon: b.terms.Horizon,
		Late: age > b.terms.Horizon && age <= event.MaxBillAge, Expired: age > event.MaxBillAge,
	}
	if n.State == event.PriceOK {
		e.Price = n.Price
	}
	e.Billable = n.Kind == event.KindBilling && n.State != event.PriceAudit
	return e
}

// Wait lets time pass: notices arrive, bidders tick, dead slices come back.
// Steps of time begin at a second and double.
func (w *World) Wait(ctx context.Context, d time.Duration) error {
	end := w.Clock.Now().Add(d)
	for i, step := 0, time.Second; w.Clock.Now().Before(end); i++ {
		next := w.Clock.Now().Add(step)
		if len(w.coming) > 0 && w.coming[0].at.Before(next) {
			next = w.coming[0].at
		}
		if next.After(end) {
			next = end
		}
		w.Clock.Set(next)
		if err := w.deliver(ctx); err != nil {
			return err
		}
		if err := w.sayBooked(ctx); err != nil {
			return err
		}
		if err := w.Tick(ctx); err != nil {
			return err
		}
		if _, err := w.Ledger.Reclaim(ctx); err != nil {
			return err
		}
		if i >= 3 && step < d { // many notices on the way make many steps
			step *= 2
		}
	}
	return nil
}

// Until waits until clocks in the last campaign's zone show a time. Before
// the first bidder it may be any time.
func (w *World) Until(ctx context.Context, at campaign.LocalTime) error {
	t := at.In(w.zone)
	if len(w.order) == 0 {
		w.Clock.Set(t)
		return nil
	}
	d := t.Sub(w.Clock.Now())
	if d < 0 {
		return errors.New("that is over: it is " + campaign.LocalTimeOf(w.Clock.Now().In(w.zone)).String())
	}
	return w.Wait(ctx, d)
}
