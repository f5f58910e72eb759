package catalog

import (
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestTheIndexIsExactInEachDimension: it may be loose, but where line items
// are narrow in one dimension only it yields what Check accepts and nothing
// else. Each of 37 values is shared by so few of 3,000 line items that its
// row is a list, and every position of every chunk is on one; value 0 is on
// so many more that its row is a bitmap.
func TestTheIndexIsExactInEachDimension(t *testing.T) {
	const lineItems, values = 3000, 37
	var q Query
	for name, dim := range map[string]struct {
		narrow func(d *campaign.LineItem, value int)
		ask    func(value int)
	}{
		"exchange": {
			func(d *campaign.LineItem, v int) {
				d.Targeting.Exchanges.Include = []event.ExchangeID{event.ExchangeID(v + 1)}
			},
			func(v int) { q.Exchange = event.ExchangeID(v + 1) },
		},
		"country": {
			func(d *campaign.LineItem, v int) { d.Targeting.Countries.Include = []string{countryNo(v)} },
			func(v int) { q.Country = [3]byte([]byte(countryNo(v))) },
		},
		"country, excluded": {
			func(d *campaign.LineItem, v int) { d.Targeting.Countries.Exclude = []string{countryNo(v)} },
			func(v int) { q.Country = [3]byte([]byte(countryNo(v))) },
		},
		"device": {
			func(d *campaign.LineItem, v int) { d.Targeting.DeviceTypes.Include = []int{v + 1} },
			func(v int) { q.DeviceType = v + 1 },
		},
		"site": {
			func(d *campaign.LineItem, v int) { d.Targeting.Sites.Include = []string{countryNo(v) + ".com"} },
			func(v int) { q.Site = []byte("www." + countryNo(v) + ".com") },
		},
		"app": {
			func(d *campaign.LineItem, v int) { d.Targeting.Apps.Include = []string{countryNo(v)} },
			func(v int) { q.App = []byte(countryNo(v)) },
		},
		"size": {
			func(d *campaign.LineItem, v int) { d.Targeting.Sizes.Include = []campaign.Size{{W: v + 1, H: 1}} },
			func(v int) { q.Sizes = []openrtb.Size{{W: v + 1, H: 1}} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			all, plain := one()
			all.LineItems, all.Creatives = nil, nil
			for i := range lineItems {
				d, cr := aLineItem(event.LineItemID(i+1), 1), aCreative(event.CreativeID(i+1), event.LineItemID(i+1))
				v := i % values
				if i >= 1000 && i < 1200 {
					v = 0
				}
				dim.narrow(&d, v)
				if len(d.Targeting.Sizes.Include) > 0 {
					cr.Size = d.Targeting.Sizes.Include[0]
				}
				all.LineItems, all.Creatives = append(all.LineItems, d), append(all.Creatives, cr)
			}
			c := newCatalog(t, 0)
			apply(t, c, all)
			for v := range values + 1 { // the last is a value that nobody names
				q = plain
				dim.ask(v)
				var want, got []event.LineItemID
				for li := range c.Load().LineItems() {
					if li.Check(&q) == openrtb.None {
						want = append(want, li.ID)
					}
				}
				var w Walk
				c.Load().Walk(&q, &w)
				for li, ok := w.Next(); ok; li, ok = w.Next() {
					got = append(got, li.ID)
				}
				if !slices.Equal(want, got) {
					t.Fatalf("value %d: the walk yields %d line items, Check accepts %d", v, len(got), len(want))
				}
			}
		})
	}
}
