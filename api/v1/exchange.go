package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
)

// ExchangeSpec is what a caller states about an ad exchange. What is not given
// is as the preset says.
type ExchangeSpec struct {
	Name            string                    `json:"name" doc:"In the URL that it calls, /openrtb2/{name}: lower-case letters, digits, dashes. Cannot be changed." example:"example-exchange"`
	Status          campaign.Status           `json:"status,omitempty" enum:"active,paused" doc:"The status to start in; active if not given. Later changes go through pause, resume and archive."`
	Preset          string                    `json:"preset,omitempty" enum:"generic-2.6,generic-2.5,google,prebid" doc:"Where all that is not given comes from; generic-2.6 if not given. Cannot be changed, but each setting can."`
	Seat            string                    `json:"seat" doc:"Our seat id there." example:"seat-1"`
	AdvertiserSeats []campaign.AdvertiserSeat `json:"advertiser_seats,omitempty" doc:"The seats of advertisers that have their own."`
	Domain          string                    `json:"domain,omitempty" doc:"Its domain in ads.txt and supply chains; without it, neither is checked." example:"exchange.example"`
	Currency        string                    `json:"currency" doc:"ISO 4217 code of what we bid in, and are billed in, where the request takes it. Cannot be changed." example:"EUR"`
	OtherCurrencies []string                  `json:"other_currencies,omitempty" doc:"What we bid in, and are billed in, where the request does not take that: the first of these that it lists." example:"[\"USD\"]"`

	BillingEvent campaign.BillingEvent `json:"billing_event,omitempty" enum:"billing,impression,win" doc:"The notice by which it bills us for banner and native: billing (burl), impression (our pixel) or win (nurl)."`
	VideoBilling campaign.BillingEvent `json:"video_billing_event,omitempty" enum:"billing,impression,win" doc:"The same for video; impression is the one in the VAST. If not given, impression where banners bill by billing, else as they do."`
	AudioBilling campaign.BillingEvent `json:"audio_billing_event,omitempty" enum:"billing,impression,win" doc:"The same for audio."`

	PriceEncoding pricecipher.Kind `json:"price_encoding,omitempty" enum:"plain,base64,google" doc:"How it sends prices. The keys of google are secrets of the machine, never of the API."`
	PriceMacro    string           `json:"price_macro,omitempty" minLength:"1" doc:"What it replaces by the price." example:"${AUCTION_PRICE}"`
	CurrencyMacro *bool            `json:"currency_macro,omitempty" doc:"It replaces ${AUCTION_CURRENCY}."`
	MinToWin      *bool            `json:"min_to_win,omitempty" doc:"It replaces ${AUCTION_MIN_TO_WIN}, in win and loss notices."`
	WinNotices    *bool            `json:"win_notices,omitempty" doc:"It wants nurl."`
	LossNotices   *bool            `json:"loss_notices,omitempty" doc:"It wants lurl, and replaces ${AUCTION_LOSS}."`

	Version          string              `json:"openrtb_version,omitempty" enum:"2.3,2.4,2.5,2.6" doc:"The version of responses to requests that do not say theirs."`
	NoBid            campaign.NoBidStyle `json:"no_bid,omitempty" enum:"204,nbr,empty" doc:"How it hears that we do not bid: status 204, 200 with a no-bid reason, or 200 with an empty seatbid."`
	ResponseFields   []string            `json:"response_fields,omitzero" doc:"Fields of bids beyond those that every exchange gets: adid, mtype, dur, protocol, api, apis, language, cattax, iurl, bundle, exp, slotinpod, bidid." example:"[\"adid\",\"mtype\"]"`
	CategoryTaxonomy int                 `json:"category_taxonomy,omitempty" minimum:"1" doc:"The taxonomy (cattax) that it reads cat in." example:"1"`
	Gzip             *bool               `json:"gzip,omitempty" doc:"Responses may be packed where the request accepts it."`
	NativeForm       campaign.NativeForm `json:"native_form,omitempty" enum:"string,object,adm_native" doc:"Where it wants native markup: a string in adm, an object in adm, or an object in adm_native."`
	NativeWrapped    *bool               `json:"native_wrapped,omitempty" doc:"Native markup is always within {\"native\":...}."`

	AuctionDefault int                    `json:"auction_default,omitempty" enum:"1,2" doc:"What requests without at are: 1 first price, 2 second price."`
	AuctionTypes   []campaign.AuctionType `json:"auction_types,omitempty" doc:"What its own auction types are like. Those not listed are taken for first price."`

	DefaultTMaxMS      int64 `json:"default_tmax_ms,omitempty" minimum:"1" doc:"Milliseconds to answer in when a request has no tmax." example:"120"`
	VideoTMaxMS        int64 `json:"video_tmax_ms,omitempty" minimum:"1" doc:"The same for requests that are all video; default_tmax_ms if only that is given." example:"250"`
	AudioTMaxMS        int64 `json:"audio_tmax_ms,omitempty" minimum:"1" doc:"The same for requests that are all audio." example:"250"`
	NetworkMarginMS    int64 `json:"network_margin_ms,omitempty" minimum:"1" doc:"Milliseconds taken from tmax for the round trip and safety." example:"20"`
	WinDeadlineSeconds int64 `json:"win_deadline_seconds,omitempty" minimum:"1" doc:"A bid is held in full for so long." example:"300"`
	HorizonSeconds     int64 `json:"horizon_seconds,omitempty" minimum:"1" doc:"A hold ends after so long; later bills still book." example:"3600"`
	MaxQPS             int   `json:"max_qps,omitempty" minimum:"0" doc:"Requests per second that one bidder looks at, more are no-bid at once; 0 for all." example:"5000"`

	RequiresApproval  *bool `json:"requires_approval,omitempty" doc:"Only creatives that it approved may be bid."`
	SeveralBidsPerImp *bool `json:"several_bids_per_imp,omitempty" doc:"An imp may get deal bids beside an open one."`
	NoShading         *bool `json:"no_shading,omitempty" doc:"First-price bids are what the impression is worth. Without it they are shaded: as much lower as gains the most."`
	DryRun            *bool `json:"dry_run,omitempty" doc:"Everything is decided and counted, and nothing is bid."`
}

