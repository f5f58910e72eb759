package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// Check 14: one call says why a line item does not spend, by the cause that
// matters first: for a line item per cause, under the same traffic.
func TestToyCheck14WhyIsALineItemNotSpending(t *testing.T) {
	anchor, noon := time.Now(), time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *app.Config) { c.MarketAnchor, c.MarketOrigin, c.MarketSpeed = anchor, noon, 1 })
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	ctx := t.Context()
	item := func(name string, cpm money.Nanos, change func(*v1.LineItemSpec, *v1.CreativeSpec)) v1.LineItem {
		t.Helper()
		spec := v1.LineItemSpec{CampaignID: o.campaign.ID, Name: name, Goal: v1.Goal{Kind: campaign.CPM, Amount: cpm}, MaxBidCPM: cpm}
		creative := v1.CreativeSpec{
			Name: name, Size: v1.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">boots</a>`,
			LandingURL: "https://example.com/boots", Domains: []string{"example.com"}, Categories: []string{"IAB18"}, Secure: true,
		}
		change(&spec, &creative)
		li, err := w.api.LineItems.Create(ctx, spec)
		if err != nil {
			t.Fatal(err)
		}
		if creative.LineItemID = li.ID; creative.Name == "" {
			return li
		}
		if _, err := w.api.Creatives.Create(ctx, creative); err != nil {
			t.Fatal(err)
		}
		return li
	}
	requests := 0
	post := func(floor string) (bid *sold) {
		t.Helper()
		requests++
		body := strings.Replace(floored(request("walker", `,"bcat":["IAB7"]`), floor), `"id":"r-walker","at":1`, fmt.Sprintf(`"id":"r%d","at":2`, requests), 1)
		bid, _ = w.ask("alpha", body)
		return bid
	}
	buy := func(floor string) (bid *sold) {
		t.Helper()
		w.await("a bid", func() bool { bid = post(floor); return bid != nil })
		return bid
	}
	refused := func(li v1.LineItem, reason string) bool {
		why, err := w.api.LineItemWhy(ctx, li.ID, 1)
		return err == nil && slices.ContainsFunc(why.Reasons, func(r v1.WhyNot) bool { return r.Reason == reason })
	}

	// Given a line item for which one impression is the whole day's budget, and
	// one that a person may see once: both are had, billed and seen.
	rich := item("budget used up", 2*money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) {
		li.Budget.Daily = 2 * money.Unit / 1000
		li.Goal.Amount = 20 * money.Unit // so that pacing does not bid less than the day's budget
	})
	first := buy("2")
	w.tell(expand(first.BURL, "2"), 200)
	capped := item("seen", money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) {
		li.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, WindowSeconds: 86_400}}
	})
	second := buy("1")
	w.tell(expand(second.NURL, "0.5"), 200)
	w.tell(expand(second.BURL, "0.5"), 200)
	w.tell(expand(second.pixel, "0.5"), 200)
	// Not any no-bid: one for want of time to read the user says nothing.
	w.await("no bid for who saw it", func() bool { post("0.1"); return refused(capped, "frequency_capped") })

	// Paused from the start: a bid might leave before a later pause is known.
	paused := item("paused", money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) { li.Status = campaign.Paused })
	cases := []struct {
		cause string
		item  v1.LineItem
	}{
		{"daily_budget_used_up", rich},
		{"frequency_capped", capped},
		{"line_item_paused", paused},
		{"wrong_country", item("elsewhere", money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) { li.Targeting.Countries.Include = []string{"DEU"} })},
		{"below_floor", item("cheap", money.Unit/20, func(*v1.LineItemSpec, *v1.CreativeSpec) {})},
		{"blocked_category", item("blocked", money.Unit, func(_ *v1.LineItemSpec, c *v1.CreativeSpec) { c.Categories = []string{"IAB7"} })},
		{"wrong_size", item("wide", money.Unit, func(_ *v1.LineItemSpec, c *v1.CreativeSpec) { c.Size = v1.Size{W: 728, H: 90} })},
		{"outside_daypart", item("at night", money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) {
			li.Targeting.Dayparts = []v1.Daypart{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 2, To: 4}}
		})},
		{"no_creative", item("bare", money.Unit, func(_ *v1.LineItemSpec, c *v1.CreativeSpec) { c.Name = "" })},
		{"flight_not_begun", item("next year", money.Unit, func(li *v1.LineItemSpec, _ *v1.CreativeSpec) {
			li.Flight.Start = campaign.LocalTimeOf(noon.AddDate(1, 0, 0))
		})},
	}
	for _, c := range cases {
		// When traffic goes on and is counted.
		var why v1.Why
		first := func() (cause, remedy string) {
			t.Helper()
			var err error
			if why, err = w.api.LineItemWhy(ctx, c.item.ID, 1); err != nil {
				t.Fatal(err)
			}
			switch {
			case len(why.Obstacles) > 0:
				return why.Obstacles[0].Code, why.Obstacles[0].Remedy
			case len(why.Reasons) > 0:
				return why.Reasons[0].Reason, why.Reasons[0].Remedy
			}
			return "", ""
		}
		// Then the call names the cause, and what to do.
		w.await(c.item.Name+": "+c.cause, func() bool {
			if bid := post("0.1"); bid != nil {
				t.Fatalf("a bid that nothing is in the way of: %+v", bid.Bid)
			}
			cause, remedy := first()
			billed := c.item.ID == rich.ID || c.item.ID == capped.ID
			return cause == c.cause && remedy != "" && why.Requests > 0 && why.Spending == billed
		})
		if why.Currency != "USD" || why.From != "2026-12-01" || why.SampleEvery == 0 {
			t.Errorf("%s: %+v", c.cause, why)
		}
		if c.item.ID == rich.ID { // it has done its part, and would be the best bid of every imp but for its money
			if _, err := w.api.LineItems.Pause(ctx, rich.ID); err != nil {
				t.Fatal(err)
			}
		}
		if c.cause == "wrong_country" && !why.Reasons[0].Sampled {
			t.Errorf("the walk came to a line item of another country: %+v", why.Reasons)
		}
	}

	// What was bid, won and billed is beside the reasons, and money is exact.
	w.await("bids and notices of the line item that was seen", func() bool {
		why, err := w.api.LineItemWhy(ctx, capped.ID, 1)
		return err == nil && why.Bids >= 1 && why.Won == 1 && why.Billed == 1 && why.Spent == 500_000
	})

	// A restart begins to count anew, and forgets nothing.
	w.end()
	w.start()
	w.await("the reasons of before", func() bool {
		post("0.1")
		why, err := w.api.LineItemWhy(ctx, capped.ID, 1)
		return err == nil && why.Won == 1 && refused(capped, "frequency_capped")
	})

	// All bidding stopped comes before whatever else is in the way.
	if _, err := w.api.StopBidding(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	if why, err := w.api.LineItemWhy(ctx, paused.ID, 30); err != nil || len(why.Obstacles) < 2 || why.Obstacles[0].Code != "guard_stopped" {
		t.Errorf("%+v, %v", why.Obstacles, err)
	}
}
