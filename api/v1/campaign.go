package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Flight is when something may bid.
type Flight struct {
	Start campaign.LocalTime `json:"start,omitzero" format:"local-date-time" doc:"First instant, on a clock of the advertiser's time zone; open if not given." example:"2026-12-01T00:00:00"`
	End   campaign.LocalTime `json:"end,omitzero" format:"local-date-time" doc:"First instant after the flight; open if not given." example:"2027-01-01T00:00:00"`
}

// Budget is what may be spent, fees included, in the advertiser's currency.
type Budget struct {
	Lifetime money.Nanos   `json:"lifetime,omitzero" format:"decimal" pattern:"[^-+.0]" patternDescription:"an amount above 0, or left out" doc:"For the whole flight; no limit if not given." example:"5000"`
	Daily    money.Nanos   `json:"daily,omitzero" format:"decimal" pattern:"[^-+.0]" patternDescription:"an amount above 0, or left out" doc:"Per day of the advertiser's time zone; no limit if not given." example:"250.50"`
	Pacing   campaign.Pace `json:"pacing,omitempty" enum:"traffic,even,ahead,asap" doc:"The shape in which it is spent: as traffic comes (traffic, if not given), by the clock (even), as traffic comes with a lead (ahead), or as fast as the goal allows (asap). A line item states it with a budget of its own alone."`
}

// CampaignSpec is what a caller states about a campaign.
type CampaignSpec struct {
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"Who pays. Cannot be changed." example:"1"`
	Name         string             `json:"name" doc:"What people call the campaign." example:"Winter boots"`
	Status       campaign.Status    `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	Flight       Flight             `json:"flight,omitzero" doc:"When it may bid."`
	Budget       Budget             `json:"budget" doc:"What it may spend, fees included: a lifetime amount, a daily one, or both."`
}

// Campaign is a budget, a flight, and the line items that share them.
type Campaign struct {
	ID event.CampaignID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	CampaignSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether it may spend."`
}

// Campaign returns the specification in the terms of package campaign.
func (s CampaignSpec) Campaign() campaign.Campaign {
	return campaign.Campaign{
		AdvertiserID: s.AdvertiserID, Name: s.Name, Status: started(s.Status),
		Flight: campaign.Flight(s.Flight), Budget: s.Budget.campaign(),
	}
}

// CampaignOf returns the wire form of c.
func CampaignOf(c campaign.Campaign) Campaign {
	return Campaign{ID: c.ID, Status: c.Status, CampaignSpec: CampaignSpec{
		AdvertiserID: c.AdvertiserID, Name: c.Name, Flight: Flight(c.Flight), Budget: budgetOf(c.Budget),
	}}
}

func (b Budget) campaign() campaign.Budget {
	return campaign.Budget{Lifetime: b.Lifetime, Daily: b.Daily, Pacing: b.Pacing}
}

func budgetOf(b campaign.Budget) Budget {
	return Budget{Lifetime: b.Lifetime, Daily: b.Daily, Pacing: b.Pacing}
}
