package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

func (w *world) record(id event.LineItemID) frontier.Record {
	rec, _ := w.bidder.Samples.Of(id).Record(noon, nil)
	return rec
}

// Given line items on the same imps, when requests come, then each has its
// opportunities sampled: what they are worth and cost, and what the best other
// would bid.
func TestOpportunitiesAreSampledWithTheirRivals(t *testing.T) {
	w := newWorld(t)
	w.changes.FeeRules = []campaign.FeeRule{{ID: 1, AdvertiserID: 1, MarkupPPM: 100_000, TechCPM: money.Unit / 10}}
	best := w.item("5", nil)
	second := w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) { li.MaxBidCPM = 4 * money.Unit })
	elsewhere := w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Countries.Include = []string{"DEU"} })
	w.byItem[best] = 0.3
	w.open(money.Cap)
	const n = 40
	for i := range n {
		w.post(strings.Replace(plain, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1))
	}
	w.post(strings.Replace(plain, `"at":1`, `"at":1,"test":1`, 1)) // nobody can buy it
	cpm := func(x float64) float32 { return float32(x * 1e6) }
	for id, rival := range map[event.LineItemID]float32{best: cpm(2), second: cpm(1.5)} {
		rec := w.record(id)
		if len(rec.Samples) != n || len(rec.Hours) != 1 || rec.Hours[0].Met != n {
			t.Fatalf("line item %d: %d samples of %+v", id, len(rec.Samples), rec.Hours)
		}
		s := rec.Samples[n-1]
		s.At, s.Hash, s.Context = 0, 0, 0
		want := frontier.Sample{Mechanism: landscape.FirstPrice, Shade: true, Value: 1, Outcomes: 1, Floor: cpm(0.1), Rival: rival,
			Quantity: 1, Rate: 1, Multiplier: map[event.LineItemID]float32{best: 0.3, second: 1}[id], Fixed: cpm(0.1), Slope: 1.1}
		if s != want {
			t.Errorf("line item %d: %+v, want %+v", id, s, want)
		}
	}
	if w.bidder.Samples.Met(elsewhere) != nil {
		t.Error("a line item of another country has opportunities")
	}
}

// Imps that find no money are opportunities all the same, counted once.
func TestOpportunitiesWithoutMoneyCount(t *testing.T) {
	w := newWorld(t)
	rich, next := w.item("5", nil), w.item("2", nil)
	w.open(1)
	for i := range 10 {
		w.post(strings.Replace(plain, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1))
	}
	for _, id := range []event.LineItemID{rich, next} {
		if rec := w.record(id); len(rec.Hours) != 1 || rec.Hours[0].Met != 10 {
			t.Errorf("line item %d: %+v", id, rec.Hours)
		}
	}
}

// What does not come up to the floor is an opportunity: of a higher bid.
func TestOpportunitiesBelowTheFloorCount(t *testing.T) {
	w := newWorld(t)
	cheap := w.item("0.05", nil)
	w.open(money.Cap)
	w.post(plain)
	if rec := w.record(cheap); len(rec.Samples) != 1 || rec.Samples[0].Floor != 100_000 || rec.Samples[0].Rival != 0 {
		t.Errorf("%+v", rec)
	}
}
