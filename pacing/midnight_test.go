package pacing

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given a daily budget that a third of the market's price would use up, when
// ten times the traffic comes in the last hour of the day, then the next
// morning starts at about the price that held all day, not at the one that the
// last minutes ended with.
func TestTheEndOfADayDoesNotSpoilTheNextMorning(t *testing.T) {
	const budget = 100 * money.Unit
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	item := LineItem{ID: 1, MaxBid: 10 * money.Micro * 1000, Budgets: []Budget{{Node: 1, Daily: true, Amount: budget}}}
	c := newDual(t)
	c.Plan([]LineItem{item})
	multiplier := 1.0
	var booked money.Nanos
	period := campaign.PeriodOf(day, time.UTC)
	const tick = time.Second
	for now := day; now.Before(day.Add(27 * time.Hour)); now = now.Add(tick) {
		if p := campaign.PeriodOf(now, time.UTC); p != period {
			period, booked = p, 0
		}
		rate := 3 * float64(budget) / (24 * time.Hour).Seconds() // linear: a third of it at a multiplier of one third
		if now.Hour() == 23 {
			rate *= 10
		}
		offered := money.Nanos(rate * multiplier)
		spent := min(offered, budget-booked)
		booked += spent
		m := c.Step(now.Add(tick), Sums{
			LineItems: []Sum{{LineItem: 1, Opportunities: 10, Bids: 10, Value: rate, Offered: offered, Expected: offered}},
			Nodes: []NodeSum{{NodePeriod: event.NodePeriod{Node: 1, Period: period}, Limit: budget, Booked: booked,
				Matured: spent, Worth: spent}},
		})
		multiplier = m.Of(1)
		if at := now.Sub(day); at == 25*time.Hour || at == 27*time.Hour-tick {
			even := float64(budget) * (at - 24*time.Hour).Hours() / 24
			if got := float64(booked) / even; got < 0.7 || got > 1.4 {
				t.Errorf("%v after midnight %.2f of the even share is spent", at-24*time.Hour, got)
			}
		}
	}
}

// Given an exchange that tells of wins at nothing and bills the bid, then its
// win notices free no money; once bills have kept to them for long, they do.
func TestWinNoticesAreBelievedAsBillsKeepToThem(t *testing.T) {
	h, err := NewHolds(HoldsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	node := event.NodePeriod{Node: 1}
	nodes := []event.NodePeriod{node}
	h.Extend(now.Add(time.Hour))
	h.Grant(node, 1000*money.Unit)
	const bid = money.Unit
	seq := uint64(0)
	// play wins a bid as told, and says what it then holds; it is billed at amount.
	play := func(exchange event.ExchangeID, told, amount money.Nanos) money.Nanos {
		seq++
		id := event.NewBidID(1, seq)
		if !h.Hold(id, nodes, bid, Terms{Exchange: exchange, WinDeadline: time.Minute, Horizon: time.Hour}, now) {
			t.Fatal("no hold")
		}
		h.Won(id, told, now)
		held := h.Account(node).Held
		h.Settle(Booked{Cursor: int64(seq), Bid: id, Nodes: nodes, FromSlice: []money.Nanos{amount}, Amount: amount})
		return held
	}
	for range 200 {
		if held := play(1, 0, bid); held < bid {
			t.Fatalf("%v held after a win at nothing, of an exchange that bills the bid", held)
		}
	}
	if held := play(2, bid/2, bid/2); held < bid*95/100 {
		t.Errorf("%v held after the first win notice of an exchange; nothing is known of it", held)
	}
	for range 400 {
		play(2, bid/2, bid/2)
	}
	if held := play(2, bid/2, bid/2); held > bid*55/100 {
		t.Errorf("%v held after a win at half, of an exchange whose bills keep to it", held)
	}
}

// believe makes the bills of the tests' exchange have kept to its win notices
// for long.
func believe(h *Holds) {
	d := h.learn(terms)
	d.told.Store(10_000)
	d.kept.Store(10_000 + priorTold)
}
