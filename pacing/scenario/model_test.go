package scenario

import (
	"context"
	"fmt"
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
// grants stay within budgets, a bid is booked once and at most at its price,
// memories hold no more than was granted, and what is booked without cover was
// stated as a risk before. In the end everything is released.
func TestLawsHoldWhateverHappens(t *testing.T) {
	s := openStore(t)
	overran, booked := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(rt, s)
		rt.Repeat(map[string]func(*rapid.T){
			"bid": h.bid, "bid again": h.bid, "win": h.notice(event.KindWin), "lose": h.notice(event.KindLoss),
			"bill": h.notice(event.KindBilling), "bill again": h.notice(event.KindBilling),
			"wait": h.wait, "wait again": h.wait, "end a bidder": h.end, "budget": h.budget, "pay": h.pay, "link": h.link, "booking": h.booking, "controller": h.control,
			"": func(rt *rapid.T) { h.must(rt, h.Check(h.ctx)) },
		})
		h.settle(rt)
		for _, x := range h.books.overrun {
			if x > 0 {
				overran++
			}
		}
		booked += len(h.books.bills)
		h.must(rt, h.Close())
	})
	t.Logf("%d bids were booked, %d budgets were overrun", booked, overran)
}

// history is a world that random things happen to.
type history struct {
	*World
	ctx    context.Context
	names  []string // of campaigns and line items
	as     string   // what bidders' names begin with
	starts int
	sent   []string // bids

}

var bidderNames = []string{"A", "B", "C"}

func newHistory(rt *rapid.T, s *store.Store) *history {
	ctx := context.Background()
	w, err := NewWorld(ctx, Config{Store: s, Start: time.Date(2026, 12, 1, 21, 30, 0, 0, time.UTC)})
	if err != nil {
		rt.Fatal(err)
	}
	w.Terms.Horizon = 20 * time.Minute
	h := &history{World: w, ctx: ctx, names: []string{"Boots", "Kids", "Socks"}, as: fmt.Sprint(w.Clock.Now().UnixNano(), "-", rapid.Uint64().Draw(rt, "name"))}
	few := rapid.Int64Range(1_000_000, 40_000_000) // some impressions
	h.must(rt, w.SetAdvertiser(ctx, "acme", "Europe/Berlin", h.draw(rt)))
	h.pay(rt)
	h.must(rt, w.SetAdvertiser(ctx, "example", "America/New_York", h.draw(rt)))
	h.must(rt, w.AddCampaignOf(ctx, "Boots", "acme", campaign.Budget{Daily: money.Nanos(few.Draw(rt, "daily")), Lifetime: money.Nanos(few.Draw(rt, "lifetime"))}, 5*money.Unit))
	h.must(rt, w.AddLine(ctx, "Kids", "Boots", campaign.Budget{Lifetime: money.Nanos(few.Draw(rt, "lifetime"))}, 5*money.Unit))
	h.must(rt, w.AddCampaignOf(ctx, "Socks", rapid.SampledFrom([]string{"acme", "example"}).Draw(rt, "whose"), campaign.Budget{Daily: money.Nanos(few.Draw(rt, "daily"))}, 5*money.Unit))
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

func (h *history) bid(rt *rapid.T) {
	by := rapid.SampledFrom(bidderNames).Draw(rt, "by")
	for range rapid.IntRange(1, 4).Draw(rt, "bids") {
		name := fmt.Sprint("b", h.starts)
		h.starts++
		held, err := h.Bid(name, rapid.SampledFrom(h.names).Draw(rt, "on"), money.Nanos(rapid.Int64Range(100_000, 5_000_000).Draw(rt, "price")), by)
		h.must(rt, err)
		if held {
			h.sent = append(h.sent, name)
		}
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
			Kind: kind, Price: money.Nanos(rapid.Int64Range(0, most).Draw(rt, "price")),
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
	amount := money.Nanos(rapid.Int64Range(1_000_000, 60_000_000).Draw(rt, "amount"))
	switch rapid.IntRange(0, 3).Draw(rt, "which") {
	case 0:
		h.must(rt, h.SetBudget(h.ctx, "Boots", true, amount))
	case 1:
		h.must(rt, h.SetBudget(h.ctx, "Kids", false, amount))
	case 2:
		h.must(rt, h.SetBudget(h.ctx, "Socks", true, amount))
	case 3:
		h.must(rt, h.SetPaused(rapid.SampledFrom(h.names).Draw(rt, "name"), rapid.Bool().Draw(rt, "paused")))
	}
}

// draw returns some funding, or none, which an advertiser that has some keeps.
func (h *history) draw(rt *rapid.T) campaign.Funding {
	line := money.Nanos(rapid.Int64Range(1, 30_000_000).Draw(rt, "credit line"))
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
		amount := rapid.Int64Range(-20_000_000, 30_000_000).Filter(func(n int64) bool { return n != 0 }).Draw(rt, "amount")
		paid, err := h.Pay(h.ctx, name, money.Nanos(amount))
		h.must(rt, err)
		if !paid && amount > 0 {
			rt.Fatalf("a payment of %d was refused", amount)
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
		for _, a := range b.Pacer.Holds().Accounts(nil) {
			if a.Held != 0 || a.Available > 0 {
				rt.Fatalf("in the end bidder %s has %+v", b.Name, a)
			}
		}
	}
}
