package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Goal is what an outcome is worth to the advertiser.
type Goal struct {
	Kind   campaign.GoalKind `json:"kind" enum:"cpm,cpc,cpa,roas,max_clicks,max_conversions,max_value" doc:"cpm: a thousand impressions are worth the amount. cpc: a click is. cpa: an order is. roas: an order is worth its value divided by return. max_clicks, max_conversions, max_value: as many clicks or orders, or as much value of orders, as the budget buys, bidding at most max_bid_cpm."`
	Amount money.Nanos       `json:"amount,omitzero" format:"decimal" doc:"In the advertiser's currency; wanted by cpm, cpc and cpa, and by no other." example:"0.80"`
	Return float64           `json:"return,omitzero" doc:"Value of orders per amount spent, 0.01 to 1000; wanted by roas, and by no other."`
}

// Limits are what outcomes may cost on the whole.
type Limits struct {
	CostPerClick  money.Nanos `json:"max_cost_per_click,omitzero" format:"decimal" pattern:"[^-+.0]" patternDescription:"an amount above 0, or left out" doc:"What a click may cost on average, fees included; no limit if not given."`
	CostPerAction money.Nanos `json:"max_cost_per_action,omitzero" format:"decimal" pattern:"[^-+.0]" patternDescription:"an amount above 0, or left out" doc:"What an order may cost on average, fees included; no limit if not given."`
	ReturnOnSpend float64     `json:"min_return_on_spend,omitzero" minimum:"0.01" maximum:"1000" doc:"The value of orders that an amount spent must bring on average, fees included, 0.01 to 1000; no limit if not given."`
}

// FrequencyCap limits how often a user may see something.
type FrequencyCap struct {
	Level         campaign.CapLevel `json:"level" enum:"line_item,campaign,advertiser" doc:"What is counted: impressions of this line item, of its campaign, or of its advertiser."`
	Impressions   int               `json:"impressions" doc:"At most so many." example:"3"`
	WindowSeconds int64             `json:"window_seconds" doc:"Within any stretch of so many seconds that ends now." example:"86400"`
}

// LineItemSpec is what a caller states about a line item.
type LineItemSpec struct {
	CampaignID        event.CampaignID  `json:"campaign_id" doc:"The campaign whose budget and flight it shares. Cannot be changed." example:"1"`
	Name              string            `json:"name" doc:"What people call the line item." example:"Germany, mobile"`
	Status            campaign.Status   `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	Flight            Flight            `json:"flight,omitzero" doc:"Narrows the campaign's flight."`
	Budget            Budget            `json:"budget,omitzero" doc:"Narrows the campaign's budget."`
	Goal              Goal              `json:"goal" doc:"What it bids for."`
	MaxBidCPM         money.Nanos       `json:"max_bid_cpm" format:"decimal" doc:"Per thousand impressions, in the advertiser's currency; no bid is above it." example:"4.50"`
	ClickRate         float64           `json:"click_rate,omitzero" doc:"Expected clicks per impression, above 0 and at most 1; wanted by goals and limits on clicks." example:"0.002"`
	ConversionRate    float64           `json:"conversion_rate,omitzero" doc:"Expected orders per click, or per impression, above 0 and at most 1; wanted by goals and limits on orders." example:"0.02"`
	ConversionRatePer campaign.RatePer  `json:"conversion_rate_per,omitempty" enum:"click,impression" doc:"What conversion_rate is measured by; click if not given. By click it wants a click_rate."`
	OrderValue        money.Nanos       `json:"order_value,omitzero" format:"decimal" doc:"What an order is worth on average, in the advertiser's currency; wanted by goals and limits on the value of orders." example:"80"`
	Limits            Limits            `json:"limits,omitzero" doc:"What outcomes may cost on the whole. Bids fall until all of them hold."`
	MinDelivery       float64           `json:"min_delivery,omitzero" doc:"The share of the budget, above 0 and at most 1, that is to be spent even where limits would hold it back: of its own budget, each day and over the flight, or of the campaign's if it has none. It wants limits."`
	Targeting         Targeting         `json:"targeting,omitzero" doc:"Where and to whom it bids."`
	FrequencyCaps     []FrequencyCap    `json:"frequency_caps,omitempty" nullable:"false" doc:"All of them hold."`
	Curve             FrequencyCurve    `json:"frequency_curve,omitzero" doc:"What an impression is worth to a user who saw some already."`
	Modifiers         []Modifier        `json:"bid_modifiers,omitempty" nullable:"false" doc:"What multiplies the value of an impression."`
	Rotation          campaign.Rotation `json:"rotation,omitempty" enum:"even,weighted,optimised" doc:"Which of several creatives is shown: each as often as the others (even, if not given), by their weights, or the better it is clicked the more often."`
}

// LineItem is who to reach and how to bid.
type LineItem struct {
	ID           event.LineItemID   `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"The campaign's advertiser." example:"1"`
	LineItemSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether it may spend."`
}

// Campaign returns the specification in the terms of package campaign.
func (s LineItemSpec) Campaign() campaign.LineItem {
	li := campaign.LineItem{
		CampaignID: s.CampaignID, Name: s.Name, Status: started(s.Status),
		Flight: campaign.Flight(s.Flight), Budget: s.Budget.campaign(), Goal: campaign.Goal(s.Goal),
		MaxBidCPM: s.MaxBidCPM, ClickRate: s.ClickRate, ConversionRate: s.ConversionRate, ConversionRatePer: s.ConversionRatePer,
		OrderValue: s.OrderValue, Limits: campaign.Limits(s.Limits), MinDelivery: s.MinDelivery, Targeting: s.Targeting,
		Curve: s.Curve, Modifiers: s.Modifiers, Rotation: s.Rotation,
	}
	for _, c := range s.FrequencyCaps {
		li.FrequencyCaps = append(li.FrequencyCaps, campaign.FrequencyCap{
			Level: c.Level, Impressions: c.Impressions, Window: duration(c.WindowSeconds, time.Second),
		})
	}
	return li
}

// LineItemOf returns the wire form of li.
func LineItemOf(li campaign.LineItem) LineItem {
	out := LineItem{ID: li.ID, AdvertiserID: li.AdvertiserID, Status: li.Status, LineItemSpec: LineItemSpec{
		CampaignID: li.CampaignID, Name: li.Name, Flight: Flight(li.Flight), Budget: budgetOf(li.Budget),
		Goal: Goal(li.Goal), MaxBidCPM: li.MaxBidCPM, ClickRate: li.ClickRate, ConversionRate: li.ConversionRate, ConversionRatePer: li.ConversionRatePer,
		OrderValue: li.OrderValue, Limits: Limits(li.Limits), MinDelivery: li.MinDelivery, Targeting: li.Targeting,
		Curve: li.Curve, Modifiers: li.Modifiers, Rotation: li.Rotation,
	}}
	for _, c := range li.FrequencyCaps {
		out.FrequencyCaps = append(out.FrequencyCaps, FrequencyCap{
			Level: c.Level, Impressions: c.Impressions, WindowSeconds: int64(c.Window / time.Second),
		})
	}
	return out
}

// duration returns n units, or the longest duration when it would overflow:
// validation then refuses it rather than a wrapped value that looks right.
func duration(n int64, unit time.Duration) time.Duration {
	const longest = time.Duration(1<<63 - 1)
	switch {
	case n > int64(longest/unit):
		return longest
	case n < -int64(longest/unit):
		return -longest
	}
	return time.Duration(n) * unit
}
