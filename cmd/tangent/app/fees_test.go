package app_test

import (
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// Fees that begin while bids are open: a bid costs what the rule in effect
// when it left says, however late it is billed, and the budget bears the fees
// to the nano.
func TestBudgetsBearFees(t *testing.T) {
	const speed = 60 // a minute, which rules are made ahead, is a second
	w := newWorld(t, func(c *app.Config) { c.MarketSpeed = speed })
	const price, cost = 2_000_000, 2_400_000 // 2.00 CPM; with 15 % and 0.10 for technology 2.40
	o := w.setUp(v1.Budget{Lifetime: 2*price + 2*cost})
	w.item(o, 2*money.Unit, nil)
	before := w.buy("alpha", request("u", ""))

	// When a rule begins.
	var from campaign.LocalTime
	w.arrives(func() (err error) {
		w.await("a rule comes in time for its notice", func() bool {
			from = campaign.LocalTimeOf(w.app.Clock().Now().UTC().Add(campaign.FeeNotice + 20*time.Second))
			var rule v1.FeeRule
			rule, err = w.api.AddFeeRule(t.Context(), o.advertiser.ID, v1.FeeRuleSpec{EffectiveFrom: from, MarkupPPM: 150_000, TechCPM: money.Unit / 10})
			if err == nil && rule.EffectiveFrom != from {
				t.Fatalf("the rule is %+v", rule)
			}
			return err == nil || !strings.Contains(err.Error(), "ahead")
		})
		return err
	})
	w.await("the rule begins", func() bool { return w.app.Clock().Now().After(from.In(time.UTC)) })
	after := []*sold{w.buy("alpha", request("u", "")), w.buy("alpha", request("u", ""))}
	if after[0].Price != 2 {
		t.Errorf("the exchange is offered %v, want the price without fees", after[0].Price)
	}

	// Then what is left would pay another impression, but not its fees: bids
	// are lowered until they have room.
	for range 20 {
		if s, _ := w.ask("alpha", floored(request("u", ""), "0.1")); s != nil && 1.15*s.Price+.1 > 2 {
			t.Fatalf("a bid of %v, whose fees are not in the budget", s.Price)
		}
	}
	for _, bid := range append(after, before) { // the older one last
		w.tell(expand(bid.NURL, "2"), 200)
		w.tell(expand(bid.BURL, "2"), 200)
	}
	got := w.accounts(o.campaign.ID)
	if got.Booked != price+2*cost || got.MediaCost != 3*price || got.Overrun != 0 {
		t.Errorf("delivery is %+v, want %d booked, %d of it media cost", got, price+2*cost, 3*price)
	}
	if n := w.metric("tangent_booking_overrun_nanos_total"); n != 0 {
		t.Errorf("%v nanos overrun", n)
	}
}
