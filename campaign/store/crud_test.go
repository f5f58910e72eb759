package store

import (
	"context"
	"reflect"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// wantStored wants the world's things to read back as they are, one by one,
// in lists and as changes.
func wantStored(t *testing.T, w *world) {
	t.Helper()
	ctx, all := context.Background(), must(w.Changes(context.Background(), 0))(t)
	for _, c := range []struct {
		name                   string
		want, got, list, fresh any
	}{
		{"exchange", w.exchange, must(w.GetExchange(ctx, w.exchange.ID))(t), must(w.ListExchanges(ctx, Filter{}))(t)[0], all.Exchanges[0]},
		{"advertiser", w.advertiser, must(w.GetAdvertiser(ctx, w.advertiser.ID))(t), must(w.ListAdvertisers(ctx, Filter{}))(t)[0], all.Advertisers[0]},
		{"campaign", w.campaign, must(w.GetCampaign(ctx, w.campaign.ID))(t), must(w.ListCampaigns(ctx, Filter{}))(t)[0], all.Campaigns[0]},
		{"line item", w.lineItem, must(w.GetLineItem(ctx, w.lineItem.ID))(t), must(w.ListLineItems(ctx, Filter{}))(t)[0], all.LineItems[0]},
		{"creative", w.creative, must(w.GetCreative(ctx, w.creative.ID))(t), must(w.ListCreatives(ctx, Filter{}))(t)[0], all.Creatives[0]},
	} {
		for how, got := range map[string]any{"read": c.got, "listed": c.list, "changed": c.fresh} {
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s %s:\n got %+v\nwant %+v", c.name, how, got, c.want)
			}
		}
	}
}

func testCreate(t *testing.T, w *world) {
	wantStored(t, w)
	if w.lineItem.AdvertiserID != w.advertiser.ID {
		t.Errorf("the line item's advertiser is %d", w.lineItem.AdvertiserID)
	}
	if w.campaign.Status != campaign.Active || w.campaign.ID <= 0 {
		t.Errorf("the campaign is %+v", w.campaign)
	}
	// An id that is sent is not taken over.
	again := w.advertiser
	again = must(w.CreateAdvertiser(context.Background(), again))(t)
	if again.ID == w.advertiser.ID {
		t.Errorf("two advertisers have the id %d", again.ID)
	}
}

func testUpdate(t *testing.T, w *world) {
	ctx := context.Background()
	w.exchange.Seat, w.exchange.Status = "2", campaign.Paused
	w.exchange = must(w.UpdateExchange(ctx, w.exchange.ID, To(w.exchange)))(t)
	w.advertiser.Name = "Example Boots"
	w.advertiser = must(w.UpdateAdvertiser(ctx, w.advertiser.ID, To(w.advertiser)))(t)
	w.campaign.Name, w.campaign.AdvertiserID = "Summer", 0 // stays the advertiser's
	w.campaign.Flight.End = local(t, "2026-09-01T12:30:00")
	w.campaign.Budget.Pacing = campaign.PaceASAP
	w.campaign = must(w.UpdateCampaign(ctx, w.campaign.ID, To(w.campaign)))(t)
	w.lineItem.Goal, w.lineItem.ClickRate = campaign.Goal{Kind: campaign.ROAS, Return: 3.5}, 0.5
	w.lineItem.Budget.Pacing, w.lineItem.ConversionRatePer, w.lineItem.Limits, w.lineItem.MinDelivery = "", campaign.PerImpression, campaign.Limits{ReturnOnSpend: 1.5}, 0
	w.lineItem.Targeting, w.lineItem.FrequencyCaps = campaign.Targeting{}, nil
	w.lineItem.CampaignID, w.lineItem.AdvertiserID = 0, 99 // is not the caller's to say
	w.lineItem = must(w.UpdateLineItem(ctx, w.lineItem.ID, To(w.lineItem)))(t)
	w.creative.Categories, w.creative.Attributes, w.creative.Secure, w.creative.LineItemID = nil, nil, false, 0
	w.creative = must(w.UpdateCreative(ctx, w.creative.ID, To(w.creative)))(t)
	wantStored(t, w)
	if w.lineItem.AdvertiserID != w.advertiser.ID || w.lineItem.CampaignID != w.campaign.ID || w.creative.LineItemID != w.lineItem.ID {
		t.Errorf("parents changed: %+v, %+v", w.lineItem, w.creative)
	}
}

func testStatus(t *testing.T, w *world) {
	ctx := context.Background()
	before := w.lineItem
	w.lineItem = must(w.SetLineItemStatus(ctx, w.lineItem.ID, campaign.Paused))(t)
	before.Status = campaign.Paused
	if !reflect.DeepEqual(w.lineItem, before) {
		t.Errorf("pausing changed more than the status: %+v", w.lineItem)
	}
	w.lineItem = must(w.SetLineItemStatus(ctx, w.lineItem.ID, campaign.Active))(t)
	w.exchange = must(w.SetExchangeStatus(ctx, w.exchange.ID, campaign.Paused))(t)
	w.advertiser = must(w.SetAdvertiserStatus(ctx, w.advertiser.ID, campaign.Paused))(t)
	w.campaign = must(w.SetCampaignStatus(ctx, w.campaign.ID, campaign.Paused))(t)
	w.creative = must(w.SetCreativeStatus(ctx, w.creative.ID, campaign.Archived))(t)
	wantStored(t, w)

	must(w.SetCreativeStatus(ctx, w.creative.ID, campaign.Archived))(t) // again changes nothing
	_, err := w.SetCreativeStatus(ctx, w.creative.ID, campaign.Active)
	wantError(t, err, ErrConflict)
	changed := w.creative
	changed.Status, changed.Name = campaign.Active, "Back"
	_, err = w.UpdateCreative(ctx, changed.ID, To(changed))
	wantError(t, err, ErrConflict)
	_, err = w.SetLineItemStatus(ctx, w.lineItem.ID, "deleted")
	wantProblem(t, err, "status")
	_, err = w.SetLineItemStatus(ctx, 999, campaign.Paused)
	wantError(t, err, ErrNotFound)
	wantStored(t, w)
}

