package scenario

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// TestLawsHoldWhateverHappens plays random histories of bidders that are
// killed, fenced and cut off, of notices that come late, twice and wrong, and
// of budgets that are cut and raised. The world checks its laws at every step:
// budgets are not exceeded but by what is excused (see ceilings), a bid is booked
// once and at most at its price, memories hold no more than was granted, and what
// is booked without cover was stated as a risk before. In the end everything is
// released.
func TestLawsHoldWhateverHappens(t *testing.T) {
	s := openStore(t)
	var sum tally
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(rt, s)
		h.play(rt, map[string]func(*rapid.T){
			"win": h.notice(event.KindWin), "lose": h.notice(event.KindLoss), "bill": h.notice(event.KindBilling), "bill again": h.notice(event.KindBilling),
		})
		sum.add(h)
	})
	t.Log(sum)
}

// TestNothingIsSpentBeyondABudget plays the same with an exchange that keeps its
// word: it tells within the win deadline who won, at which price, and bills that
// within it too, or never. Some notices are lost, and many come twice.
// Then nothing is excused: no budget is exceeded, by a nano, but where its
// amount was cut below what was out.
func TestNothingIsSpentBeyondABudget(t *testing.T) {
	s := openStore(t)
	var sum tally
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(rt, s)
		h.honest = true
		h.play(rt, nil)
		for np, x := range h.books.ceilings {
			if x.excused+x.beyond > 0 {
				rt.Fatalf("of budget %v %v are excused", np, x.excused+x.beyond)
			}
		}
		sum.add(h)
	})
	if t.Log(sum); sum.booked == 0 || sum.spent == 0 {
		t.Error("no budget was spent: this shows nothing")
	}
}

// tally is what happened in all histories of a test.
type tally struct{ bids, booked, budgets, spent, cut, beyond int }

func (s *tally) add(h *history) {
	s.bids += len(h.sent)
	s.booked += len(h.books.bills)
	for _, x := range h.books.ceilings {
		s.budgets++
		if x.stood >= x.most-x.most/10 {
			s.spent++
		}
		if x.stood > x.limit+x.beyond {
			s.cut++
		}
		if x.beyond > 0 {
			s.beyond++
		}
	}
}

func (s tally) String() string {
	return fmt.Sprintf("%d bids left, %d were booked; of %d budgets nine tenths of %d were spent, %d were cut below that, %d exceeded",
		s.bids, s.booked, s.budgets, s.spent, s.cut, s.beyond)
}

// history is a world that random things happen to.
type history struct {
	*World
	ctx    context.Context
	names  []string // of campaigns and line items
	as     string   // what bidders' names begin with
	starts int
	sent   []string // bids
	honest bool     // the exchange keeps its word
	rng    *rand.Rand
}

var bidderNames = []string{"A", "B", "C"}

const leastBid, mostBid = 100_000, 5_000_000

// price draws a price of one impression: rapid itself would take the lowest all
// the time.
func (h *history) price() money.Nanos { return leastBid + money.Nanos(h.rng.Int64N(mostBid-leastBid)) }

// amount draws a budget for some impressions, or for more than there are.
func (h *history) amount(rt *rapid.T) money.Nanos {
	return money.Nanos(rapid.SampledFrom([]int64{2, 20, 1, 5, 100, 1e9}).Draw(rt, "impressions")) * h.price()
}

// play lets things happen, those of more too, and then all come to its end.
func (h *history) play(rt *rapid.T, more map[string]func(*rapid.T)) {
	all := map[string]func(*rapid.T){
		"bid": h.bid, "bid again": h.bid, "bid more": h.bid, "bid still more": h.bid, "wait": h.wait, "wait again": h.wait, "end a bidder": h.end, "budget": h.budget, "pay": h.pay,
		"link": h.link, "booking": h.booking, "controller": h.control,
		"": func(rt *rapid.T) { h.must(rt, h.Check(h.ctx)) },
	}
	maps.Copy(all, more)
	rt.Repeat(all)
	h.settle(rt)
	h.must(rt, h.Close())
}

func newHistory(rt *rapid.T, s *store.Store) *history {
	ctx := context.Background()
	w, err := NewWorld(ctx, Config{Store: s, Start: time.Date(2026, 12, 1, 21, 30, 0, 0, time.UTC)})
	if err != nil {
		rt.Fatal(err)
	}
	w.Terms.Horizon = 20 * time.Minute
	h := &history{World: w, ctx: ctx, names: []string{"Boots", "Kids", "Socks"}, rng: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)), as: fmt.Sprint(w.Clock.Now().UnixNano(), "-", rapid.Uint64().Draw(rt, "name"))}
	h.must(rt, w.SetAdvertiser(ctx, "acme", "Europe/Berlin", h.draw(rt)))
	h.pay(rt)
	h.must(rt, w.SetAdvertiser(ctx, "example", "America/New_York", h.draw(rt)))
	h.must(rt, w.AddCampaignOf(ctx, "Boots", "acme", campaign.Budget{Daily: h.amount(rt), Lifetime: h.amount(rt)}, 5*money.Unit))
	h.must(rt, w.AddLine(ctx, "Kids", "Boots", campaign.Budget{Lifetime: h.amount(rt)}, 5*money.Unit))
	h.must(rt, w.AddCampaignOf(ctx, "Socks", rapid.SampledFrom([]string{"acme", "example"}).Draw(rt, "whose"), campaign.Budget{Daily: h.amount(rt)}, 5*money.Unit))
	for _, name := range bidderNames {
		h.start(rt, name)
	}
	return h
}

