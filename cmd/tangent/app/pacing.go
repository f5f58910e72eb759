package app

import (
	"runtime"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/pacing"
)

// pacedLineItems gives pacing the catalog as it sees it: budgets, flights,
// hours. It is asked at every tick and answers anew when the catalog changed;
// line items that did not change with it are taken over, since a tick that
// looks into 100,000 holds up bids.
func pacedLineItems(c *catalog.Catalog) func() (version uint64, items []pacing.LineItem) {
	var of *catalog.Snapshot
	var items []pacing.LineItem
	return func() (uint64, []pacing.LineItem) {
		if snap := c.Load(); snap != of {
			places := placesIn(of) // made when it is asked for: changes are seldom, and it is large
			next := make([]pacing.LineItem, 0, snap.Len())
			alike := map[*catalog.Budget][]pacing.Budget{} // most line items have those of their campaign
			for li := range snap.LineItems() {
				if len(next)%256 == 255 {
					runtime.Gosched() // to bids: all of it takes tens of milliseconds
				}
				if old, known := places[li]; known {
					next = append(next, items[old])
				} else {
					next = append(next, pacedLineItem(li, alike))
				}
			}
			of, items = snap, next
		}
		return of.Version(), items
	}
}

// placesIn returns which line item of a catalog is the how manieth; nil has none.
func placesIn(s *catalog.Snapshot) map[*catalog.LineItem]int32 {
	if s == nil {
		return nil
	}
	places := make(map[*catalog.LineItem]int32, s.Len())
	for li := range s.LineItems() {
		if len(places)%256 == 255 {
			runtime.Gosched()
		}
		places[li] = int32(len(places))
	}
	return places
}

func pacedLineItem(li *catalog.LineItem, alike map[*catalog.Budget][]pacing.Budget) pacing.LineItem {
	budgets, made := alike[&li.Budgets[0]]
	if !made {
		budgets = make([]pacing.Budget, 0, len(li.Budgets))
		for _, b := range li.Budgets {
			budgets = append(budgets, pacing.Budget{
				Node: b.Node, Daily: b.Daily, Balance: b.Balance, Amount: b.Amount, Pace: paceOf(b.Pace), Zone: li.Location(), Start: b.Start, End: b.End,
			})
		}
		alike[&li.Budgets[0]] = budgets
	}
	var hours *pacing.Hours
	if len(li.Dayparts) > 0 {
		hours = new(pacing.HoursOf(li.Dayparts))
	}
	return pacing.LineItem{
		ID: li.ID, MaxBid: li.MostCost(), Budgets: budgets, CostLimit: li.CostLimit, OutcomeCost: li.OutcomeCost(),
		MinDelivery: li.MinDelivery, Hours: hours,
	}
}

func paceOf(p campaign.Pace) pacing.Pace {
	switch p {
	case campaign.PaceEven:
		return pacing.PaceEven
	case campaign.PaceAhead:
		return pacing.PaceAhead
	case campaign.PaceASAP:
		return pacing.PaceASAP
	}
	return pacing.PaceTraffic
}
