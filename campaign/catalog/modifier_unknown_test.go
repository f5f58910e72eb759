package catalog

import (
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// A modifier reads what is not known as targeting does: no city is not in the
// included ones, and not in the excluded ones.
func TestModifiersReadUnknownThingsAsTargetingDoes(t *testing.T) {
	for _, c := range []struct {
		name string
		when campaign.Targeting
		want float64
	}{
		{"all but one city", campaign.Targeting{Cities: campaign.List[string]{Exclude: []string{"DEU-Berlin"}}}, 0.5},
		{"one city", campaign.Targeting{Cities: campaign.List[string]{Include: []string{"DEU-Berlin"}}}, 1},
		{"all but a segment", campaign.Targeting{Segments: campaign.List[event.SegmentID]{Exclude: []event.SegmentID{7}}}, 1},
		{"all but who saw an ad", campaign.Targeting{Recency: campaign.List[campaign.Recency]{Exclude: []campaign.Recency{{Did: campaign.TouchImpression, Level: campaign.CapCampaign, WithinSeconds: 60}}}}, 1},
	} {
		// Given a factor, when nothing is known of the city.
		changes, q := one()
		changes.LineItems[0].Modifiers = []campaign.Modifier{{When: c.when, Factor: 0.5}}
		cat := newCatalog(t, 0)
		apply(t, cat, changes)
		li, ok := cat.Load().LineItem(1)
		if !ok {
			t.Fatal("no line item")
		}
		if got := li.Factor(&q); got != c.want {
			t.Errorf("%s: factor %v, want %v", c.name, got, c.want)
		}
	}
}
