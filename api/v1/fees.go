package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// FeeRuleSpec is what a caller states about what an advertiser pays beyond the
// media cost.
type FeeRuleSpec struct {
	EffectiveFrom campaign.LocalTime `json:"effective_from" format:"local-date-time" doc:"For bids from this instant on, until the next rule, on a clock of the advertiser's time zone. At least a minute ahead." example:"2027-01-01T00:00:00"`
	MarkupPPM     int64              `json:"markup_ppm,omitempty" minimum:"0" maximum:"10000000" doc:"Of the media cost, in millionths: 150000 is 15 %." example:"150000"`
	DataCPM       money.Nanos        `json:"data_cpm,omitzero" format:"decimal" doc:"Data fee per thousand impressions, at most 1000." example:"0.5"`
	TechCPM       money.Nanos        `json:"tech_cpm,omitzero" format:"decimal" doc:"Technical fee per thousand impressions, at most 1000." example:"0.1"`
}

// FeeRule says what an advertiser pays beyond the media cost, from a moment on.
// It is never changed: another one follows it. Budgets bear media cost and fees.
type FeeRule struct {
	ID           int64              `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"Who pays." example:"1"`
	FeeRuleSpec
}

// Campaign returns the specification in the terms of package campaign.
func (s FeeRuleSpec) Campaign(id event.AdvertiserID) campaign.FeeRule {
	return campaign.FeeRule{AdvertiserID: id, EffectiveFrom: s.EffectiveFrom, MarkupPPM: s.MarkupPPM, DataCPM: s.DataCPM, TechCPM: s.TechCPM}
}

// FeeRuleOf returns the wire form of f.
func FeeRuleOf(f campaign.FeeRule) FeeRule {
	return FeeRule{ID: f.ID, AdvertiserID: f.AdvertiserID, FeeRuleSpec: FeeRuleSpec{
		EffectiveFrom: f.EffectiveFrom, MarkupPPM: f.MarkupPPM, DataCPM: f.DataCPM, TechCPM: f.TechCPM,
	}}
}