// Exchange is an ad exchange and its settings.
type Exchange struct {
	ID event.ExchangeID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	ExchangeSpec
	Status campaign.Status `json:"status" enum:"active,paused,archived" doc:"Whether its bid requests are answered with bids."`
}

// Campaign returns the specification in the terms of package campaign.
func (s ExchangeSpec) Campaign() campaign.Exchange {
	e, ok := campaign.PresetExchange(or(s.Preset, campaign.DefaultPreset))
	if !ok {
		e.Preset = s.Preset // which validation names
	}
	e.Name, e.Status, e.Seat, e.Domain = s.Name, started(s.Status), s.Seat, s.Domain
	e.AdvertiserSeats, e.Currency, e.OtherCurrencies = s.AdvertiserSeats, s.Currency, s.OtherCurrencies
	if s.BillingEvent != "" {
		e.BillingEvent, e.VideoBilling, e.AudioBilling = s.BillingEvent, campaign.BilledLike(s.BillingEvent), campaign.BilledLike(s.BillingEvent)
	}
	e.VideoBilling, e.AudioBilling = or(s.VideoBilling, e.VideoBilling), or(s.AudioBilling, e.AudioBilling)

	e.PriceEncoding, e.PriceMacro = or(s.PriceEncoding, e.PriceEncoding), or(s.PriceMacro, e.PriceMacro)
	e.Version, e.NoBid = or(s.Version, e.Version), or(s.NoBid, e.NoBid)
	if s.ResponseFields != nil {
		e.ResponseFields = s.ResponseFields
	}
	e.CategoryTaxonomy, e.NativeForm = or(s.CategoryTaxonomy, e.CategoryTaxonomy), or(s.NativeForm, e.NativeForm)
	e.AuctionDefault, e.AuctionTypes, e.MaxQPS = or(s.AuctionDefault, e.AuctionDefault), s.AuctionTypes, s.MaxQPS
	set(&e.CurrencyMacro, s.CurrencyMacro)
	set(&e.MinToWin, s.MinToWin)
	set(&e.WinNotices, s.WinNotices)
	set(&e.LossNotices, s.LossNotices)
	set(&e.Gzip, s.Gzip)
	set(&e.NativeWrapped, s.NativeWrapped)
	set(&e.RequiresApproval, s.RequiresApproval)
	set(&e.SeveralBidsPerImp, s.SeveralBidsPerImp)
	set(&e.NoShading, s.NoShading)
	set(&e.DryRun, s.DryRun)

	if s.DefaultTMaxMS != 0 {
		e.DefaultTMax = duration(s.DefaultTMaxMS, time.Millisecond)
		e.VideoTMax, e.AudioTMax = e.DefaultTMax, e.DefaultTMax
	}
	e.VideoTMax = or(duration(s.VideoTMaxMS, time.Millisecond), e.VideoTMax)
	e.AudioTMax = or(duration(s.AudioTMaxMS, time.Millisecond), e.AudioTMax)
	e.NetworkMargin = or(duration(s.NetworkMarginMS, time.Millisecond), e.NetworkMargin)
	e.WinDeadline = or(duration(s.WinDeadlineSeconds, time.Second), e.WinDeadline)
	e.Horizon = or(duration(s.HorizonSeconds, time.Second), e.Horizon)
	return e
}

