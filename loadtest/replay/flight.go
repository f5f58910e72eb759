package replay

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
)

// midnight is where yesterday begins: a Tuesday like any other.
var midnight = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

// days are yesterday and today.
const days = 2

// firstNode is the budget that binds.
const firstNode event.NodeID = 1

// played is one day to play.
type played struct {
	auctions []Auction // values in nanos, in order of At
	budget   money.Nanos
}

// flight is one policy's two days in the market.
type flight struct {
	days      [days]played
	maxBid    money.Nanos
	mechanism Mechanism
	notices   Notices
	unit      time.Duration // an auction's share of yesterday
	tick      time.Duration
	budgets   int
	bidders   int
	seed      uint64
	clockPlan bool
	ownPace   bool   // the policy alone says how fast the money goes; the guard has no plan
	fleet     *fleet // one controller for all bidders; nil: each has its own
	strategy  func(bidder int) (strategy, error)
	shade     bool // where the winner pays its bid
	learn     bool // prices, in a landscape

	shading  *landscape.Shading
	clock    *clock.Manual
	ledger   *ledger
	bus      *central.Direct
	all      []*bidder
	coming   queue
	rng      *rand.Rand
	day      int
	nextTick time.Time
	ticks    int
	version  uint64
	items    []pacing.LineItem
	nodes    []event.NodePeriod
	outcome  outcome
}

type bidder struct {
	strategy
	pacer   *pacing.Pacer
	prices  *landscape.Learner // each bidder learns from its own bids, and from what the others tell
	model   *landscape.Model
	sharing *central.Sharing
	ids     *event.BidIDs
	counter *pacing.Counter
}

// outcome is what became of one day.
type outcome struct {
	value    float64     // of what was won, nanos
	clicks   int         // of what was won
	cost     float64     // of what was won, whatever was told of it
	spent    [24]float64 // cost by the hour of the auction
	lambda   []float64   // at each tick, the first bidder's
	left     []float64   // of the budget at each tick, by true cost
	overrun  money.Nanos // booked beyond the budget
	bids     int
	wins     int
	censored int // bids that the guard dropped
}

// play plays the days and returns what became of each.
func (f *flight) play(ctx context.Context) (out [days]outcome, err error) {
	f.clock, f.ledger, f.bus = clock.NewManual(midnight), newLedger(), new(central.Direct)
	f.rng = rand.New(rand.NewPCG(f.seed, 0x7a))
	if f.shading, err = landscape.NewShading(landscape.ShadingConfig{}); err != nil {
		return out, err
	}
	for d := range f.days {
		f.day = d
		f.begin()
		if d == 0 {
			if err := f.open(ctx); err != nil {
				return out, err
			}
		}
		if err := f.run(ctx); err != nil {
			return out, err
		}
		out[d] = f.outcome
	}
	f.deliver(math.MaxInt64)
	for d := range f.days {
		np := f.period(firstNode, d)
		out[d].overrun = max(0, f.ledger.node(np).booked-f.ledger.limits[np])
	}
	return out, nil
}

// period is the budget and period of a day. The third budget is for the
// whole flight.
func (f *flight) period(n event.NodeID, d int) event.NodePeriod {
	b := f.budget(n, d)
	return b.NodePeriod(midnight.AddDate(0, 0, d))
}

// budget is the first budget as the case has it; the others are slack.
func (f *flight) budget(n event.NodeID, d int) pacing.Budget {
	amount := f.days[d].budget
	switch n {
	case firstNode:
		b := pacing.Budget{Node: n, Daily: true, Amount: amount}
		switch {
		case f.ownPace:
			b.Pace = pacing.PaceASAP
		case f.clockPlan:
			b.Pace = pacing.PaceEven
		}
		return b
	case 2:
		return pacing.Budget{Node: n, Daily: true, Amount: 2 * amount}
	default:
		return pacing.Budget{
			Node: n, Amount: 2 * (f.days[0].budget + f.days[1].budget),
			Start: midnight.AddDate(0, 0, -1), End: midnight.AddDate(0, 0, days+1),
		}
	}
}

