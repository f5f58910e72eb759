package app_test

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// The examples of docs/goals.md are line items that the API takes, and takes
// on as patches.
func TestExamplesOfGoals(t *testing.T) {
	text, err := os.ReadFile("../../../docs/goals.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(text, -1)
	if len(examples) < 4 {
		t.Fatalf("found %d examples", len(examples))
	}
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit, Pacing: campaign.PaceAhead})
	for _, example := range examples {
		var patch map[string]any
		if err := json.Unmarshal(example[1], &patch); err != nil {
			t.Fatalf("%s: %v", example[1], err)
		}
		spec := v1.LineItemSpec{CampaignID: o.campaign.ID, Name: "example", Goal: v1.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit}
		li, err := w.api.LineItems.Create(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if goal, ok := patch["goal"].(map[string]any); ok && goal["amount"] == nil {
			goal["amount"] = nil // a patch takes away what it is to take away
		}
		if _, err := w.api.LineItems.Update(t.Context(), li.ID, patch); err != nil {
			t.Errorf("as a patch, %s: %v", example[1], err)
		}
		if err := json.Unmarshal(example[1], &spec); err != nil {
			t.Fatal(err)
		}
		if spec.Goal.Kind != campaign.CPM && spec.Goal.Kind != campaign.CPC && spec.Goal.Kind != campaign.CPA {
			spec.Goal.Amount = 0
		}
		if _, err := w.api.LineItems.Create(t.Context(), spec); err != nil {
			t.Errorf("%s: %v", example[1], err)
		}
	}
}

// Given a line item that bids for orders, when an impression is billed, clicked
// and leads to an order, then its delivery says what these cost, whatever comes
// twice.
func TestDeliverySaysWhatOutcomesCost(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	li := w.item(o, 9*money.Unit, func(li *v1.LineItemSpec) {
		li.Goal, li.MaxBidCPM = v1.Goal{Kind: campaign.CPA, Amount: 20 * money.Unit}, 9*money.Unit
		li.ClickRate, li.ConversionRate, li.OrderValue = 0.01, 0.02, 80*money.Unit
		li.Limits = v1.Limits{CostPerAction: 15 * money.Unit, ReturnOnSpend: 3}
		// So that it bids only where Redis was in time: else the click is nobody's, and no order can come of it.
		li.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 100, WindowSeconds: 3600}}
	})
	if _, err := w.api.Advertisers.Update(t.Context(), o.advertiser.ID, map[string]any{"conversions": map[string]any{"click_parameter": "tclid"}}); err != nil {
		t.Fatal(err)
	}
	bid := w.buy("alpha", request("walker", ""))
	if bid.Price > 4.0001 { // 20 x 0.01 x 0.02 per impression
		t.Errorf("bids %v for an impression that is worth 4", bid.Price)
	}
	for range 2 {
		w.tell(expand(bid.BURL, "2"), 200)
		w.follow(bid)
	}
	var click string
	w.await("a click id", func() bool { click = w.follow(bid).Query().Get("tclid"); return click != "" })
	w.tell(w.app.URL()+"/n/convert/"+click+"?order=A-1&value=40", 200)
	w.accounts(o.campaign.ID)
	d, err := w.api.LineItemDelivery(t.Context(), li.ID)
	const spent = 2 * money.Unit / 1000
	want := v1.Outcomes{Spent: spent, Clicks: 1, Orders: 1, CostPerClick: spent, CostPerAction: spent, ReturnOnSpend: 20_000}
	if err != nil || d.Outcomes == nil || *d.Outcomes != want {
		t.Errorf("got %+v, %v; want %+v", d.Outcomes, err, want)
	}
	if d, err := w.api.CampaignDelivery(t.Context(), o.campaign.ID); err != nil || d.Outcomes != nil {
		t.Errorf("the campaign's: %+v, %v", d.Outcomes, err)
	}
	// Limits are taken away as they came.
	got, err := w.api.LineItems.Update(t.Context(), li.ID, map[string]any{"limits": map[string]any{"max_cost_per_action": nil}})
	if err != nil || got.Limits != (v1.Limits{ReturnOnSpend: 3}) {
		t.Errorf("one limit left: %+v, %v", got.Limits, err)
	}
	if got, err = w.api.LineItems.Update(t.Context(), li.ID, map[string]any{"limits": nil}); err != nil || got.Limits != (v1.Limits{}) {
		t.Errorf("no limit left: %+v, %v", got.Limits, err)
	}
}

// Given a line item whose orders do not come, when a limit is put on what an
// order may cost, then it bids less than even the limit allows by the stated
// rates; when the limit is taken away, it bids what the goal says again.
func TestALimitLowersBidsByWhatWasSeen(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 1000 * money.Unit})
	li := w.item(o, 9*money.Unit, func(li *v1.LineItemSpec) { // worth 5 per thousand impressions
		li.Goal, li.ClickRate, li.ConversionRate = v1.Goal{Kind: campaign.CPA, Amount: money.Unit / 10}, 0.5, 0.1
	})
	set := func(limit any) {
		if _, err := w.api.LineItems.Update(t.Context(), li.ID, map[string]any{"limits": map[string]any{"max_cost_per_action": limit}}); err != nil {
			t.Fatal(err)
		}
	}
	second := strings.Replace(floored(request("walker", ""), "0.1"), `"at":1`, `"at":2`, 1) // nothing is shaded
	pay := func() float64 {
		bid := w.buy("alpha", second)
		w.tell(expand(bid.BURL, strconv.FormatFloat(bid.Price, 'f', -1, 64)), 200)
		return bid.Price
	}
	for range 50 {
		if price := pay(); price > 5+1e-6 { // and less only where a tick is late, and money with it
			t.Fatalf("bids %v without a limit, want 5", price)
		}
	}
	w.await("it bids 5 without a limit", func() bool { return math.Abs(pay()-5) < 1e-6 })
	set("0.04") // by the stated rates: 2 per thousand impressions
	w.await("bids below the limit", func() bool { return pay() < 1.8 })
	set(nil)
	w.await("bids by the goal", func() bool { return math.Abs(pay()-5) < 1e-6 })
}
