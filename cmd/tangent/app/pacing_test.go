package app

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// What pacing is told after a change is what it would be told at a start.
func TestPacingHearsOfChanges(t *testing.T) {
	c, err := catalog.New(catalog.Config{Clock: clock.Real(), MaxDelta: 64})
	if err != nil {
		t.Fatal(err)
	}
	revision := campaign.Revision(0)
	apply := func(ch campaign.Changes) {
		t.Helper()
		revision++
		ch.Revision = revision
		if err := c.Apply(ch); err != nil {
			t.Fatal(err)
		}
	}
	item := func(id event.LineItemID, cpm money.Nanos) campaign.LineItem {
		return campaign.LineItem{ID: id, CampaignID: 1, Status: campaign.Active, Name: fmt.Sprint(id),
			Goal: campaign.Goal{Kind: campaign.CPM, Amount: cpm * money.Unit}, MaxBidCPM: cpm * money.Unit, Budget: campaign.Budget{Daily: money.Unit, DailyNode: 100 + event.NodeID(id)}}
	}
	parent := campaign.Campaign{ID: 1, AdvertiserID: 1, Status: campaign.Active, Name: "c", Budget: campaign.Budget{Daily: 10 * money.Unit, DailyNode: 1}}
	first := campaign.Changes{
		Advertisers: []campaign.Advertiser{{ID: 1, Name: "a", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"}},
		Campaigns:   []campaign.Campaign{parent},
	}
	for id := range event.LineItemID(200) {
		first.LineItems = append(first.LineItems, item(id+1, 1+money.Nanos(id)))
	}
	apply(first)

	hears := pacedLineItems(c)
	version, before := hears()
	if len(before) != 200 {
		t.Fatalf("%d line items, want 200", len(before))
	}
	for name, ch := range map[string]campaign.Changes{
		"one":       {LineItems: []campaign.LineItem{item(7, 900)}},
		"a new one": {LineItems: []campaign.LineItem{item(500, 5)}},
		"one less":  {LineItems: []campaign.LineItem{func() campaign.LineItem { li := item(9, 9); li.Status = campaign.Archived; return li }()}},
		"many": {LineItems: func() (all []campaign.LineItem) {
			for id := event.LineItemID(20); id < 120; id++ {
				all = append(all, item(id, 1000-money.Nanos(id)))
			}
			return all
		}()},
		"the campaign": {Campaigns: []campaign.Campaign{func() campaign.Campaign { p := parent; p.Budget.Daily *= 2; return p }()}},
	} {
		apply(ch)
		v, got := hears()
		_, want := pacedLineItems(c)()
		if v == version || !reflect.DeepEqual(got, want) || reflect.DeepEqual(got, before) {
			t.Errorf("%s: version %d after %d; %d line items, want %d that differ from those before", name, v, version, len(got), len(want))
		}
		version, before = v, got
	}
}
