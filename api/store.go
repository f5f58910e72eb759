package api

import (
	"context"
	"io"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
)

// Store keeps what callers configure; *store.Store is one. Writes are durable
// when they return. Errors that callers are told about are store.ErrNotFound,
// store.ErrConflict and campaign.Problems.
type Store interface {
	CreateAdvertiser(context.Context, campaign.Advertiser) (campaign.Advertiser, error)
	GetAdvertiser(context.Context, event.AdvertiserID) (campaign.Advertiser, error)
	ListAdvertisers(context.Context, store.Filter) ([]campaign.Advertiser, error)
	UpdateAdvertiser(context.Context, event.AdvertiserID, func(campaign.Advertiser) (campaign.Advertiser, error)) (campaign.Advertiser, error)
	SetAdvertiserStatus(context.Context, event.AdvertiserID, campaign.Status) (campaign.Advertiser, error)

	AddFeeRule(context.Context, campaign.FeeRule) (campaign.FeeRule, error)
	ListFeeRules(context.Context, store.Filter) ([]campaign.FeeRule, error)

	AddRateTable(context.Context, campaign.RateTable) (campaign.RateTable, error)
	ListRateTables(context.Context, store.Filter) ([]campaign.RateTable, error)

	CreateInventoryList(context.Context, campaign.InventoryList) (campaign.InventoryList, error)
	GetInventoryList(context.Context, campaign.InventoryListID) (campaign.InventoryList, error)
	ListInventoryLists(context.Context, store.Filter) ([]campaign.InventoryList, error)
	PutInventory(ctx context.Context, id campaign.InventoryListID, text io.Reader, add bool) (campaign.InventoryList, error)
	DeleteInventoryList(context.Context, campaign.InventoryListID) error

	// NewConversionKey returns the only copy of a key.
	NewConversionKey(context.Context, event.AdvertiserID) (string, error)

	CreateCampaign(context.Context, campaign.Campaign) (campaign.Campaign, error)
	GetCampaign(context.Context, event.CampaignID) (campaign.Campaign, error)
	ListCampaigns(context.Context, store.Filter) ([]campaign.Campaign, error)
	UpdateCampaign(context.Context, event.CampaignID, func(campaign.Campaign) (campaign.Campaign, error)) (campaign.Campaign, error)
	SetCampaignStatus(context.Context, event.CampaignID, campaign.Status) (campaign.Campaign, error)

	CreateLineItem(context.Context, campaign.LineItem) (campaign.LineItem, error)
	GetLineItem(context.Context, event.LineItemID) (campaign.LineItem, error)
	ListLineItems(context.Context, store.Filter) ([]campaign.LineItem, error)
	UpdateLineItem(context.Context, event.LineItemID, func(campaign.LineItem) (campaign.LineItem, error)) (campaign.LineItem, error)
	SetLineItemStatus(context.Context, event.LineItemID, campaign.Status) (campaign.LineItem, error)

	CreateCreative(context.Context, campaign.Creative) (campaign.Creative, error)
	GetCreative(context.Context, event.CreativeID) (campaign.Creative, error)
	ListCreatives(context.Context, store.Filter) ([]campaign.Creative, error)
	UpdateCreative(context.Context, event.CreativeID, func(campaign.Creative) (campaign.Creative, error)) (campaign.Creative, error)
	SetCreativeStatus(context.Context, event.CreativeID, campaign.Status) (campaign.Creative, error)

	CreateExchange(context.Context, campaign.Exchange) (campaign.Exchange, error)
	GetExchange(context.Context, event.ExchangeID) (campaign.Exchange, error)
	ListExchanges(context.Context, store.Filter) ([]campaign.Exchange, error)
	UpdateExchange(context.Context, event.ExchangeID, func(campaign.Exchange) (campaign.Exchange, error)) (campaign.Exchange, error)
	SetExchangeStatus(context.Context, event.ExchangeID, campaign.Status) (campaign.Exchange, error)
}
