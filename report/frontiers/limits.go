package frontiers

import (
	"fmt"

	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

// Limit is something that keeps the line item from spending its budget.
type Limit struct {
	Code   string
	Spend  float64 // nanos a day without it, at most; 0 where that is not known
	Detail string
	Remedy string
}

// The codes that are not the curve's own; a reason of openrtb is one, too.
const (
	LimitShared  = "shared_budget"
	LimitMixed   = "mixed_goals"
	LimitNothing = "no_opportunity"
)

var limitTexts = map[string]struct{ detail, remedy string }{
	frontier.LimitMaxBid:  {"the maximum bid keeps it below what impressions cost", "raise max_bid_cpm"},
	frontier.LimitWorth:   {"its goal says that an outcome is worth no more than it bids", "raise the goal's amount, or lower its return"},
	frontier.LimitPrice:   {"goal and maximum bid keep it below what impressions cost", "raise both the goal's amount and max_bid_cpm"},
	frontier.LimitFloor:   {"floors are above the most that it bids", "raise the goal's amount and max_bid_cpm, or target inventory with lower floors"},
	frontier.LimitRival:   {"other line items here bid more for the same impressions", "raise what an outcome is worth, or target apart from them"},
	frontier.LimitCost:    {"more would cost more per outcome than its limits allow", "loosen limits"},
	frontier.LimitTraffic: {"too little traffic is eligible: even at four times its bids it could not spend the budget", "target more inventory, more hours or more people; add creatives in other sizes"},
}

// Binding says why the budget cannot be spent; nothing if it can.
func (r *Report) Binding() (all []Limit) {
	if r.Open != 0 && r.Budget.Of == r.Shared.Of {
		all = append(all, Limit{LimitMixed, 0,
			fmt.Sprintf("line item %d, whose goal puts no amount on an outcome, shares %s and takes what it can of it first: a max goal bids as if an outcome were worth a thousand times what its highest bid pays for one", r.Open, Worded(r.Shared.Of)),
			"move one of them to a campaign of its own, or give both budgets of their own that are less together than the campaign's"})
	}
	if r.Own.PerDay > r.Budget.PerDay*1.005 && r.Own.Of != "" {
		detail := fmt.Sprintf("other line items share %s: it leaves %s a day of the line item's own %s", Worded(r.Budget.Of), amount(r.Budget.PerDay, r.Currency), amount(r.Own.PerDay, r.Currency))
		if r.Budget.PerDay >= r.Shared.PerDay*(1-1e-9) {
			detail = fmt.Sprintf("%s is %s a day, less than the line item's own %s", Worded(r.Budget.Of), amount(r.Budget.PerDay, r.Currency), amount(r.Own.PerDay, r.Currency))
		}
		all = append(all, Limit{LimitShared, 0, detail, "raise " + Worded(r.Budget.Of)})
	}
	if r.Frontier == nil {
		all = append(all, Limit{Code: LimitNothing, Detail: "no imp came in the last day on which it could bid", Remedy: "ask why: tangent why"})
		return append(all, r.refused()...)
	}
	if len(r.Limits) == 0 {
		return all
	}
	for _, l := range r.Limits {
		text := limitTexts[l.Code]
		all = append(all, Limit{l.Code, l.Spend, fmt.Sprintf("%s; without that, up to %s a day", text.detail, amount(l.Spend, r.Currency)), text.remedy})
		if l.Code == frontier.LimitTraffic {
			all[len(all)-1].Detail = fmt.Sprintf("%s (%s a day)", text.detail, amount(l.Spend, r.Currency))
		}
	}
	return append(all, r.refused()...)
}

func (r *Report) refused() (all []Limit) {
	for _, x := range r.Refused {
		detail := fmt.Sprintf("%.0f %% of the imps that came were refused: %s", 100*x.Share, x.Reason.Info().Doc)
		all = append(all, Limit{x.Reason.String(), x.Spend, detail, x.Reason.Remedy()})
	}
	return all
}

// amount writes money for people.
func amount(nanos float64, currency string) string {
	return fmt.Sprintf("%.2f %s", nanos/float64(money.Unit), currency)
}
