package campaign

import (
	"reflect"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
)

// DefaultPreset is that of exchanges that name none.
const DefaultPreset = "generic-2.6"

// Presets returns the names of the presets, the default one first.
func Presets() (names []string) {
	for _, d := range openrtb.Dialects() {
		names = append(names, d.Name)
	}
	return names
}

// PresetExchange returns the settings that a preset begins with. Name, seat,
// currency and domain are the exchange's own.
func PresetExchange(preset string) (Exchange, bool) {
	d, ok := openrtb.DialectByName(preset)
	if !ok {
		return Exchange{}, false
	}
	e := Exchange{
		Preset:       preset,
		BillingEvent: BillOnBilling, VideoBilling: BillOnImpression, AudioBilling: BillOnImpression,
		NoBid:       NoBid204,
		DefaultTMax: 120 * time.Millisecond, VideoTMax: 120 * time.Millisecond, AudioTMax: 120 * time.Millisecond,
		NetworkMargin: 20 * time.Millisecond, WinDeadline: 5 * time.Minute, Horizon: time.Hour,
		Dialect: Dialect{
			Version: d.Version, AuctionDefault: SecondPrice,
			PriceEncoding: pricecipher.Plain, PriceMacro: d.PriceMacro, CurrencyMacro: d.Currency, MinToWin: d.MinToWin,
			WinNotices: d.Fields.Has(openrtb.FieldNURL), LossNotices: d.Fields.Has(openrtb.FieldLURL),
			ResponseFields: (d.Fields &^ openrtb.FieldURLs).Names(), CategoryTaxonomy: max(d.CategoryTaxonomy, 1),
			Gzip: d.Gzip, NativeForm: NativeString, NativeWrapped: d.NativeWrapped,
		},
	}
	switch preset {
	case "google":
		e.PriceEncoding, e.AuctionDefault, e.RequiresApproval = pricecipher.Google, FirstPrice, true
		e.DefaultTMax, e.VideoTMax, e.AudioTMax = 80*time.Millisecond, 250*time.Millisecond, 250*time.Millisecond
	case "prebid":
		e.AuctionDefault, e.SeveralBidsPerImp = FirstPrice, true
		e.DefaultTMax, e.VideoTMax, e.AudioTMax = 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond
		e.NetworkMargin = 50 * time.Millisecond
	}
	return e, true
}

// BilledLike returns how video and audio are billed where banners are by an
// event: the VAST impression stands for the billing notice, which exchanges
// call for what the page renders.
func BilledLike(display BillingEvent) BillingEvent {
	if display == BillOnBilling {
		return BillOnImpression
	}
	return display
}

// WithDefaults returns e with the settings of the default preset for those
// that it has not, unless it names a preset: then it has all of them.
func (e Exchange) WithDefaults() Exchange {
	if e.Preset != "" {
		return e
	}
	defaults, _ := PresetExchange(DefaultPreset)
	if e.BillingEvent != "" {
		defaults.VideoBilling, defaults.AudioBilling = BilledLike(e.BillingEvent), BilledLike(e.BillingEvent)
	}
	if e.DefaultTMax != 0 {
		defaults.VideoTMax, defaults.AudioTMax = e.DefaultTMax, e.DefaultTMax
	}
	fill(reflect.ValueOf(&e).Elem(), reflect.ValueOf(defaults))
	e.ResponseFields = slices.Clone(e.ResponseFields)
	return e
}

// fill sets the fields of a struct that are zero.
func fill(to, from reflect.Value) {
	for i := range to.NumField() {
		switch f := to.Field(i); {
		case f.Kind() == reflect.Struct:
			fill(f, from.Field(i))
		case f.IsZero():
			f.Set(from.Field(i))
		}
	}
}
