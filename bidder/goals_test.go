package bidder

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/predict"
)

// hopeful expects twice the clicks, thrice the orders and four times the order
// value that line items state.
type hopeful struct{ predict.Fixed }

func (hopeful) ClickRate(li *catalog.LineItem, _ *catalog.Query) float64 { return 2 * li.ClickRate }
func (hopeful) OrderRate(li *catalog.LineItem, _ *catalog.Query) float64 { return 3 * li.OrderRate }
func (hopeful) OrderValue(li *catalog.LineItem, _ *catalog.Query) float64 {
	return 4 * float64(li.OrderValue)
}

// sells makes a line item one that knows its clicks and orders: 10 clicks and
// one order per thousand impressions, of 40 each.
func sells(goal campaign.Goal, limits campaign.Limits) func(*campaign.LineItem, *campaign.Creative) {
	return func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Goal, li.Limits = goal, limits
		li.ClickRate, li.ConversionRate, li.OrderValue = 0.01, 0.1, 40*money.Unit
	}
}

// Given a goal, then the bid is what the model expects an impression to be
// worth times the multiplier, and at most the maximum, of 50.
func TestGoalsAreBidByTheModel(t *testing.T) {
	for name, c := range map[string]struct {
		goal       campaign.Goal
		multiplier float64
		cpm        float64
	}{
		"cpm":  {campaign.Goal{Kind: campaign.CPM, Amount: 2 * money.Unit}, 1, 2},
		"cpc":  {campaign.Goal{Kind: campaign.CPC, Amount: money.Unit / 2}, 1, 10},
		"cpa":  {campaign.Goal{Kind: campaign.CPA, Amount: 8 * money.Unit}, 0.5, 12},
		"roas": {campaign.Goal{Kind: campaign.ROAS, Return: 16}, 1, 30},

		"max_clicks, no price":      {campaign.Goal{Kind: campaign.MaxClicks}, 1, 50},
		"max_clicks, priced":        {campaign.Goal{Kind: campaign.MaxClicks}, 0.0001, 10},
		"max_conversions, priced":   {campaign.Goal{Kind: campaign.MaxConversions}, 0.0001, 15},
		"max_value, priced":         {campaign.Goal{Kind: campaign.MaxValue}, 0.00001, 6},
		"max_value, hardly a price": {campaign.Goal{Kind: campaign.MaxValue}, 0.01, 50},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.bidder.Model = hopeful{}
			id := w.item("1", sells(c.goal, campaign.Limits{}))
			w.byItem[id] = c.multiplier
			bids := w.open(money.Unit).bids(w.post(plain))
			if len(bids) != 1 || math.Abs(bids[0].Price-c.cpm) > 1e-6 {
				t.Errorf("bids %+v, want one at %v", bids, c.cpm)
			}
		})
	}
}

// Given limits, then pacing hears what bids are expected to bring by them,
// whether there is money for them or not: the controller turns it into what
// they may cost. Modifiers say what an impression is worth, not what it brings.
func TestPacingHearsWhatBidsOfLimitsBring(t *testing.T) {
	for name, c := range map[string]struct {
		limits  campaign.Limits
		purse   money.Nanos
		allowed float64 // per impression
	}{
		"none":           {campaign.Limits{}, money.Unit, 0},
		"click":          {campaign.Limits{CostPerClick: money.Unit / 4}, money.Unit, 0.02 * 0.25e9},
		"no money":       {campaign.Limits{CostPerClick: money.Unit / 4}, 1, 0.02 * 0.25e9},
		"order":          {campaign.Limits{CostPerAction: money.Unit}, money.Unit, 0.003 * 1e9},
		"return":         {campaign.Limits{ReturnOnSpend: 120}, money.Unit, 0.003 * 160e9 / 120},
		"the one of all": {campaign.Limits{CostPerClick: money.Unit / 4, CostPerAction: money.Unit, ReturnOnSpend: 120}, money.Unit, 0.003 * 1e9},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.bidder.Model = hopeful{}
			id := w.item("1", func(li *campaign.LineItem, cr *campaign.Creative) {
				sells(campaign.Goal{Kind: campaign.CPC, Amount: money.Unit / 2}, c.limits)(li, cr)
				li.Modifiers = []campaign.Modifier{{When: campaign.Targeting{Countries: campaign.Only("USA")}, Factor: 2}}
			})
			w.open(c.purse)
			w.post(plain)
			sums := w.bidder.Counters.Take(nil)
			if len(sums) != 1 || sums[0].Bids+sums[0].Censored == 0 {
				t.Fatalf("counted %+v", sums)
			}
			li, _ := w.catalog.Load().LineItem(id)
			got, want := li.CostLimit*sums[0].Outcomes, c.allowed*float64(sums[0].Bids+sums[0].Censored)*winRate(sums[0])
			if math.Abs(got-want) > 1e-3*want {
				t.Errorf("the limits allow %v for %+v, want %v", got, sums[0], want)
			}
		})
	}
}

// winRate is the chance that a first-price bid wins, by what it is expected to
// cost.
func winRate(s pacing.Sum) float64 { return float64(s.Expected) / float64(s.Offered) }

var _ predict.Model = hopeful{}
