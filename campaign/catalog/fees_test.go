package catalog

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Given line items in the catalog, when a rule about fees arrives, before or
// after its advertiser, then each of the advertiser's costs it, from when it
// begins, and an older snapshot stays as it was.
func TestFeesReachLineItems(t *testing.T) {
	w, _ := one()
	rule := campaign.FeeRule{ID: 1, AdvertiserID: w.Advertisers[0].ID, Start: noon.Add(time.Hour), MarkupPPM: 500_000}
	for name, parts := range map[string][]campaign.Changes{
		"after":    {w, {FeeRules: []campaign.FeeRule{rule}}},
		"before":   {{FeeRules: []campaign.FeeRule{rule}}, w},
		"together": {with(w, rule)},
		"twice":    {with(w, rule), {FeeRules: []campaign.FeeRule{rule}}},
	} {
		c := newCatalog(t, 0)
		for _, part := range parts {
			if err := c.Apply(part); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for li := range c.Load().LineItems() {
			n++
			if got := li.Cost(10, event.OneImpression, noon); got != 10 {
				t.Errorf("%s: line item %d costs %d before the rule", name, li.ID, got)
			}
			if got := li.Cost(10, event.OneImpression, rule.Start); got != 15 {
				t.Errorf("%s: line item %d costs %d under the rule", name, li.ID, got)
			}
			if got, want := li.MostCost(), rule.Cost(li.MaxBid, event.OneImpression); got != want {
				t.Errorf("%s: line item %d costs %d at most, want %d", name, li.ID, got, want)
			}
		}
		if n == 0 {
			t.Errorf("%s: the catalog is empty", name)
		}
	}
}

func TestFeesLeaveOlderSnapshotsAlone(t *testing.T) {
	w, _ := one()
	c := newCatalog(t, 0)
	if err := c.Apply(w); err != nil {
		t.Fatal(err)
	}
	old := c.Load()
	rule := campaign.FeeRule{ID: 1, AdvertiserID: w.Advertisers[0].ID, Start: noon, MarkupPPM: 500_000}
	if err := c.Apply(campaign.Changes{FeeRules: []campaign.FeeRule{rule}}); err != nil {
		t.Fatal(err)
	}
	for li := range old.LineItems() {
		if got := li.Cost(10, event.OneImpression, noon); got != 10 {
			t.Errorf("line item %d of the older snapshot costs %d", li.ID, got)
		}
	}
	if c.Load().Version() <= old.Version() {
		t.Error("the version stayed")
	}
}

func with(ch campaign.Changes, rule campaign.FeeRule) campaign.Changes {
	ch.FeeRules = []campaign.FeeRule{rule}
	return ch
}
