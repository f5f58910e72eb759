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
	Size       Size             `json:"size" doc:"The banner's size."`
	Markup     string           `json:"markup" doc:"HTML. ${CLICK_URL} is replaced by the click redirect."`
	LandingURL string           `json:"landing_url" doc:"Where a click leads: https, or http." example:"https://example.com/boots"`
	Domains    []string         `json:"domains" nullable:"false" doc:"The advertiser's bare domains (adomain)."`
	Categories []string         `json:"categories,omitempty" nullable:"false" doc:"IAB Content Taxonomy 1.0, such as IAB3-1."`
	Attributes []int            `json:"attributes,omitempty" nullable:"false" doc:"OpenRTB list of creative attributes."`
	Secure     bool             `json:"secure,omitempty" doc:"Every resource of the markup is HTTPS."`
}

// Creative is one banner of a line item.
type Creative struct {
	ID event.CreativeID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	CreativeSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether it may be shown."`
}

// Campaign returns the specification in the terms of package campaign.
func (s CreativeSpec) Campaign() campaign.Creative {
	return campaign.Creative{
		LineItemID: s.LineItemID, Name: s.Name, Status: started(s.Status), Size: campaign.Size(s.Size),
		Markup: s.Markup, LandingURL: s.LandingURL, Domains: s.Domains, Categories: s.Categories,
		Attributes: s.Attributes, Secure: s.Secure,
	}
}

// CreativeOf returns the wire form of c.
func CreativeOf(c campaign.Creative) Creative {
	domains := c.Domains
	if domains == nil {
		domains = []string{}
	}
	return Creative{ID: c.ID, Status: c.Status, CreativeSpec: CreativeSpec{
		LineItemID: c.LineItemID, Name: c.Name, Size: Size(c.Size), Markup: c.Markup, LandingURL: c.LandingURL,
		Domains: domains, Categories: c.Categories, Attributes: c.Attributes, Secure: c.Secure,
	}}
}
