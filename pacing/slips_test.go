package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// A budget that is cut below what is spent, and mended within minutes, goes on at
// the price that it had. One that ran dry for hours has learned at what price
// money lasts, and keeps that.
func TestAnEditThatIsMendedLeavesThePrice(t *testing.T) {
	for minutes, kept := range map[int]bool{5: true, 600: false} {
		p := newPaced(t)
		d := p.nodes[1]
		for range 100 {
			p.minute(1)
		}
		d.log, d.sound = 4, 4
		p.node.Booked = p.amount / 10
		amount := p.amount
		edit := func(limit money.Nanos) {
			p.Plan([]LineItem{{ID: 1, MaxBid: money.Unit, Budgets: []Budget{{Node: 1, Daily: true, Amount: limit}}}})
			p.node.Limit = limit
		}
		edit(amount / 20)
		for range minutes {
			p.minute(1)
		}
		learned := d.log
		if learned < 4.5 {
			t.Fatalf("ln lambda is %.2f after %d minutes without money, want it far off 4", learned, minutes)
		}
		edit(amount)
		p.minute(1)
		want := learned
		if kept {
			want = 4
		}
		if math.Abs(d.log-want) > .3 {
			t.Errorf("after %d minutes at a wrong amount ln lambda is %.2f, was %.2f before and %.2f then", minutes, d.log, 4.0, learned)
		}
	}
}

// Where losses are told, a bid of which nothing is heard has won. What such bids
// hold is what they are billed, be they of much or of little chance: not less
// because the dear ones cannot hold more than their price.
func TestSilenceWhereLossesAreToldIsAWin(t *testing.T) {
	const price, n = 10_000, 400
	h := newHolds(t, Want{life, 1 << 50})
	tt := terms
	tt.LossesTold = true
	seq, now := uint64(0), noon
	round := func() (first uint64) {
		first = seq + 1
		for i := range n {
			seq++
			tt.WinRate = []float64{.05, .9}[i%2]
			tt.Cost = price - 1
			h.Hold(bid(seq), []event.NodePeriod{life}, price, tt, now)
			if won := i%2 == 1 || i%20 == 0; !won {
				h.Lost(bid(seq), now)
			}
		}
		return first
	}
	for range 20 {
		first := round()
		h.Tick(now.Add(terms.WinDeadline))
		for i := first; i <= seq; i++ {
			h.Settle(settled(i, price, life)) // those that lost are gone
		}
		now = now.Add(time.Hour)
		h.Tick(now)
	}
	before := h.Account(life).Held
	round()
	won := float64(h.Account(life).Held - before) // young bids hold all
	h.Tick(now.Add(terms.WinDeadline))
	if pending := float64(h.Account(life).Pending); pending < .98*won || pending > 1.1*won {
		t.Errorf("silent bids of %.0f, all won, are expected to be billed %.0f", won, pending)
	}
}
