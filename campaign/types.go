package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Status is whether something may spend.
type Status string

// The statuses. Paused things keep their place in the catalog; archived ones
// leave it and cannot come back.
const (
	Active   Status = "active"
	Paused   Status = "paused"
	Archived Status = "archived"
)

// Advertiser is who pays. Its time zone gives meaning to every flight, day
// and daypart below it, its currency to every amount.
type Advertiser struct {
	ID       event.AdvertiserID `json:"id"`
	Name     string             `json:"name"`
	Status   Status             `json:"status"`
	TimeZone string             `json:"time_zone"` // IANA name: "Europe/Berlin"
	Currency string             `json:"currency"`  // ISO 4217: "EUR"
	Funding  Funding            `json:"funding,omitzero"`
	// Conversions says how orders after clicks are measured.
	Conversions Conversions `json:"conversions,omitzero"`
}

// Campaign is a budget, a flight, and the line items that share them.
type Campaign struct {
	ID           event.CampaignID   `json:"id"`
	AdvertiserID event.AdvertiserID `json:"advertiser_id"`
	Name         string             `json:"name"`
	Status       Status             `json:"status"`
	Flight       Flight             `json:"flight"`
	Budget       Budget             `json:"budget"`
}

// Flight is when something may bid, in the advertiser's time zone. Start is
// included, End is not. A zero bound is open.
type Flight struct {
	Start LocalTime `json:"start,omitzero"`
	End   LocalTime `json:"end,omitzero"`
}

// Budget is what may be spent. Zero means no limit of that kind; a campaign
// states at least one. The node ids are assigned by the store.
type Budget struct {
	Lifetime     money.Nanos  `json:"lifetime,omitzero"`
	Daily        money.Nanos  `json:"daily,omitzero"`   // per day of the advertiser's time zone
	Pacing       Pace         `json:"pacing,omitempty"` // empty is traffic
	LifetimeNode event.NodeID `json:"-"`
	DailyNode    event.NodeID `json:"-"`
}

// LineItem is who to reach and how to bid. Its own budget and flight, if
// given, narrow the campaign's.
type LineItem struct {
	ID           event.LineItemID   `json:"id"`
	CampaignID   event.CampaignID   `json:"campaign_id"`
	AdvertiserID event.AdvertiserID `json:"advertiser_id"` // the campaign's, set by the store
	Name         string             `json:"name"`
	Status       Status             `json:"status"`
	Flight       Flight             `json:"flight,omitzero"`
	Budget       Budget             `json:"budget,omitzero"`
	Goal         Goal               `json:"goal"`
	MaxBidCPM    money.Nanos        `json:"max_bid_cpm"`         // per thousand impressions; no bid is above it
	ClickRate    float64            `json:"click_rate,omitzero"` // clicks per impression, within (0, 1]; wanted by goals and limits on clicks
	// ConversionRate is orders per click or, as ConversionRatePer says, per
	// impression, within (0, 1]; wanted by goals and limits on orders.
	ConversionRate    float64     `json:"conversion_rate,omitzero"`
	ConversionRatePer RatePer     `json:"conversion_rate_per,omitempty"`
	OrderValue        money.Nanos `json:"order_value,omitzero"` // of an order on average; wanted by goals and limits on it
	Limits            Limits      `json:"limits,omitzero"`
	// MinDelivery is the share of the budget that is to be spent though limits
	// would hold it back: of its own budget, or the campaign's if it has none.
	MinDelivery   float64        `json:"min_delivery,omitzero"`
	Targeting     Targeting      `json:"targeting,omitzero"`
	FrequencyCaps []FrequencyCap `json:"frequency_caps,omitempty"`
	Curve         FrequencyCurve `json:"frequency_curve,omitzero"`
	Modifiers     []Modifier     `json:"bid_modifiers,omitempty"`
	Rotation      Rotation       `json:"rotation,omitempty"` // empty is even
}

// CapLevel is what a frequency cap counts.
type CapLevel string

// The levels.
const (
	CapLineItem   CapLevel = "line_item"
	CapCampaign   CapLevel = "campaign"
	CapAdvertiser CapLevel = "advertiser"
)

// FrequencyCap limits how often a user may see something: at most Impressions
// within any window of that length that ends now. Impressions count, bids do
// not.
type FrequencyCap struct {
	Level       CapLevel      `json:"level"`
	Impressions int           `json:"impressions"`
	Window      time.Duration `json:"window"` // JSON: whole seconds as window_seconds, see json.go
}

// BillingEvent is the kind of notice by which an exchange bills us.
type BillingEvent string

// The billing events.
const (
	BillOnBilling    BillingEvent = "billing"    // burl
	BillOnImpression BillingEvent = "impression" // our pixel
	BillOnWin        BillingEvent = "win"        // nurl
)

// NoBidStyle is how an exchange wants to hear that we do not bid.
type NoBidStyle string

// The styles.
const (
	NoBid204   NoBidStyle = "204"   // status 204, no body
	NoBidNBR   NoBidStyle = "nbr"   // status 200, {"id":..,"nbr":n}
	NoBidEmpty NoBidStyle = "empty" // status 200, {"id":..,"seatbid":[]}
)