func (h *history) must(rt *rapid.T, err error) {
	if err != nil {
		rt.Helper()
		rt.Fatal(err)
	}
}

func (h *history) start(rt *rapid.T, name string) {
	h.must(rt, h.StartBidder(h.ctx, name, h.as+name))
}

// bid is a few seconds of traffic: bids at values times the controller's
// multiplier.
func (h *history) bid(rt *rapid.T) {
	for range rapid.IntRange(1, 8).Draw(rt, "seconds") {
		for range h.rng.IntN(12) {
			h.auction(rt, bidderNames[h.rng.IntN(len(bidderNames))], h.names[h.rng.IntN(len(h.names))])
		}
		h.must(rt, h.Wait(h.ctx, time.Second))
	}
}

func (h *history) auction(rt *rapid.T, by, on string) {
	name, value, id, pacer := fmt.Sprint("b", h.starts), float64(h.price()), h.items[on].id, h.bidders[by].Pacer
	h.starts++
	price := money.Nanos(max(1, value*pacer.Load().Of(id)))
	held, err := h.Bid(name, on, price, by)
	h.must(rt, err)
	n := pacer.Collector().Of(id)
	n.Opportunity(value)
	if !held {
		n.Censored(price, price)
		return
	}
	n.Bid(price, price)
	h.sent = append(h.sent, name)
	switch {
	case h.honest:
		h.tell(rt, name, price)
	case h.rng.IntN(2) == 0: // one of them is billed
		h.notice(event.KindBilling)(rt)
	}
}

// tell sends what an exchange that keeps its word says of a bid.
func (h *history) tell(rt *rapid.T, name string, bid money.Nanos) {
	soon := func() time.Duration { return time.Duration(h.rng.Int64N(int64(h.Terms.WinDeadline))) }
	notify := func(kind event.Kind, price money.Nanos, state event.PriceState, late time.Duration) {
		h.must(rt, h.Notify(h.ctx, name, Notice{Kind: kind, Price: price, State: state,
			Times: rapid.IntRange(1, 3).Draw(rt, "times"), Via: rapid.SampledFrom(append(bidderNames, "", "")).Draw(rt, "via")}, late))
	}
	price, state, after := money.Nanos(h.rng.Int64N(int64(bid)+1)), event.PriceOK, time.Duration(0)
	if rapid.IntRange(0, 4).Draw(rt, "unpriced") == 0 {
		state = event.PriceMissing
	}
	switch rapid.IntRange(0, 5).Draw(rt, "outcome") {
	case 0: // nothing is heard of it
		return
	case 1:
		notify(event.KindLoss, 0, event.PriceMissing, soon())
		return
	case 2, 3: // a win notice, which its bidder may not hear: the bill is not later for it
		after = soon()
		notify(event.KindWin, price, state, after)
	}
	if late := soon(); late > after && rapid.IntRange(0, 5).Draw(rt, "never billed") > 0 {
		notify(event.KindBilling, price, state, late)
	}
}

func (h *history) notice(kind event.Kind) func(rt *rapid.T) {
	return func(rt *rapid.T) {
		if len(h.sent) == 0 {
			return // not now
		}
		name := rapid.SampledFrom(h.sent).Draw(rt, "bid")
		most := 5 * int64(h.bids[name].Price) / 4
		late := rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute, 25 * time.Minute, 3 * time.Hour}).Draw(rt, "late")
		h.must(rt, h.Notify(h.ctx, name, Notice{
			Kind: kind, Price: money.Nanos(h.rng.Int64N(most + 1)),
			State: rapid.SampledFrom([]event.PriceState{event.PriceOK, event.PriceOK, event.PriceMissing, event.PriceAudit}).Draw(rt, "state"),
			Times: rapid.IntRange(1, 2).Draw(rt, "times"), Via: rapid.SampledFrom(append(bidderNames, "")).Draw(rt, "via"),
		}, late))
	}
}

func (h *history) wait(rt *rapid.T) {
	h.must(rt, h.Wait(h.ctx, rapid.SampledFrom([]time.Duration{time.Second, 2 * time.Second, 90 * time.Second, 25 * time.Minute, 2 * time.Hour}).Draw(rt, "for")))
}

