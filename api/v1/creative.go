package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// CreativeSpec is what a caller states about a creative.
type CreativeSpec struct {
	LineItemID event.LineItemID `json:"line_item_id" doc:"The line item that shows it. Cannot be changed." example:"1"`
	Name       string           `json:"name" doc:"What people call the creative." example:"Boots, medium rectangle"`
	Status     campaign.Status  `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	Format     campaign.Format  `json:"format,omitempty" enum:"banner,video,audio,native" doc:"What it is; banner if not given. Cannot be changed."`

	Size     Size             `json:"size,omitzero" doc:"Of banners: the size."`
	Markup   string           `json:"markup,omitempty" doc:"Of banners: HTML. ${CLICK_URL} is replaced by the click redirect, ${CLICK_URL_ENC} by the same percent-encoded, to go into the URL of somebody else's redirect."`
	ImageURL string           `json:"image_url,omitempty" doc:"Of banners, instead of markup: an image of that size."`
	Media    *campaign.Media  `json:"media,omitempty" doc:"Of video and audio: what is played."`
	Native   *campaign.Native `json:"native,omitempty" doc:"Of native: the assets."`

	LandingURL         string   `json:"landing_url" doc:"Where a click leads: https, or http, on one of domains or below one." example:"https://example.com/boots"`
	ImpressionTrackers []string `json:"impression_trackers,omitempty" nullable:"false" doc:"Pixels of third parties. ${CACHEBUSTER} is replaced by digits."`
	ClickTrackers      []string `json:"click_trackers,omitempty" nullable:"false" doc:"Click trackers of third parties. One of a banner holds ${LANDING_URL_ENC}, to which it redirects; others are called beside the click."`

	Domains    []string            `json:"domains" nullable:"false" doc:"The advertiser's bare domains (adomain)."`
	AppBundle  string              `json:"app_bundle,omitempty" doc:"The bundle of the app that is advertised."`
	Taxonomy   int                 `json:"category_taxonomy,omitempty" doc:"What categories are of: the number in OpenRTB's list of category taxonomies. 1, which is IAB Content Taxonomy 1.0, if not given; 2, 5 and 6 are 2.x, 7 and 9 are 3.x."`
	Categories []string            `json:"categories,omitempty" nullable:"false" doc:"What is advertised, such as IAB3-1. Without any, the creative is not shown where categories are blocked, as most publishers have it."`
	Attributes []int               `json:"attributes,omitempty" nullable:"false" doc:"OpenRTB list of creative attributes."`
	APIs       []int               `json:"apis,omitempty" nullable:"false" doc:"OpenRTB list of API frameworks: any one of these is needed to show it."`
	Language   string              `json:"language,omitempty" doc:"ISO 639-1 such as de; of none if not given."`
	Secure     bool                `json:"secure,omitempty" doc:"Every resource is HTTPS."`
	Weight     int                 `json:"weight,omitempty" doc:"Its share where the line item rotates by weights; 1 if not given."`
	Approvals  []campaign.Approval `json:"approvals,omitempty" nullable:"false" doc:"What exchanges that review creatives answered."`
}

// Creative is what a line item shows.
type Creative struct {
	ID event.CreativeID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	CreativeSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether it may be shown."`
}

// Campaign returns the specification in the terms of package campaign.
func (s CreativeSpec) Campaign() campaign.Creative {
	return campaign.Creative{
		LineItemID: s.LineItemID, Name: s.Name, Status: started(s.Status), Format: s.Format,
		Size: campaign.Size(s.Size), Markup: s.Markup, ImageURL: s.ImageURL, Media: s.Media, Native: s.Native,
		LandingURL: s.LandingURL, ImpressionTrackers: s.ImpressionTrackers, ClickTrackers: s.ClickTrackers,
		Domains: s.Domains, AppBundle: s.AppBundle, Taxonomy: s.Taxonomy, Categories: s.Categories, Attributes: s.Attributes,
		APIs: s.APIs, Language: s.Language, Secure: s.Secure, Weight: s.Weight, Approvals: s.Approvals,
	}
}

// CreativeOf returns the wire form of c.
func CreativeOf(c campaign.Creative) Creative {
	domains := c.Domains
	if domains == nil {
		domains = []string{}
	}
	return Creative{ID: c.ID, Status: c.Status, CreativeSpec: CreativeSpec{
		LineItemID: c.LineItemID, Name: c.Name, Format: c.Format,
		Size: Size(c.Size), Markup: c.Markup, ImageURL: c.ImageURL, Media: c.Media, Native: c.Native,
		LandingURL: c.LandingURL, ImpressionTrackers: c.ImpressionTrackers, ClickTrackers: c.ClickTrackers,
		Domains: domains, AppBundle: c.AppBundle, Taxonomy: c.Taxonomy, Categories: c.Categories, Attributes: c.Attributes,
		APIs: c.APIs, Language: c.Language, Secure: c.Secure, Weight: c.Weight, Approvals: c.Approvals,
	}}
}
