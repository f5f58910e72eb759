package campaign

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// sampleShop wants orders, by a rate of its own.
func sampleShop() LineItem {
	li := sampleLineItem()
	li.Goal, li.ConversionRate, li.OrderValue = Goal{Kind: CPA, Amount: 12 * money.Unit}, 0.02, 80*money.Unit
	li.Budget = Budget{Daily: 50 * money.Unit, Pacing: PaceEven}
	return li
}

func TestGoalValidation(t *testing.T) {
	bare := func(kind GoalKind) func(*LineItem) {
		return func(l *LineItem) {
			l.Goal, l.ClickRate, l.ConversionRate, l.OrderValue = Goal{Kind: kind}, 0, 0, 0
		}
	}
	goal := func(g Goal) func(*LineItem) { return func(l *LineItem) { l.Goal = g } }
	checkWrong(t, sampleShop, (*LineItem).Validate, []wrong[LineItem]{
		{"per impression, without clicks", func(l *LineItem) { l.ConversionRatePer, l.ClickRate = PerImpression, 0 }, nil},
		{"per click, said", func(l *LineItem) { l.ConversionRatePer = PerClick }, nil},
		{"return", goal(Goal{Kind: ROAS, Return: 4}), nil},
		{"clicks", goal(Goal{Kind: MaxClicks}), nil},
		{"orders", goal(Goal{Kind: MaxConversions}), nil},
		{"value", goal(Goal{Kind: MaxValue}), nil},
		{"per click, without clicks", func(l *LineItem) { l.ClickRate = 0 }, fields("click_rate")},
		{"cpm of nothing", bare(CPM), fields("goal.amount")},
		{"cpc of nothing", bare(CPC), fields("goal.amount", "click_rate")},
		{"cpa of nothing", bare(CPA), fields("goal.amount", "conversion_rate")},
		{"roas of nothing", bare(ROAS), fields("goal.return", "conversion_rate", "order_value")},
		{"max_clicks of nothing", bare(MaxClicks), fields("click_rate")},
		{"max_conversions of nothing", bare(MaxConversions), fields("conversion_rate")},
		{"max_value of nothing", bare(MaxValue), fields("conversion_rate", "order_value")},
		{"amount for clicks", goal(Goal{Kind: MaxClicks, Amount: 1}), fields("goal.amount")},
		{"amount and return", goal(Goal{Kind: ROAS, Amount: 1, Return: 4}), fields("goal.amount")},
		{"return of an amount", goal(Goal{Kind: CPA, Amount: 1, Return: 4}), fields("goal.return")},
		{"return of clicks", goal(Goal{Kind: MaxClicks, Return: 4}), fields("goal.return")},
		{"return below", goal(Goal{Kind: ROAS, Return: MinReturn / 2}), fields("goal.return")},
		{"return above", goal(Goal{Kind: ROAS, Return: MaxReturn * 2}), fields("goal.return")},
		{"NaN return", goal(Goal{Kind: ROAS, Return: math.NaN()}), fields("goal.return")},
		{"conversion rate above 1", func(l *LineItem) { l.ConversionRate = 1.5 }, fields("conversion_rate")},
		{"NaN conversion rate", func(l *LineItem) { l.ConversionRate = math.NaN() }, fields("conversion_rate")},
		{"rate per view", func(l *LineItem) { l.ConversionRatePer = "view" }, fields("conversion_rate_per")},
		{"base of no rate", func(l *LineItem) { l.Goal.Kind, l.ConversionRate, l.ConversionRatePer = CPC, 0, PerClick }, fields("conversion_rate_per")},
		{"negative order", func(l *LineItem) { l.OrderValue = -1 }, fields("order_value")},
		{"order above the cap", func(l *LineItem) { l.OrderValue = money.Cap + 1 }, fields("order_value")},
	})
}