// or returns v, or the other where v was not given.
func or[T comparable](v, other T) T {
	var none T
	if v == none {
		return other
	}
	return v
}

// set sets what was given.
func set(to *bool, given *bool) {
	if given != nil {
		*to = *given
	}
}

// ExchangeOf returns the wire form of x.
func ExchangeOf(x campaign.Exchange) Exchange {
	return Exchange{ID: x.ID, Status: x.Status, ExchangeSpec: ExchangeSpec{
		Name: x.Name, Preset: x.Preset, Seat: x.Seat, AdvertiserSeats: x.AdvertiserSeats, Domain: x.Domain,
		Currency: x.Currency, OtherCurrencies: x.OtherCurrencies,
		BillingEvent: x.BillingEvent, VideoBilling: x.VideoBilling, AudioBilling: x.AudioBilling,
		PriceEncoding: x.PriceEncoding, PriceMacro: x.PriceMacro, CurrencyMacro: &x.CurrencyMacro, MinToWin: &x.MinToWin,
		WinNotices: &x.WinNotices, LossNotices: &x.LossNotices,
		Version: x.Version, NoBid: x.NoBid, ResponseFields: x.ResponseFields, CategoryTaxonomy: x.CategoryTaxonomy,
		Gzip: &x.Gzip, NativeForm: x.NativeForm, NativeWrapped: &x.NativeWrapped,
		AuctionDefault: x.AuctionDefault, AuctionTypes: x.AuctionTypes,
		DefaultTMaxMS: x.DefaultTMax.Milliseconds(), VideoTMaxMS: x.VideoTMax.Milliseconds(), AudioTMaxMS: x.AudioTMax.Milliseconds(),
		NetworkMarginMS:    x.NetworkMargin.Milliseconds(),
		WinDeadlineSeconds: int64(x.WinDeadline / time.Second), HorizonSeconds: int64(x.Horizon / time.Second), MaxQPS: x.MaxQPS,
		RequiresApproval: &x.RequiresApproval, SeveralBidsPerImp: &x.SeveralBidsPerImp, NoShading: &x.NoShading, DryRun: &x.DryRun,
	}}
}
