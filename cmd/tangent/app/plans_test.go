package app_test

import (
	"fmt"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// Given a line item that bids for a part of a day, when its pacing is asked
// for, then its budgets stand as the ledger says, beside a plan for the day by
// the bidder's own controller.
func TestPacingOfALineItemThatBids(t *testing.T) {
	anchor, midnight := time.Now(), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *app.Config) {
		c.MarketAnchor, c.MarketOrigin, c.MarketSpeed, c.Tick = anchor, midnight, 1800, 20*time.Millisecond
	})
	o := w.setUp(v1.Budget{Daily: 1000 * money.Unit})
	li := w.item(o, 6*money.Unit, func(li *v1.LineItemSpec) { li.Budget.Daily = money.Unit })
	if _, err := w.api.LineItemPacing(t.Context(), li.ID+99); err == nil {
		t.Error("no error of an unknown line item")
	}
	w.buy("alpha", secondPrice("first"))
	i := 0
	var p v1.Pacing
	w.await("a plan, and money spent", func() bool {
		i++
		if bid, _ := w.ask("alpha", secondPrice(fmt.Sprint(i))); bid != nil {
			w.tell(expand(bid.BURL, "1"), 200)
		}
		var err error
		if p, err = w.api.LineItemPacing(t.Context(), li.ID); err != nil {
			t.Fatal(err)
		}
		return len(p.Controllers) == 1 && len(p.Budgets) == 2 && p.Budgets[0].Booked > 0 && p.Budgets[0].Seen > 0
	})
	own, shared := &p.Budgets[0], &p.Budgets[1]
	if own.Of != "line_item_daily" || shared.Of != "campaign_daily" || own.Budget != money.Unit || own.Left != own.Budget-own.Booked-own.Outstanding || own.Date == "" || own.Pacing != "traffic" {
		t.Errorf("%+v", own)
	}
	if len(own.Slots) != 24 || own.Slots[23].Planned != own.Budget || own.Lambda < 1 || own.State == "unknown" || own.Detail == "" {
		t.Errorf("%+v", own)
	}
	if c := p.Controllers[0]; c.By != "local" || c.Bidder != w.cfg.Name || c.SteppedAt.Before(midnight) || p.Multiplier <= 0 || p.Multiplier > 1 {
		t.Errorf("%+v steps, at %v", c, p.Multiplier)
	}
}