func TestLimitsAndPacingValidation(t *testing.T) {
	checkWrong(t, sampleShop, (*LineItem).Validate, []wrong[LineItem]{
		{"all limits", func(l *LineItem) { l.Limits = Limits{money.Unit, 9 * money.Unit, 3} }, nil},
		{"half delivered", func(l *LineItem) { l.MinDelivery, l.Limits = 0.5, Limits{CostPerClick: money.Unit} }, nil},
		{"half delivered, no limits", func(l *LineItem) { l.MinDelivery = 0.5 }, fields("min_delivery")},
		{"ahead", func(l *LineItem) { l.Budget.Pacing = PaceAhead }, nil},
		{"negative", func(l *LineItem) { l.Limits = Limits{-1, -1, -1} },
			fields("limits.max_cost_per_click", "limits.max_cost_per_action", "limits.min_return_on_spend")},
		{"above", func(l *LineItem) { l.Limits = Limits{money.Cap + 1, money.Cap + 1, math.Inf(1)} },
			fields("limits.max_cost_per_click", "limits.max_cost_per_action", "limits.min_return_on_spend")},
		{"NaN", func(l *LineItem) { l.Limits.ReturnOnSpend = math.NaN() }, fields("limits.min_return_on_spend")},
		{"clicks unknown", func(l *LineItem) {
			l.ConversionRatePer, l.ClickRate, l.Limits = PerImpression, 0, Limits{CostPerClick: 1}
		}, fields("click_rate")},
		{"orders unknown", func(l *LineItem) {
			l.Goal.Kind, l.ConversionRate, l.Limits = CPC, 0, Limits{CostPerAction: 1}
		}, fields("conversion_rate")},
		{"order value unknown", func(l *LineItem) { l.OrderValue, l.Limits = 0, Limits{ReturnOnSpend: 1} }, fields("order_value")},
		{"more than all", func(l *LineItem) { l.MinDelivery = 1.1 }, fields("min_delivery")},
		{"less than nothing", func(l *LineItem) { l.MinDelivery = -0.1 }, fields("min_delivery")},
		{"NaN delivered", func(l *LineItem) { l.MinDelivery = math.NaN() }, fields("min_delivery")},
		{"pace unknown", func(l *LineItem) { l.Budget.Pacing = "slow" }, fields("budget.pacing")},
		{"pace of no budget", func(l *LineItem) { l.Budget = Budget{Pacing: PaceASAP} }, fields("budget.pacing")},
	})
	checkWrong(t, sampleCampaign, (*Campaign).Validate, []wrong[Campaign]{
		{"even", func(c *Campaign) { c.Budget.Pacing = PaceEven }, nil},
		{"pace unknown", func(c *Campaign) { c.Budget.Pacing = "Even" }, fields("budget.pacing")},
	})
}

// What was stored before there were more goals, limits and paces is read as it
// was meant, and written as it was.
func TestOlderJSONStaysReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]GoalKind{CPM, CPC}).Draw(t, "kind")
		amount := money.Nanos(rapid.Int64Range(1, int64(money.Cap)).Draw(t, "amount"))
		rate := rapid.Float64Range(1e-9, 1).Draw(t, "rate")
		daily := money.Nanos(rapid.Int64Range(0, int64(money.Cap)).Draw(t, "daily"))
		older := map[string]any{"id": 3, "campaign_id": 1, "advertiser_id": 1, "name": "Runners", "status": "active",
			"goal": map[string]any{"kind": kind, "amount": amount}, "max_bid_cpm": "4", "click_rate": rate}
		if daily > 0 {
			older["budget"] = map[string]any{"daily": daily}
		}
		var li LineItem
		if err := json.Unmarshal(mustJSON(t, older), &li); err != nil {
			t.Fatal(err)
		}
		if err := li.Validate(); err != nil {
			t.Fatal(err)
		}
		want := LineItem{ID: 3, CampaignID: 1, AdvertiserID: 1, Name: "Runners", Status: Active, Budget: Budget{Daily: daily},
			Goal: Goal{Kind: kind, Amount: amount}, MaxBidCPM: 4 * money.Unit, ClickRate: rate}
		if !reflect.DeepEqual(li, want) {
			t.Fatalf("got %+v, want %+v", li, want)
		}
		var written map[string]any
		if err := json.Unmarshal(mustJSON(t, li), &written); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"limits", "min_delivery", "conversion_rate", "conversion_rate_per", "order_value"} {
			if _, ok := written[field]; ok {
				t.Errorf("writes %q", field)
			}
		}
	})
}

func mustJSON(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