func testParents(t *testing.T, w *world) {
	ctx := context.Background()
	for _, id := range []int64{999, -1, 0} {
		c, li, cr := w.campaign, w.lineItem, w.creative
		c.AdvertiserID, li.CampaignID, cr.LineItemID = event.AdvertiserID(id), event.CampaignID(id), event.LineItemID(id)
		_, err := w.CreateCampaign(ctx, c)
		wantProblem(t, err, "advertiser_id")
		_, err = w.CreateLineItem(ctx, li)
		wantProblem(t, err, "campaign_id")
		_, err = w.CreateCreative(ctx, cr)
		wantProblem(t, err, "line_item_id")
	}
	for _, id := range []int64{999, -1, 0} {
		_, err := w.GetAdvertiser(ctx, event.AdvertiserID(id))
		wantError(t, err, ErrNotFound)
		_, err = w.UpdateCampaign(ctx, event.CampaignID(id), To(campaign.Campaign{}))
		wantError(t, err, ErrNotFound)
	}
	other := must(w.CreateCampaign(ctx, w.campaign))(t)
	moved := w.lineItem
	moved.CampaignID = other.ID
	_, err := w.UpdateLineItem(ctx, moved.ID, To(moved))
	wantProblem(t, err, "campaign_id")

	moved = w.newLineItem("Elsewhere")
	moved.Targeting.Exchanges.Include = append(moved.Targeting.Exchanges.Include, 999)
	_, err = w.CreateLineItem(ctx, moved)
	wantProblem(t, err, "targeting.exchanges.include[1]")
	moved.ID, moved.Status = w.lineItem.ID, campaign.Active
	_, err = w.UpdateLineItem(ctx, moved.ID, To(moved))
	wantProblem(t, err, "targeting.exchanges.include[1]")

	approved := w.newCreative("Approved")
	approved.Approvals = []campaign.Approval{{ExchangeID: w.exchange.ID, State: campaign.Approved}}
	must(w.CreateCreative(ctx, approved))(t)
	approved.Approvals = append(approved.Approvals, campaign.Approval{ExchangeID: 999_999, State: campaign.Approved})
	_, err = w.CreateCreative(ctx, approved)
	wantProblem(t, err, "approvals[1].exchange_id")
	approved.ID, approved.Status = w.creative.ID, campaign.Active
	_, err = w.UpdateCreative(ctx, approved.ID, To(approved))
	wantProblem(t, err, "approvals[1].exchange_id")

	must(w.SetCampaignStatus(ctx, other.ID, campaign.Archived))(t)
	late := w.newLineItem("Late")
	late.CampaignID = other.ID
	_, err = w.CreateLineItem(ctx, late)
	wantProblem(t, err, "campaign_id")
	wantStored(t, w)
}

func testFixedMoney(t *testing.T, w *world) {
	ctx := context.Background()
	a := w.advertiser
	a.Currency, a.TimeZone = "USD", "America/New_York"
	_, err := w.UpdateAdvertiser(ctx, a.ID, To(a))
	wantProblem(t, err, "currency")
	wantProblem(t, err, "time_zone")
	wantStored(t, w)
	// Without campaigns nothing depends on them.
	b := must(w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "New", TimeZone: "UTC", Currency: "EUR"}))(t)
	b.Currency, b.TimeZone = "USD", "America/New_York"
	if got := must(w.UpdateAdvertiser(ctx, b.ID, To(b)))(t); got != b {
		t.Errorf("got %+v", got)
	}
}

func testExchangeNames(t *testing.T, w *world) {
	ctx := context.Background()
	_, err := w.CreateExchange(ctx, w.exchange)
	wantError(t, err, ErrConflict)
	other := w.exchange
	other.Name = "other"
	other = must(w.CreateExchange(ctx, other))(t)
	other.Name = w.exchange.Name
	_, err = w.UpdateExchange(ctx, other.ID, To(other))
	wantError(t, err, ErrConflict)
	wantStored(t, w)
}

func testPages(t *testing.T, w *world) {
	ctx := context.Background()
	other := must(w.CreateCampaign(ctx, w.campaign))(t)
	items := make([]campaign.LineItem, 10)
	for i := range items {
		items[i] = w.newLineItem("one of many")
		if i%2 == 1 {
			items[i].CampaignID = other.ID
		}
	}
	all := append([]campaign.LineItem{w.lineItem}, must(w.CreateLineItems(ctx, items))(t)...)
	for _, parent := range []event.CampaignID{0, w.campaign.ID, other.ID, 999} {
		var want []campaign.LineItem
		for _, li := range all {
			if parent == 0 || li.CampaignID == parent {
				want = append(want, li)
			}
		}
		for _, limit := range []int{0, 1, 3, 100, 5000} {
			var got []campaign.LineItem
			f := Filter{ParentID: int64(parent), Limit: limit}
			for {
				page := must(w.ListLineItems(ctx, f))(t)
				got = append(got, page...)
				if len(page) == 0 || len(got) > len(all) {
					break
				}
				f.AfterID = int64(page[len(page)-1].ID)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("parent %d in pages of %d: %d line items, want %d", parent, limit, len(got), len(want))
			}
		}
	}
	if got := must(w.ListCampaigns(ctx, Filter{AfterID: -5, Limit: -5}))(t); len(got) != 2 {
		t.Errorf("a filter of negatives lists %d campaigns", len(got))
	}
}
