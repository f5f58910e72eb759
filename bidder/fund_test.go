package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

var purseDay = event.NodePeriod{Node: 1, Period: 20261201}

// What is left of a budget is bid, if it is not too little or below the floor.
func TestABidIsLoweredToWhatThereIsRoomFor(t *testing.T) {
	for _, c := range []struct {
		purse money.Nanos
		body  string
		bid   money.Nanos // 0 is none
	}{
		{2_000_000, plain, 2_000_000},
		{1_500_000, plain, 1_500_000},
		{250_000, plain, 250_000},
		{249_999, plain, 0},
		{1_500_000, strings.Replace(plain, "0.1", "1.5", 1), 1_500_000},
		{1_499_999, strings.Replace(plain, "0.1", "1.5", 1), 0},
	} {
		w := newWorld(t)
		id := w.item("2", nil)
		w.open(c.purse)
		bids := w.bids(w.post(c.body))
		got := money.Nanos(0)
		if len(bids) == 1 {
			token := w.token(bids[0])
			if got = token.Price; token.CostHeld != got || w.holds.Account(purseDay).Held != got || int64(bids[0].Price*1e6+.5) != int64(got) {
				t.Errorf("of %d: the bid is %v, the token says %d and %d, held are %d", c.purse, bids[0].Price, token.Price, token.CostHeld, w.holds.Account(purseDay).Held)
			}
		}
		if got != c.bid {
			t.Errorf("of %d with a floor the bid is %d, want %d", c.purse, got, c.bid)
		}
		// It is demand for all that it would have bid, once.
		sums := w.bidder.Counters.Take(nil)
		a := w.holds.Account(purseDay)
		if len(sums) != 1 || sums[0].Opportunities != 1 || sums[0].Offered != 2_000_000 || a.Opened+a.Refused != 2_000_000 {
			t.Errorf("of %d: counted are %+v, of the budget %d and %d", c.purse, sums, a.Opened, a.Refused)
		}
		none := 0.0
		if c.bid == 0 {
			none = 1
		}
		if n := w.count("tangent_bidder_refusals_total", openrtb.NoMoney) + w.count("tangent_bidder_refusals_total", openrtb.BelowFloor); n != none && c.bid > 0 {
			t.Errorf("of %d: refused %v times", c.purse, n)
		}
		if got := w.counts(id); got.Bids != int64(1-none) {
			t.Errorf("of %d: the line item counts %+v", c.purse, got)
		}
	}
}

// A lowered bid is beaten by one of another line item that is higher, and
// beats one that is lower.
func TestTheBestOfWhatThereIsMoneyForBids(t *testing.T) {
	for _, c := range []struct {
		room        money.Nanos
		best, price string
	}{{1_999_000, "second", "2"}, {2_001_000, "first", "2.001"}, {0, "second", "2"}} {
		w := newWorld(t)
		first := w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Budget = campaign.Budget{Lifetime: money.Unit, LifetimeNode: 9}
		})
		second := w.item("2", nil)
		w.open(money.Unit)
		w.holds.Grant(event.NodePeriod{Node: 9}, c.room)

		bids := w.bids(w.post(plain))

		want := fmt.Sprint(map[string]event.LineItemID{"first": first, "second": second}[c.best])
		if len(bids) != 1 || bids[0].CrID != want || fmt.Sprint(bids[0].Price) != c.price {
			t.Errorf("with room for %d: bids %+v, want the %s's at %s", c.room, bids, c.best, c.price)
		}
		for _, s := range w.bidder.Counters.Take(nil) { // however often the imp was tried
			if s.Opportunities != 1 {
				t.Errorf("with room for %d: %+v", c.room, s)
			}
		}
	}
}
