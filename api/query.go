package api

import "github.com/tangent-dsp/tangent/campaign/store"

// query is what a list is asked for.
type query interface {
	filter() store.Filter
}

// Paging is the part of a query that all lists share. It is exported because
// huma does not look into embedded types that are not.
type Paging struct {
	After int64 `query:"after" minimum:"0" doc:"Lists what has a higher id: next_after of the page before."`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"At most so many."`
}

func (p Paging) filter() store.Filter { return store.Filter{AfterID: p.After, Limit: p.Limit} }

type ofAdvertiser struct {
	Paging
	AdvertiserID int64 `query:"advertiser_id" minimum:"1" doc:"Only this advertiser's."`
}

func (q ofAdvertiser) filter() store.Filter {
	return store.Filter{ParentID: q.AdvertiserID, AfterID: q.After, Limit: q.Limit}
}

type ofCampaign struct {
	Paging
	CampaignID int64 `query:"campaign_id" minimum:"1" doc:"Only this campaign's."`
}

func (q ofCampaign) filter() store.Filter {
	return store.Filter{ParentID: q.CampaignID, AfterID: q.After, Limit: q.Limit}
}

type ofLineItem struct {
	Paging
	LineItemID int64 `query:"line_item_id" minimum:"1" doc:"Only this line item's."`
}

func (q ofLineItem) filter() store.Filter {
	return store.Filter{ParentID: q.LineItemID, AfterID: q.After, Limit: q.Limit}
}
