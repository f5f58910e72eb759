package app_test

import (
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// What is paused through the API stops within a second, at every level; what
// was bid before is still billed.
func TestPauseStopsBidsWithinASecond(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	li := w.item(o, 2*money.Unit, nil)
	before := w.buy("alpha", request("u", ""))

	ctx := t.Context()
	for _, c := range []struct {
		name          string
		pause, resume func() error
	}{
		{"line item",
			func() error { _, err := w.api.LineItems.Pause(ctx, li.ID); return err },
			func() error { _, err := w.api.LineItems.Resume(ctx, li.ID); return err }},
		{"campaign",
			func() error { _, err := w.api.Campaigns.Pause(ctx, o.campaign.ID); return err },
			func() error { _, err := w.api.Campaigns.Resume(ctx, o.campaign.ID); return err }},
		{"advertiser",
			func() error { _, err := w.api.Advertisers.Pause(ctx, o.advertiser.ID); return err },
			func() error { _, err := w.api.Advertisers.Resume(ctx, o.advertiser.ID); return err }},
	} {
		if err := c.pause(); err != nil {
			t.Fatal(err)
		}
		w.withinASecond("no bids after the "+c.name+" was paused", w.refused(openrtb.NoLineItem))
		if s, _ := w.ask("alpha", request("u", "")); s != nil {
			t.Errorf("the %s bids again while it is paused", c.name)
		}
		if err := c.resume(); err != nil {
			t.Fatal(err)
		}
		w.buy("alpha", request("u", ""))
	}

	w.tell(expand(before.BURL, "1.5"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != 1_500_000 {
		t.Errorf("booked %d nanos for a bid from before the pause, want 1500000", got.Booked)
	}
}
