package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// ExchangeSpec is what a caller states about an ad exchange.
type ExchangeSpec struct {
	Name               string                `json:"name" doc:"In the URL that it calls, /openrtb2/{name}: lower-case letters, digits, dashes. Cannot be changed." example:"example-exchange"`
	Status             campaign.Status       `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	Seat               string                `json:"seat" doc:"Our seat id there." example:"seat-1"`
	Currency           string                `json:"currency" doc:"ISO 4217 code of what we bid in, and are billed in, where the request takes it. Cannot be changed." example:"EUR"`
	OtherCurrencies    []string              `json:"other_currencies,omitempty" doc:"What we bid in, and are billed in, where the request does not take that: the first of these that it lists." example:"[\"USD\"]"`
	BillingEvent       campaign.BillingEvent `json:"billing_event" enum:"billing,impression,win" doc:"The notice by which it bills us: billing (burl), impression (our pixel) or win (nurl)."`
	NoBid              campaign.NoBidStyle   `json:"no_bid" enum:"204,nbr" doc:"How it hears that we do not bid: status 204, or 200 with a no-bid reason."`
	DefaultTMaxMS      int64                 `json:"default_tmax_ms" doc:"Milliseconds to answer in when a request has no tmax." example:"120"`
	NetworkMarginMS    int64                 `json:"network_margin_ms" doc:"Milliseconds taken from tmax for the round trip and safety." example:"20"`
	WinDeadlineSeconds int64                 `json:"win_deadline_seconds" doc:"A bid is held in full for so long." example:"300"`
	HorizonSeconds     int64                 `json:"horizon_seconds" doc:"A hold ends after so long; later bills still book." example:"3600"`
}

// Exchange is an ad exchange and its settings.
type Exchange struct {
	ID event.ExchangeID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	ExchangeSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether its bid requests are answered with bids."`
}

// Campaign returns the specification in the terms of package campaign.
func (s ExchangeSpec) Campaign() campaign.Exchange {
	return campaign.Exchange{
		Name: s.Name, Status: started(s.Status), Seat: s.Seat, Currency: s.Currency, OtherCurrencies: s.OtherCurrencies,
		BillingEvent: s.BillingEvent, NoBid: s.NoBid,
		DefaultTMax:   duration(s.DefaultTMaxMS, time.Millisecond),
		NetworkMargin: duration(s.NetworkMarginMS, time.Millisecond),
		WinDeadline:   duration(s.WinDeadlineSeconds, time.Second),
		Horizon:       duration(s.HorizonSeconds, time.Second),
	}
}

// ExchangeOf returns the wire form of x.
func ExchangeOf(x campaign.Exchange) Exchange {
	return Exchange{ID: x.ID, Status: x.Status, ExchangeSpec: ExchangeSpec{
		Name: x.Name, Seat: x.Seat, Currency: x.Currency, OtherCurrencies: x.OtherCurrencies, BillingEvent: x.BillingEvent, NoBid: x.NoBid,
		DefaultTMaxMS: x.DefaultTMax.Milliseconds(), NetworkMarginMS: x.NetworkMargin.Milliseconds(),
		WinDeadlineSeconds: int64(x.WinDeadline / time.Second), HorizonSeconds: int64(x.Horizon / time.Second),
	}}
}
