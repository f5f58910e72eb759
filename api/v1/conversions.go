package v1

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// Conversions says how an advertiser's orders are found to come from clicks.
type Conversions struct {
	ClickParameter string `json:"click_parameter,omitempty" doc:"Name of the query parameter in which a click carries its id to the landing page, where the user's consent allows to measure. The page keeps the id and sends it with an order." example:"tclid"`
	WindowDays     int    `json:"window_days,omitempty" doc:"Days after a click in which an order counts, 1 to 90; 30 if not given." example:"30"`
}

func (c Conversions) campaign() campaign.Conversions {
	return campaign.Conversions{ClickParameter: c.ClickParameter, WindowDays: c.WindowDays}
}

func conversionsOf(c campaign.Conversions) Conversions {
	return Conversions{ClickParameter: c.ClickParameter, WindowDays: c.WindowDays}
}

// ConversionKey is a key with which an advertiser's servers tell of orders.
type ConversionKey struct {
	Key string `json:"key" doc:"The only copy: only its hash is kept. The key made before works until the next one is made." example:"tc_5f2c"`
}

// ConversionSums are what orders after clicks add up to, each order once.
type ConversionSums struct {
	Verified        int64       `json:"verified" doc:"Orders that an authenticated server of the advertiser told." example:"12"`
	VerifiedValue   money.Nanos `json:"verified_value" format:"decimal" doc:"What they are worth to the advertiser." example:"1188.5"`
	Unverified      int64       `json:"unverified" doc:"Orders that only a browser told: anybody who clicked can make them up." example:"3"`
	UnverifiedValue money.Nanos `json:"unverified_value" format:"decimal" doc:"What they are said to be worth." example:"240"`
}