// begin opens a day's budgets. The catalog changes at midnight.
func (f *flight) begin() {
	f.outcome = outcome{}
	li := pacing.LineItem{ID: lineItem, MaxBid: f.maxBid}
	f.nodes = make([]event.NodePeriod, 0, f.budgets)
	for n := firstNode; n < firstNode+event.NodeID(max(1, f.budgets)); n++ {
		b := f.budget(n, f.day)
		li.Budgets = append(li.Budgets, b)
		f.nodes = append(f.nodes, f.period(n, f.day))
		for d := range f.days { // the ledger knows tomorrow's too: bidders ask for it before midnight
			f.ledger.limits[f.period(n, d)] = f.budget(n, d).Amount
		}
	}
	f.items = []pacing.LineItem{li}
	f.version++
	f.nextTick = midnight.AddDate(0, 0, f.day)
}

func (f *flight) open(ctx context.Context) error {
	lineItems := func() (uint64, []pacing.LineItem) { return f.version, f.items }
	if f.fleet != nil {
		if err := f.fleet.open(f.bus, f.clock, f.tick, lineItems); err != nil {
			return err
		}
	}
	for i := range f.bidders {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := f.strategy(i)
		if err != nil {
			return err
		}
		b := &bidder{strategy: s}
		if b.prices, err = landscape.NewLearner(landscape.Config{Share: f.bidders > 1}); err != nil {
			return err
		}
		if f.learn && f.bidders > 1 {
			if b.sharing, err = share(b.prices, f.bus, f.tick, i); err != nil {
				return err
			}
		}
		var holds pacing.HoldsConfig
		if f.learn {
			holds.Outcome = b.prices.Observe
		}
		b.pacer, err = pacing.New(ctx, pacing.Config{
			Name: fmt.Sprintf("bidder-%d", i), Ledger: f.ledger, Clock: f.clock, Controller: controllerOf(b.strategy),
			LineItems: lineItems, Holds: holds,
			Interval: f.tick, Lead: 3 * f.tick, Lease: 30 * f.tick, // a second is a tick, in production's proportions
		})
		if err != nil {
			return err
		}
		b.ids, b.counter = event.NewBidIDs(b.pacer.Incarnation()), b.pacer.Collector().Of(lineItem)
		f.all = append(f.all, b)
	}
	return nil
}

