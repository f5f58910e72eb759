package ledger

import (
	"context"
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given bids of two arms whose notices come twice, when they are booked, then
// each impression is in the sums of its arm once, beside the bids that bidders
// counted; a bid that took no part is in none.
func testShadingIsSummedOnce(t *testing.T, w *world) {
	ctx := context.Background()
	node := event.NodePeriod{Node: 1, Period: today}
	w.budget(node, 100*money.Unit)
	id := w.open("a")
	bill := func(seq uint64, arm uint16, price money.Nanos, value float64) event.Event {
		return event.Event{
			Kind: event.KindBilling, Billable: true, Bid: event.NewBidID(id, seq), IssuedAt: noon, OccurredAt: noon, ReceivedAt: noon,
			Exchange: 2, Advertiser: 1, Campaign: 1, LineItem: 3, Creative: 1, Nodes: []event.NodePeriod{node},
			Currency: "EUR", BidPrice: 100, Price: price, PriceState: event.PriceOK, Arm: arm, PredictedValue: value,
		}
	}
	events := []event.Event{bill(1, 1, 40, 100), bill(2, 1, 60, 200), bill(3, 2, 90, 100), bill(4, 0, 90, 100)}
	next := bill(5, 1, 10, 10)
	next.IssuedAt = noon.AddDate(0, 0, 1)
	events = append(events, next)
	for range 2 {
		if err := w.AddShadingBids(ctx, []ShadingSum{{ShadingKey: ShadingKey{3, 2, today, 1}, Bids: 4}, {ShadingKey: ShadingKey{3, 2, today, 1}, Bids: 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Book(ctx, events); err != nil {
			t.Fatal(err)
		}
	}
	want := []ShadingSum{
		{ShadingKey{3, 2, today, 1}, "EUR", 10, 2, 100, 300, 5200, 16000, 50000},
		{ShadingKey{3, 2, today, 2}, "EUR", 0, 1, 90, 100, 8100, 9000, 10000},
		{ShadingKey{3, 2, today + 1, 1}, "EUR", 0, 1, 10, 10, 100, 100, 100},
	}
	for name, c := range map[string]struct {
		filter ShadingFilter
		want   []ShadingSum
	}{
		"all":              {ShadingFilter{}, want},
		"a line item":      {ShadingFilter{LineItem: 3, Exchange: 2}, want},
		"another":          {ShadingFilter{LineItem: 4}, nil},
		"another exchange": {ShadingFilter{Exchange: 3}, nil},
		"a day":            {ShadingFilter{From: today, To: today}, want[:2]},
		"from tomorrow on": {ShadingFilter{From: today + 1}, want[2:]},
	} {
		if got, err := w.Shading(ctx, c.filter); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}
