package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// AdvertiserSpec is what a caller states about an advertiser.
type AdvertiserSpec struct {
	Name        string          `json:"name" doc:"What people call the advertiser." example:"Example Shoes"`
	Status      campaign.Status `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	TimeZone    string          `json:"time_zone" doc:"IANA name of the time zone that gives meaning to every flight, day and daypart below." example:"Europe/Berlin"`
	Currency    string          `json:"currency" doc:"ISO 4217 code of every amount below." example:"EUR"`
	Conversions Conversions     `json:"conversions,omitzero" doc:"How orders are found to come from clicks. Without it none are."`
	Funding     Funding         `json:"funding,omitzero" doc:"What backs all of its campaigns together. Without it nothing but their budgets limits them. It can be changed, and not be taken away."`
}

// Advertiser is who pays.
type Advertiser struct {
	ID event.AdvertiserID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	AdvertiserSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether anything below may spend."`
}

// Campaign returns the specification in the terms of package campaign.
func (s AdvertiserSpec) Campaign() campaign.Advertiser {
	return campaign.Advertiser{Name: s.Name, Status: started(s.Status), TimeZone: s.TimeZone, Currency: s.Currency, Funding: s.Funding.campaign(), Conversions: s.Conversions.campaign()}
}

// AdvertiserOf returns the wire form of a.
func AdvertiserOf(a campaign.Advertiser) Advertiser {
	return Advertiser{ID: a.ID, Status: a.Status, AdvertiserSpec: AdvertiserSpec{
		Name: a.Name, TimeZone: a.TimeZone, Currency: a.Currency, Funding: fundingOf(a.Funding), Conversions: conversionsOf(a.Conversions),
	}}
}

// started returns the status that a new thing begins in.
func started(s campaign.Status) campaign.Status {
	if s == "" {
		return campaign.Active
	}
	return s
}
