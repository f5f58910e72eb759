package catalog

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// Worths and limits of a line item with 2 clicks per thousand impressions, an
// order per fifty clicks and 80 per order, that bids 4 CPM at most.
func TestGoalsAndLimits(t *testing.T) {
	const bid = float64(4 * money.Unit / 1000)
	const click, order = 0.002, 0.002 * 0.02 // per impression
	for name, c := range map[string]struct {
		goal         campaign.Goal
		limits       campaign.Limits
		worth, value float64
		costLimit    float64 // in nanos per nano of value
	}{
		"cpm":  {campaign.Goal{Kind: campaign.CPM, Amount: 3 * money.Unit}, campaign.Limits{}, 3e6, 3e6, 0},
		"cpc":  {campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, campaign.Limits{}, 1e9, 1e9 * click, 0},
		"cpa":  {campaign.Goal{Kind: campaign.CPA, Amount: 20 * money.Unit}, campaign.Limits{}, 20e9, 20e9 * order, 0},
		"roas": {campaign.Goal{Kind: campaign.ROAS, Return: 4}, campaign.Limits{}, 0.25, 20e9 * order, 0},

		"clicks":      {campaign.Goal{Kind: campaign.MaxClicks}, campaign.Limits{}, 1000 * bid / click, bid, 0},
		"conversions": {campaign.Goal{Kind: campaign.MaxConversions}, campaign.Limits{}, 1000 * bid / order, bid, 0},
		"value":       {campaign.Goal{Kind: campaign.MaxValue}, campaign.Limits{}, 1000 * bid / (order * 80e9), bid, 0},

		"cpc at half":            {campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, campaign.Limits{CostPerClick: money.Unit / 2}, 1e9, 1e9 * click, 0.5},
		"cpc within cost of cpa": {campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, campaign.Limits{CostPerAction: 10 * money.Unit}, 1e9, 1e9 * click, 0.2},
		"cpa within cost of cpc": {campaign.Goal{Kind: campaign.CPA, Amount: 20 * money.Unit}, campaign.Limits{CostPerClick: money.Unit / 5}, 20e9, 20e9 * order, 0.5},
		"the tightest of all": {campaign.Goal{Kind: campaign.CPA, Amount: 20 * money.Unit},
			campaign.Limits{CostPerClick: money.Unit / 5, CostPerAction: 15 * money.Unit, ReturnOnSpend: 10}, 20e9, 20e9 * order, 0.4},
		"clicks at most": {campaign.Goal{Kind: campaign.MaxClicks}, campaign.Limits{CostPerClick: money.Unit}, 1000 * bid / click, bid, 1e9 * click / (1000 * bid)},
	} {
		t.Run(name, func(t *testing.T) {
			all, _ := one()
			d := &all.LineItems[0]
			d.Goal, d.Limits, d.MaxBidCPM = c.goal, c.limits, 4*money.Unit
			d.ClickRate, d.ConversionRate, d.OrderValue = 0.002, 0.02, 80*money.Unit
			cat := newCatalog(t, 0)
			apply(t, cat, all)
			li, _ := cat.Load().LineItem(1)
			near := func(what string, got, want float64) {
				if math.Abs(got-want) > 1e-9*math.Abs(want) {
					t.Errorf("%s is %v, want %v", what, got, want)
				}
			}
			near("worth", li.Worth, c.worth)
			near("value", li.Value, min(c.value, bid))
			near("cost limit", li.CostLimit, c.costLimit)
			// What limits allow for outcomes is the cost limit times their value.
			if li.CostLimit > 0 {
				near("allowed", li.Allowed(1000*click, 1000*order, 1000*order*80e9), li.CostLimit*li.Worth*1000*li.outcomes())
			}
		})
	}
}

func TestPacesReachTheBudgets(t *testing.T) {
	all, _ := one()
	all.Campaigns[0].Budget.Pacing = campaign.PaceASAP
	own := &all.LineItems[0].Budget
	own.Daily, own.DailyNode, own.Pacing = money.Unit, 77, campaign.PaceEven
	cat := newCatalog(t, 0)
	apply(t, cat, all)
	li, _ := cat.Load().LineItem(1)
	for i, b := range li.Budgets {
		want := campaign.PaceASAP
		if b.Node == 77 {
			want = campaign.PaceEven
		}
		if b.Pace != want {
			t.Errorf("budget %d has pace %q, want %q", i, b.Pace, want)
		}
	}
}