// end ends a bidder, in one of the ways in which they end, and starts the next.
func (h *history) end(rt *rapid.T) {
	name := rapid.SampledFrom(bidderNames).Draw(rt, "bidder")
	switch b := h.bidders[name]; rapid.SampledFrom([]string{"kill", "stop", "fence"}).Draw(rt, "how") {
	case "kill":
		h.must(rt, h.Kill(name))
	case "stop":
		b.link.down, b.link.mute = false, false
		if b.fenced {
			return // it has ended
		}
		err := h.Stop(h.ctx, name)
		if h.bidders[name] != nil { // the ledger had given it up
			b.fenced = true
		} else {
			h.must(rt, err)
		}
	case "fence": // the second start runs while the first does
		h.starts++
		second := fmt.Sprint(name, h.starts)
		h.must(rt, h.StartBidder(h.ctx, second, b.As))
		h.must(rt, h.Wait(h.ctx, time.Second))
		h.must(rt, h.Kill(second))
	}
	if h.bidders[name] != nil {
		h.must(rt, h.Kill(name))
	}
	h.start(rt, name)
}

func (h *history) budget(rt *rapid.T) {
	amount := h.amount(rt)
	switch rapid.IntRange(0, 4).Draw(rt, "which") {
	case 4:
		h.must(rt, h.SetBudget(h.ctx, "Boots", false, amount))
	case 0:
		h.must(rt, h.SetBudget(h.ctx, "Boots", true, amount))
	case 1:
		h.must(rt, h.SetBudget(h.ctx, "Kids", false, amount))
	case 2:
		h.must(rt, h.SetBudget(h.ctx, "Socks", true, amount))
	case 3:
		h.must(rt, h.SetPaused(rapid.SampledFrom(h.names).Draw(rt, "name"), rapid.IntRange(0, 2).Draw(rt, "paused") == 2))
	}
}

// draw returns some funding, or none, which an advertiser that has some keeps.
func (h *history) draw(rt *rapid.T) campaign.Funding {
	line := h.amount(rt)
	return rapid.SampledFrom([]campaign.Funding{{Kind: campaign.Prepaid}, {Kind: campaign.Credit, CreditLine: line}, {}}).Draw(rt, "funding")
}

// pay pays in or back, or changes what an advertiser may spend.
func (h *history) pay(rt *rapid.T) {
	name := rapid.SampledFrom([]string{"acme", "example"}).Draw(rt, "who")
	a, ok := h.advertisers[name]
	if f := h.draw(rt); ok && rapid.IntRange(0, 3).Draw(rt, "fund") == 0 {
		if f.Kind == campaign.Unfunded && a.Funding.Kind != f.Kind {
			return
		}
		h.must(rt, h.SetAdvertiser(h.ctx, name, a.TimeZone, f))
	} else if ok && a.Funding.Kind != campaign.Unfunded {
		amount := h.amount(rt)
		if rapid.IntRange(0, 2).Draw(rt, "refund") == 0 {
			amount = -amount
		}
		paid, err := h.Pay(h.ctx, name, amount)
		h.must(rt, err)
		if !paid && amount > 0 {
			rt.Fatalf("a payment of %v was refused", amount)
		}
	}
}

func (h *history) link(rt *rapid.T) {
	b := h.bidders[rapid.SampledFrom(bidderNames).Draw(rt, "bidder")]
	b.link.down, b.link.mute = rapid.Bool().Draw(rt, "down"), rapid.Bool().Draw(rt, "mute")
}

func (h *history) booking(rt *rapid.T) {
	if rapid.Bool().Draw(rt, "stops") {
		h.must(rt, h.StopBooking())
	} else {
		h.must(rt, h.ResumeBooking(h.ctx))
	}
}

// control starts and loses the controller of all. Bidders that started before
// there was one go on alone.
func (h *history) control(rt *rapid.T) {
	if h.controller == nil {
		h.must(rt, h.StartController())
	} else {
		h.must(rt, h.LoseController())
	}
}

// settle lets everything come to its end: then nothing is held, and nothing is
// in anybody's hands.
func (h *history) settle(rt *rapid.T) {
	h.must(rt, h.ResumeBooking(h.ctx))
	for _, name := range h.World.names {
		h.must(rt, h.SetPaused(name, true))
	}
	for _, b := range h.bidders {
		b.link.down, b.link.mute = false, false
	}
	h.must(rt, h.Wait(h.ctx, 4*time.Hour)) // what is late comes, horizons end, the dead are reclaimed
	h.must(rt, h.Wait(h.ctx, 3*time.Second))
	h.must(rt, h.Check(h.ctx))
	reports, err := h.Reports(h.ctx)
	h.must(rt, err)
	for np, r := range reports {
		if r.Outstanding != 0 {
			rt.Fatalf("in the end %v of budget %v are in somebody's hands", r.Outstanding, np)
		}
	}
	for _, b := range h.bidders {
		if b.fenced { // it was silent for too long: it spends nothing any more
			continue
		}
		for _, a := range b.Pacer.Holds().Accounts(nil) {
			if a.Held != 0 || a.Available > 0 {
				rt.Fatalf("in the end bidder %s has %+v", b.Name, a)
			}
		}
	}
}