// run plays one day.
func (f *flight) run(ctx context.Context) error {
	start := midnight.AddDate(0, 0, f.day)
	auctions := f.days[f.day].auctions
	for i := range auctions {
		at := start.Add(auctions[i].At)
		for !f.nextTick.After(at) {
			if err := f.step(ctx); err != nil {
				return err
			}
		}
		f.deliver(at.UnixNano())
		f.auction(&auctions[i], at)
	}
	for end := start.Add(day); f.nextTick.Before(end); {
		if err := f.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// step ticks every bidder.
func (f *flight) step(ctx context.Context) error {
	f.deliver(f.nextTick.UnixNano())
	f.clock.Set(f.nextTick)
	f.ticks++
	for i, b := range f.all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.pacer.Step(ctx); err != nil {
			return err
		}
		if b.sharing != nil {
			if err := b.sharing.Step(f.nextTick); err != nil {
				return err
			}
		}
		// Of many bidders each sees little of a tick, and hears of the others
		// every few: to ask more seldom than production does costs them a little
		// and saves most of the replay's time.
		if f.learn && (f.bidders == 1 || (f.ticks+i)%shareEvery == 0) {
			b.model = b.prices.Model(f.nextTick)
		}
	}
	if f.fleet != nil {
		if err := f.fleet.step(f.day, f.nextTick); err != nil {
			return err
		}
	}
	f.nextTick = f.nextTick.Add(f.tick)
	f.outcome.lambda = append(f.outcome.lambda, 1/f.all[0].pacer.Load().Of(lineItem))
	f.outcome.left = append(f.outcome.left, float64(f.days[f.day].budget)-f.outcome.cost)
	return ctx.Err()
}

// auction offers one impression to one of the bidders.
func (f *flight) auction(a *Auction, at time.Time) {
	who := 0
	if f.bidders > 1 {
		who = f.rng.IntN(f.bidders)
	}
	b := f.all[who]
	b.counter.Opportunity(min(a.Value, float64(f.maxBid)))
	o := f.offer(b, a, at)
	if o.Bid <= 0 {
		return
	}
	cost := money.FromFloat(float64(o.Payment) * o.WinRate)
	id := b.ids.Next()
	terms := pacing.Terms{
		Exchange: a.Exchange, WinDeadline: f.auctionsLong(float64(f.notices.Deadline)), Horizon: f.auctionsLong(f.notices.horizon()),
		Cost: o.Payment, WinRate: o.WinRate, LossesTold: f.mechanism == First, Context: o.context, Offered: o.Bid,
	}
	holds := b.pacer.Holds()
	if holds.Hold(id, f.nodes, o.Bid, terms, at) {
		b.counter.Bid(o.Bid, cost)
	} else {
		b.counter.Censored(o.Bid, cost)
		f.outcome.censored++
		// As the bidder does: what there is room for is a bid, too.
		if o.Bid = holds.Room(f.nodes, o.Bid, at); o.Bid <= 0 {
			return
		}
		if terms.Offered, terms.Lowered = o.Bid, true; !holds.Hold(id, f.nodes, o.Bid, terms, at) {
			return
		}
		b.counter.Bid(0, 0)
	}
	f.outcome.bids++
	f.close(a, at, notice{left: at.UnixNano(), bid: id, bidder: int32(who), exchange: a.Exchange, nodes: f.nodes}, o.Bid)
}

// close ends the auction and sends the notices on their way.
func (f *flight) close(a *Auction, at time.Time, n notice, price money.Nanos) {
	cost := price
	if f.mechanism.second() {
		cost = a.Price
	}
	if f.mechanism == First {
		n.least = a.Price
	}
	if price < a.Price {
		if f.mechanism == First { // no other exchange tells who lost
			n.kind = event.KindLoss
			f.send(n, at, f.rng.ExpFloat64()*f.notices.Win)
		}
		return
	}
	o := &f.outcome
	o.value += a.Value
	o.cost += float64(cost)
	o.spent[hour(a.At)] += float64(cost)
	o.wins++
	if a.Click {
		o.clicks++
	}
	win := n
	win.kind, win.price = event.KindWin, cost
	if f.notices.NoPrice {
		win.price = -1
	}
	if !f.notices.NoWin && f.rng.Float64() >= f.notices.Lost {
		f.send(win, at, f.rng.ExpFloat64()*f.notices.Win)
	}
	n.kind, n.price = event.KindBilling, cost
	f.send(n, at, f.notices.delay(f.rng))
}

// send puts a notice on its way, some twice.
func (f *flight) send(n notice, at time.Time, delay float64) {
	n.at = at.Add(f.auctionsLong(delay)).UnixNano()
	f.coming.push(n)
	if f.rng.Float64() < f.notices.Doubled {
		n.at += int64(f.tick)
		f.coming.push(n)
	}
}

// auctionsLong is how long so many auctions of yesterday's mean traffic take.
func (f *flight) auctionsLong(n float64) time.Duration {
	return time.Duration(min(n*float64(f.unit), float64(100*day)))
}

// deliver hands over the notices that have arrived.
func (f *flight) deliver(until int64) {
	for len(f.coming) > 0 && f.coming[0].at <= until {
		n := f.coming.pop()
		holds := f.all[n.bidder].pacer.Holds()
		holds.Hear(n.bid, pacing.Heard{Price: max(0, n.price), MinToWin: n.least})
		switch at := time.Unix(0, n.at); n.kind {
		case event.KindLoss:
			holds.Lost(n.bid, at)
		case event.KindWin:
			holds.Won(n.bid, n.price, at)
		case event.KindBilling:
			f.ledger.book(&n)
		}
	}
}
