package app

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/pacing"
)

// lineItems gives pacing the catalog as it sees it: budgets, flights, hours.
func (a *App) lineItems() (version uint64, items []pacing.LineItem) {
	snap := a.catalog.Load()
	items = make([]pacing.LineItem, 0, snap.Len())
	for li := range snap.LineItems() {
		items = append(items, pacedLineItem(li))
	}
	return snap.Version(), items
}

func pacedLineItem(li *catalog.LineItem) pacing.LineItem {
	p := pacing.LineItem{ID: li.ID, MaxBid: li.MaxBid, Budgets: make([]pacing.Budget, len(li.Budgets))}
	for i, b := range li.Budgets {
		p.Budgets[i] = pacing.Budget{
			Node: b.Node, Daily: b.Daily, Amount: b.Amount, Zone: li.Location(), Start: b.Start, End: b.End,
		}
	}
	p.Hours = pacing.HoursOf(li.Dayparts)
	return p
}
