package catalog

import (
	"math/rand/v2"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// A walk passes over whom it was told to, in base and delta, and nobody else:
// each by its own ceiling, and in the next walk by none.
func TestWalksPassOverWhoIsWorthLess(t *testing.T) {
	const n, changed = 300, 40
	r := rand.New(rand.NewPCG(5, 6))
	c := newCatalog(t, 0)
	ch, q := one()
	multipliers := make([]float64, n)
	for i := range multipliers {
		id := event.LineItemID(i + 1)
		li := aLineItem(id, 1)
		li.Goal.Amount = money.Nanos(1+r.IntN(5)) * money.Unit
		ch.LineItems = append(ch.LineItems, li)
		ch.Creatives = append(ch.Creatives, aCreative(event.CreativeID(id), id))
		multipliers[i] = r.Float64()
	}
	ch.LineItems, ch.Creatives = ch.LineItems[1:], ch.Creatives[1:]
	apply(t, c, ch)
	ofBase := c.Load().Ceilings(func(event.LineItemID) int32 { return -1 })
	if !ofBase.Are(c.Load()) {
		t.Error("they are not of the snapshot that they were made of")
	}
	late := campaign.Changes{LineItems: ch.LineItems[:changed]}
	for i := range late.LineItems {
		late.LineItems[i].Goal.Amount += money.Unit / 2
	}
	apply(t, c, late)
	s := c.Load()
	if s.delta.len() != changed || ofBase.Are(s) {
		t.Fatalf("a delta of %d line items, want %d; ceilings without it are of it: %v", s.delta.len(), changed, ofBase.Are(s))
	}

	place := func(id event.LineItemID) int32 {
		if id%10 == 0 {
			return -1
		}
		return int32(id - 1)
	}
	worth := func(li *LineItem) float64 {
		if at := place(li.ID); at >= 0 {
			return li.Most * multipliers[at]
		}
		return li.Most
	}
	ceilings := s.Ceilings(place)
	var w Walk
	for _, cpm := range []float64{0, 1, 2, 3, 10} {
		least := cpm * float64(money.Unit) / 1000
		s.Walk(&q, &w)
		came := map[*LineItem]bool{}
		heads := map[*LineItem]bool{w.legs[0].head: true, w.legs[1].head: true} // found before it was told
		w.PassBelow(least, ceilings, multipliers)
		for li, ok := w.Next(); ok; li, ok = w.Next() {
			came[li] = true
		}
		if passed := w.Passed(); len(came)+passed != n {
			t.Errorf("below %v: %d came and %d were passed over, want %d in all", least, len(came), passed, n)
		}
		all := 0
		s.Walk(&q, &w)
		for li, ok := w.Next(); ok; li, ok = w.Next() {
			all++
			switch is := worth(li); {
			case is >= least && !came[li]:
				t.Errorf("line item %d is worth %v, yet was passed over below %v", li.ID, is, least)
			case is < least-2 && came[li] && !heads[li]: // 2 nanos for rounding
				t.Errorf("line item %d is worth %v, yet was not passed over below %v", li.ID, is, least)
			}
		}
		if all != n {
			t.Errorf("%d came in the walk after one below %v, want all %d", all, least, n)
		}
	}
}
