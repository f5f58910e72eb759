package catalog

import (
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// TestFundingIsTheLastBudget: given funding, then every bid holds against it
// too, last of all. What it comes to is no news for line items.
func TestFundingIsTheLastBudget(t *testing.T) {
	all, q := one()
	all.LineItems[0].Budget = campaign.Budget{Daily: 1, DailyNode: 5, Lifetime: 1, LifetimeNode: 6}
	all.Campaigns[0].Budget = campaign.Budget{Daily: 1, DailyNode: 7, Lifetime: 1, LifetimeNode: 8}
	c := newCatalog(t, 0)
	apply(t, c, all)
	before, _ := c.Load().LineItem(1)
	fund := func(f campaign.Funding) *LineItem {
		t.Helper()
		a := all.Advertisers[0]
		a.Funding = f
		apply(t, c, campaign.Changes{Advertisers: []campaign.Advertiser{a}})
		li, _ := c.Load().LineItem(1)
		return li
	}
	li := fund(campaign.Funding{Kind: campaign.Prepaid, Node: 9})
	day := campaign.PeriodOf(q.Now, li.Location())
	want := []event.NodePeriod{{Node: 5, Period: day}, {Node: 6}, {Node: 7, Period: day}, {Node: 8}, {Node: 9}}
	if got := li.AppendNodePeriods(nil, q.Now); !slices.Equal(got, want) || len(got) != MaxBudgets {
		t.Errorf("got %v, want %v", got, want)
	}
	if b := li.Budgets[4]; b != (Budget{Node: 9, Balance: true}) {
		t.Errorf("the last is %+v", b)
	}
	if len(before.Budgets) != 4 {
		t.Error("the line item of before has changed")
	}
	if fund(campaign.Funding{Kind: campaign.Credit, CreditLine: money.Unit, Node: 9}) != li {
		t.Error("compiled anew for another credit line")
	}
	// On doubt it does not bid.
	a := all.Advertisers[0]
	a.Funding = campaign.Funding{Kind: campaign.Prepaid}
	if err := c.Apply(campaign.Changes{Advertisers: []campaign.Advertiser{a}}); err == nil {
		t.Error("funding without a node is no error")
	}
	if got := walkAll(t, c.Load(), &q); len(got) != 0 {
		t.Errorf("%v bid without a node to hold against", got)
	}
}
