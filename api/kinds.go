package api

import (
	"context"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
)

// registerKinds adds the operations on everything that callers configure.
func (s *server) registerKinds() {
	kind[event.AdvertiserID, campaign.Advertiser, v1.AdvertiserSpec, v1.Advertiser, Paging]{
		path: "advertisers", one: "advertiser", many: "advertisers",
		create: s.store.CreateAdvertiser, get: s.store.GetAdvertiser, list: s.store.ListAdvertisers,
		update: s.store.UpdateAdvertiser, setStatus: s.store.SetAdvertiserStatus,
		parse: v1.AdvertiserSpec.Campaign, show: v1.AdvertiserOf,
		spec: func(a v1.Advertiser) v1.AdvertiserSpec { return a.AdvertiserSpec },
		head: func(a *campaign.Advertiser) (*event.AdvertiserID, *campaign.Status) { return &a.ID, &a.Status },
	}.register(s)
	kind[event.CampaignID, campaign.Campaign, v1.CampaignSpec, v1.Campaign, ofAdvertiser]{
		path: "campaigns", one: "campaign", many: "campaigns",
		fixed:  []string{"advertiser_id"},
		create: s.store.CreateCampaign, get: s.store.GetCampaign, list: s.store.ListCampaigns,
		update: s.store.UpdateCampaign, setStatus: s.store.SetCampaignStatus,
		parse: v1.CampaignSpec.Campaign, show: v1.CampaignOf,
		spec: func(c v1.Campaign) v1.CampaignSpec { return c.CampaignSpec },
		head: func(c *campaign.Campaign) (*event.CampaignID, *campaign.Status) { return &c.ID, &c.Status },
	}.register(s)
	kind[event.LineItemID, campaign.LineItem, v1.LineItemSpec, v1.LineItem, ofCampaign]{
		path: "line-items", one: "line item", many: "line items",
		fixed:  []string{"campaign_id"},
		create: s.store.CreateLineItem, get: s.store.GetLineItem, list: s.store.ListLineItems,
		update: s.store.UpdateLineItem, setStatus: s.store.SetLineItemStatus,
		parse: v1.LineItemSpec.Campaign, show: v1.LineItemOf,
		spec: func(li v1.LineItem) v1.LineItemSpec { return li.LineItemSpec },
		head: func(li *campaign.LineItem) (*event.LineItemID, *campaign.Status) { return &li.ID, &li.Status },
	}.register(s)
	kind[event.CreativeID, campaign.Creative, v1.CreativeSpec, v1.Creative, ofLineItem]{
		path: "creatives", one: "creative", many: "creatives",
		fixed:  []string{"line_item_id", "format"},
		create: s.store.CreateCreative, get: s.store.GetCreative, list: s.store.ListCreatives,
		update: s.store.UpdateCreative, setStatus: s.store.SetCreativeStatus,
		parse: v1.CreativeSpec.Campaign, show: v1.CreativeOf,
		spec: func(c v1.Creative) v1.CreativeSpec { return c.CreativeSpec },
		head: func(c *campaign.Creative) (*event.CreativeID, *campaign.Status) { return &c.ID, &c.Status },
	}.register(s)
	kind[event.ExchangeID, campaign.Exchange, v1.ExchangeSpec, v1.Exchange, Paging]{
		path: "exchanges", one: "exchange", many: "exchanges",
		fixed:  []string{"name", "currency", "preset"},
		create: s.store.CreateExchange, get: s.store.GetExchange, list: s.store.ListExchanges,
		update: s.store.UpdateExchange, setStatus: s.store.SetExchangeStatus,
		parse: v1.ExchangeSpec.Campaign, show: v1.ExchangeOf,
		spec: func(x v1.Exchange) v1.ExchangeSpec { return x.ExchangeSpec },
		head: func(x *campaign.Exchange) (*event.ExchangeID, *campaign.Status) { return &x.ID, &x.Status },
	}.register(s)
}

// kind is one sort of thing that callers configure: ID and T are its id and
// its type in package campaign, S and R what callers state and read, Q the
// query of its list.
type kind[ID ~int64, T, S, R any, Q query] struct {
	path, one, many string   // "line-items", "line item", "line items"
	fixed           []string // fields that a patch cannot change

	create    func(context.Context, T) (T, error)
	get       func(context.Context, ID) (T, error)
	list      func(context.Context, store.Filter) ([]T, error)
	update    func(context.Context, ID, func(T) (T, error)) (T, error)
	setStatus func(context.Context, ID, campaign.Status) (T, error)

	parse func(S) T
	show  func(T) R
	spec  func(R) S
	head  func(*T) (*ID, *campaign.Status)
}
