package pacing

import (
	"reflect"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Given bids of which one becomes known in each way there is, when the win
// deadline has passed, then each was told of once, at that age; and what was
// taken for lost is corrected.
func TestOutcomesAreToldAtTheWinDeadline(t *testing.T) {
	const offered = 100
	k := landscape.KeyOf(landscape.Context{Exchange: 1, Mechanism: landscape.SecondPrice})
	lost := landscape.Outcome{Context: k, Bid: offered}
	won := landscape.Outcome{Context: k, Bid: offered, Won: true}
	with := func(o landscape.Outcome, price, minToWin float64, late bool) landscape.Outcome {
		o.Price, o.MinToWin, o.Late = price, minToWin, late
		return o
	}
	heard := func(h *Holds, n Heard) { h.Hear(bid(1), n) }
	bill := func(h *Holds, amount money.Nanos) { h.Settle(settled(1, amount, life)) }
	for name, c := range map[string]struct {
		early, late func(h *Holds) // before and after the deadline
		want        []landscape.Outcome
		after       []landscape.Outcome
	}{
		"silence":                  {want: []landscape.Outcome{lost}},
		"loss":                     {early: func(h *Holds) { h.Lost(bid(1), noon) }, want: []landscape.Outcome{lost}},
		"loss that told the price": {early: func(h *Holds) { heard(h, Heard{MinToWin: 120}); h.Lost(bid(1), noon) }, want: []landscape.Outcome{with(lost, 0, 120, false)}},
		"loss for another reason":  {early: func(h *Holds) { heard(h, Heard{Unpriced: true}); h.Lost(bid(1), noon) }},
		"win":                      {early: func(h *Holds) { h.Won(bid(1), -1, noon) }, want: []landscape.Outcome{won}},
		"win at a price":           {early: func(h *Holds) { heard(h, Heard{Price: 70}); h.Won(bid(1), 70, noon) }, want: []landscape.Outcome{with(won, 70, 0, false)}},
		"win, then bill": {early: func(h *Holds) { heard(h, Heard{Price: 70}); h.Won(bid(1), 70, noon); bill(h, 70) },
			want: []landscape.Outcome{with(won, 70, 0, false)}},
		"bill alone":            {early: func(h *Holds) { bill(h, 50) }, want: []landscape.Outcome{with(won, 50, 0, false)}},
		"bill, then a notice":   {early: func(h *Holds) { bill(h, 100); heard(h, Heard{MinToWin: 80}) }, want: []landscape.Outcome{with(won, 0, 80, false)}},
		"cancelled":             {early: func(h *Holds) { h.Cancel(bid(1)) }},
		"late win":              {late: func(h *Holds) { h.Won(bid(1), -1, noon) }, want: []landscape.Outcome{lost}, after: []landscape.Outcome{with(won, 0, 0, true)}},
		"late bill":             {late: func(h *Holds) { bill(h, 50) }, want: []landscape.Outcome{lost}, after: []landscape.Outcome{with(won, 50, 0, true)}},
		"late loss":             {late: func(h *Holds) { h.Lost(bid(1), noon) }, want: []landscape.Outcome{lost}},
		"late loss that tells":  {late: func(h *Holds) { heard(h, Heard{MinToWin: 120}); h.Lost(bid(1), noon) }, want: []landscape.Outcome{lost}, after: []landscape.Outcome{with(lost, 0, 120, true)}},
		"win, late bill":        {early: func(h *Holds) { h.Won(bid(1), -1, noon) }, late: func(h *Holds) { bill(h, 50) }, want: []landscape.Outcome{won}},
		"late win, then a bill": {late: func(h *Holds) { h.Won(bid(1), -1, noon); bill(h, 50) }, want: []landscape.Outcome{lost}, after: []landscape.Outcome{with(won, 0, 0, true)}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []landscape.Outcome
			h, err := NewHolds(HoldsConfig{Outcome: func(o landscape.Outcome) { got = append(got, o) }})
			if err != nil {
				t.Fatal(err)
			}
			h.Extend(noon.Add(time.Hour))
			h.Grant(life, money.Cap)
			terms := Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: 30 * time.Minute, Context: k, Offered: offered}
			if !h.Hold(bid(1), []event.NodePeriod{life}, 100, terms, noon) {
				t.Fatal("it cannot be held")
			}
			if c.early != nil {
				c.early(h)
			}
			h.Tick(noon.Add(time.Minute - 1))
			if len(got) > 0 {
				t.Fatalf("before the deadline it told %+v", got)
			}
			h.Tick(noon.Add(time.Minute))
			if !reflect.DeepEqual(got, c.want) {
				t.Fatalf("at the deadline it told %+v, want %+v", got, c.want)
			}
			got = nil
			if c.late != nil {
				c.late(h)
			}
			for age := 2 * time.Minute; age < time.Hour; age += time.Minute {
				h.Tick(noon.Add(age))
			}
			if !reflect.DeepEqual(got, c.after) {
				t.Errorf("then it told %+v, want %+v", got, c.after)
			}
			for i := range h.shards {
				if n := len(h.shards[i].ended) + h.shards[i].open.n; n > 0 {
					t.Errorf("%d bids are kept", n)
				}
			}
		})
	}
}

// What became of a bid counts once it is known: a win at what it is expected to be
// billed, a loss and a bill at once; a bid that never left does not count.
func TestBidsMatureWhenTheyAreKnown(t *testing.T) {
	for name, c := range map[string]struct {
		do                     func(*Holds)
		opened, matured, worth money.Nanos
	}{
		"open":      {func(*Holds) {}, 40, 0, 0},
		"won":       {func(h *Holds) { h.Won(bid(1), -1, noon) }, 40, 40, 40},
		"lost":      {func(h *Holds) { h.Lost(bid(1), noon) }, 40, 40, 0},
		"billed":    {func(h *Holds) { h.Settle(settled(1, 30, life)) }, 40, 40, 30},
		"cancelled": {func(h *Holds) { h.Cancel(bid(1)) }, 0, 0, 0},
	} {
		h := newHolds(t, Want{life, 100})
		h.Hold(bid(1), []event.NodePeriod{life}, 40, terms, noon)
		c.do(h)
		if a := h.Account(life); a.Opened != c.opened || a.Matured != c.matured || a.Worth != c.worth {
			t.Errorf("%s: %d opened, %d matured to %d; want %d, %d to %d", name, a.Opened, a.Matured, a.Worth, c.opened, c.matured, c.worth)
		}
	}
}
