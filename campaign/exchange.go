package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
)

// Exchange is an ad exchange and its settings. Times are whole milliseconds
// or seconds in JSON, see json.go.
type Exchange struct {
	ID       event.ExchangeID `json:"id"`
	Name     string           `json:"name"` // in the URL: /openrtb2/{name}; lower-case letters, digits, dashes
	Status   Status           `json:"status"`
	Preset   string           `json:"preset"`   // what the settings began as; see Presets
	Seat     string           `json:"seat"`     // our seat id there
	Currency string           `json:"currency"` // what we bid in and are billed in, where the request takes it
	// OtherCurrencies are what we bid in and are billed in where the request
	// does not take Currency, best first.
	OtherCurrencies []string      `json:"other_currencies,omitempty"`
	BillingEvent    BillingEvent  `json:"billing_event"` // of banner and native
	VideoBilling    BillingEvent  `json:"video_billing_event"`
	AudioBilling    BillingEvent  `json:"audio_billing_event"`
	NoBid           NoBidStyle    `json:"no_bid"`
	DefaultTMax     time.Duration `json:"default_tmax_ms"`      // when the request has none
	VideoTMax       time.Duration `json:"video_tmax_ms"`        // that of requests whose imps are all video
	AudioTMax       time.Duration `json:"audio_tmax_ms"`        // that of requests whose imps are all audio
	NetworkMargin   time.Duration `json:"network_margin_ms"`    // taken from tmax: round trip and safety
	WinDeadline     time.Duration `json:"win_deadline_seconds"` // a hold is full until then
	Horizon         time.Duration `json:"horizon_seconds"`      // a hold ends then; later bills still book
	Dialect
}

// Dialect is how an exchange speaks, and what it lets us do.
type Dialect struct {
	Version string `json:"openrtb_version"` // of responses to requests that do not say theirs

	AuctionDefault int           `json:"auction_default"`         // at of requests that have none: 1 first price, 2 second
	AuctionTypes   []AuctionType `json:"auction_types,omitempty"` // what its own at mean, of 500 and more; others are first price

	PriceEncoding pricecipher.Kind `json:"price_encoding"`
	PriceMacro    string           `json:"price_macro"`    // what it replaces by the price
	CurrencyMacro bool             `json:"currency_macro"` // it fills in ${AUCTION_CURRENCY}
	MinToWin      bool             `json:"min_to_win"`     // it fills in ${AUCTION_MIN_TO_WIN}
	WinNotices    bool             `json:"win_notices"`    // it wants nurl
	LossNotices   bool             `json:"loss_notices"`   // it wants lurl, and fills in ${AUCTION_LOSS}

	AdvertiserSeats  []AdvertiserSeat `json:"advertiser_seats,omitempty"` // of advertisers with a seat of their own
	ResponseFields   []string         `json:"response_fields"`            // of bids, beyond what all exchanges get; openrtb.FieldNames
	CategoryTaxonomy int              `json:"category_taxonomy"`          // cattax that it reads cat in
	Gzip             bool             `json:"gzip"`                       // responses may be packed for clients that accept it
	NativeForm       NativeForm       `json:"native_form"`
	NativeWrapped    bool             `json:"native_wrapped"` // native markup always in {"native":...}

	RequiresApproval  bool   `json:"requires_approval"`    // only creatives that it approved may be bid
	SeveralBidsPerImp bool   `json:"several_bids_per_imp"` // deal bids beside open ones
	NoShading         bool   `json:"no_shading"`           // first-price bids are what the impression is worth, not less
	DryRun            bool   `json:"dry_run"`              // everything is decided and counted, nothing is bid
	Domain            string `json:"domain"`               // in ads.txt and supply chains; empty: not known
	MaxQPS            int    `json:"max_qps"`              // requests per second that one bidder looks at; 0: all
}

// AuctionType says what an exchange's own auction type is like.
type AuctionType struct {
	At int `json:"at" doc:"The exchange's own type: 500 to 9999." example:"501"`
	As int `json:"as" doc:"What it is like: 1 first price, 2 second price." example:"1"`
}

// AdvertiserSeat is the seat of one advertiser's bids.
type AdvertiserSeat struct {
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"The advertiser." example:"1"`
	Seat         string             `json:"seat" doc:"Its seat id there." example:"seat-2"`
}

// NativeForm is where an exchange wants native markup.
type NativeForm string

// The forms.
const (
	NativeString NativeForm = "string"     // adm: a string that holds JSON
	NativeObject NativeForm = "object"     // adm: JSON
	NativeADM    NativeForm = "adm_native" // adm_native: JSON
)

// FirstPrice and SecondPrice are the auction types that all others are like.
const (
	FirstPrice  = 1
	SecondPrice = 2
)

// MinOwnAuction is the least auction type that an exchange may give a meaning
// of its own (OpenRTB 2.6, section 3.2.1).
const MinOwnAuction = 500

// AuctionLike returns what a request's auction type is like: first or second
// price. One that nobody explained is first price: shading costs less than
// overpaying.
func (e *Exchange) AuctionLike(at int, given bool) int {
	if !given {
		at = e.AuctionDefault
	}
	switch {
	case at == FirstPrice, at == SecondPrice:
		return at
	case at >= MinOwnAuction:
		for i := range e.AuctionTypes {
			if e.AuctionTypes[i].At == at {
				return e.AuctionTypes[i].As
			}
		}
	}
	return FirstPrice
}

// SeatOf returns the seat in whose name an advertiser bids.
func (e *Exchange) SeatOf(id event.AdvertiserID) string {
	for i := range e.AdvertiserSeats {
		if e.AdvertiserSeats[i].AdvertiserID == id {
			return e.AdvertiserSeats[i].Seat
		}
	}
	return e.Seat
}

// BilledBy returns the notice by which the exchange bills a bid of a kind of
// markup.
func (e *Exchange) BilledBy(t openrtb.MarkupType) BillingEvent {
	switch t {
	case openrtb.MarkupVideo:
		return e.VideoBilling
	case openrtb.MarkupAudio:
		return e.AudioBilling
	}
	return e.BillingEvent
}

// Wire returns the dialect in the terms of package openrtb.
func (e *Exchange) Wire() openrtb.Dialect {
	d := openrtb.Dialect{
		Name: e.Preset, Version: e.Version, CategoryTaxonomy: e.CategoryTaxonomy,
		NativeWrapped: e.NativeWrapped, PriceMacro: e.PriceMacro, Currency: e.CurrencyMacro,
		MinToWin: e.MinToWin, Loss: e.LossNotices, Gzip: e.Gzip,
		Fields: openrtb.FieldBURL | openrtb.FieldNURL, // a bid has only those that it must have
	}
	if e.LossNotices {
		d.Fields |= openrtb.FieldLURL
	}
	for _, name := range e.ResponseFields {
		f, _ := openrtb.FieldByName(name)
		d.Fields |= f
	}
	switch e.NoBid {
	case NoBidNBR:
		d.NoBid = openrtb.NoBidReason
	case NoBidEmpty:
		d.NoBid = openrtb.NoBidEmpty
	}
	switch e.NativeForm {
	case NativeObject:
		d.Native = openrtb.NativeObject
	case NativeADM:
		d.Native = openrtb.NativeADM
	}
	return d
}
