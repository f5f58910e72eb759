package demo

import (
	"context"
	"fmt"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// setUp makes exchanges, advertiser, campaigns, line items and creatives
// through the API, as any client would, and returns the campaigns in order.
func setUp(ctx context.Context, api *client.Client, all []order) ([]v1.Campaign, error) {
	for _, x := range exchanges() {
		if _, err := api.Exchanges.Create(ctx, x); err != nil {
			return nil, err
		}
	}
	advertiser, err := api.Advertisers.Create(ctx, v1.AdvertiserSpec{Name: "Example Shop", TimeZone: zone, Currency: "USD"})
	if err != nil {
		return nil, err
	}
	campaigns := make([]v1.Campaign, len(all))
	for i, o := range all { // in order, so that ids and numbers agree
		o.campaign.AdvertiserID = advertiser.ID
		if campaigns[i], err = api.Campaigns.Create(ctx, o.campaign); err != nil {
			return nil, fmt.Errorf("campaign %d: %w", i+1, err)
		}
	}
	// One after the other: SQLite lets one write at a time, and not who waits
	// longest. On a busy machine one of many waits longer than the API does.
	for i, o := range all {
		for _, it := range o.items {
			if err := setUpItem(ctx, api, campaigns[i].ID, it); err != nil {
				return nil, err
			}
		}
	}
	return campaigns, nil
}

func setUpItem(ctx context.Context, api *client.Client, parent event.CampaignID, it itemOrder) error {
	it.item.CampaignID = parent
	li, err := api.LineItems.Create(ctx, it.item)
	if err != nil {
		return fmt.Errorf("line item %s: %w", it.item.Name, err)
	}
	for _, c := range it.creatives {
		c.LineItemID = li.ID
		if _, err := api.Creatives.Create(ctx, c); err != nil {
			return fmt.Errorf("creative %s: %w", c.Name, err)
		}
	}
	return nil
}
