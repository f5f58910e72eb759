package campaign

import (
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
)

// Validate returns Problems, or nil.
func (e *Exchange) Validate() error {
	c := newCheck()
	c.want(e.ID >= 0, "id", "must not be negative")
	c.want(isExchangeName(e.Name), "name", "must be 1 to 63 lower-case letters, digits and dashes, a letter or digit first and last")
	c.status(e.Status)
	oneOf(c, "preset", e.Preset, Presets()...)
	c.text("seat", e.Seat, 0, MaxSeat)
	c.currency("currency", e.Currency)
	if c.count("other_currencies", len(e.OtherCurrencies), 0, MaxCurrencies) {
		for i, code := range e.OtherCurrencies {
			c := c.in("other_currencies").at(i)
			c.currency("", code)
			c.want(code != e.Currency && !slices.Contains(e.OtherCurrencies[:i], code), "", "must be there once")
		}
	}
	oneOf(c, "billing_event", e.BillingEvent, BillOnBilling, BillOnImpression, BillOnWin)
	oneOf(c, "video_billing_event", e.VideoBilling, BillOnBilling, BillOnImpression, BillOnWin)
	oneOf(c, "audio_billing_event", e.AudioBilling, BillOnBilling, BillOnImpression, BillOnWin)
	oneOf(c, "no_bid", e.NoBid, NoBid204, NoBidNBR, NoBidEmpty)
	c.times(e)
	c.dialect(&e.Dialect)
	c.want(e.WinNotices || e.BillingEvent != BillOnWin && e.VideoBilling != BillOnWin && e.AudioBilling != BillOnWin,
		"win_notices", "must be true where the win notice bills")
	return c.err()
}

func (c check) times(e *Exchange) {
	least := MaxTMax
	for _, of := range []struct {
		field string
		tmax  time.Duration
	}{{"default_tmax_ms", e.DefaultTMax}, {"video_tmax_ms", e.VideoTMax}, {"audio_tmax_ms", e.AudioTMax}} {
		c.duration(of.field, of.tmax, time.Millisecond, time.Millisecond, MaxTMax)
		least = min(least, of.tmax)
	}
	if c.duration("network_margin_ms", e.NetworkMargin, time.Millisecond, time.Millisecond, MaxTMax) {
		c.want(e.NetworkMargin < least, "network_margin_ms", "must be below default_tmax_ms, video_tmax_ms and audio_tmax_ms")
	}
	c.duration("win_deadline_seconds", e.WinDeadline, time.Second, time.Second, MaxWinDeadline)
	if c.duration("horizon_seconds", e.Horizon, time.Second, time.Second, MaxHorizon) {
		c.want(e.Horizon >= e.WinDeadline, "horizon_seconds", "must be at least win_deadline_seconds")
	}
}

func (c check) dialect(d *Dialect) {
	oneOf(c, "openrtb_version", d.Version, "2.3", "2.4", "2.5", "2.6")
	c.want(isLikeAuction(d.AuctionDefault), "auction_default", wantAuction)
	if c.count("auction_types", len(d.AuctionTypes), 0, MaxAuctionTypes) {
		seen := map[int]bool{}
		for i, t := range d.AuctionTypes {
			c := c.in("auction_types").at(i)
			c.want(t.At >= MinOwnAuction && t.At <= 9999 && !seen[t.At], "at", "must be %d to 9999, there once", MinOwnAuction)
			c.want(isLikeAuction(t.As), "as", wantAuction)
			seen[t.At] = true
		}
	}
	oneOf(c, "price_encoding", d.PriceEncoding, pricecipher.Kinds()...)
	c.want(isPriceMacro(d.PriceMacro), "price_macro", "must be a macro of at most %d characters, as ${AUCTION_PRICE} or %%%%WINNING_PRICE%%%%", MaxPriceMacro)
	if c.count("advertiser_seats", len(d.AdvertiserSeats), 0, MaxAdvertiserSeats) {
		seen := map[event.AdvertiserID]bool{}
		for i, s := range d.AdvertiserSeats {
			c := c.in("advertiser_seats").at(i)
			c.want(s.AdvertiserID > 0 && !seen[s.AdvertiserID], "advertiser_id", "must be an advertiser's id, there once")
			c.text("seat", s.Seat, 1, MaxSeat)
			seen[s.AdvertiserID] = true
		}
	}
	if c.count("response_fields", len(d.ResponseFields), 0, 32) {
		for i, name := range d.ResponseFields {
			f, ok := openrtb.FieldByName(name)
			c.in("response_fields").at(i).want(ok && f&openrtb.FieldURLs == 0 && !slices.Contains(d.ResponseFields[:i], name), "",
				"must be one of %s, there once", strings.Join(ResponseFields(), ", "))
		}
	}
	c.want(d.CategoryTaxonomy >= 1 && d.CategoryTaxonomy <= MaxTaxonomy, "category_taxonomy", "must be a number of IAB's list Category Taxonomies, 1 to %d", MaxTaxonomy)
	oneOf(c, "native_form", d.NativeForm, NativeString, NativeObject, NativeADM)
	c.want(d.Domain == "" || isDomain(d.Domain), "domain", wantDomain)
	c.want(d.MaxQPS >= 0 && d.MaxQPS <= MaxQPS, "max_qps", "must be 0 for all, or at most %d", MaxQPS)
}

// ResponseFields returns the names that an exchange's response_fields may
// have.
func ResponseFields() []string {
	var all openrtb.Fields
	for _, d := range openrtb.Dialects() {
		all |= d.Fields
	}
	return (all &^ openrtb.FieldURLs).Names()
}

const wantAuction = "must be 1 for first price, or 2 for second price"

func isLikeAuction(at int) bool { return at == FirstPrice || at == SecondPrice }

// isPriceMacro knows macros that can stand in a URL as they are.
func isPriceMacro(s string) bool {
	return len(s) >= 3 && len(s) <= MaxPriceMacro && strings.ContainsAny(s, "$%{[") && all(s, func(c byte) bool {
		return isUpper(c) || isLower(c) || isDigit(c) || strings.IndexByte("${}%[]:_-", c) >= 0
	})
}

// oneOf wants a value of a closed list.
func oneOf[T ~string](c check, field string, value T, list ...T) {
	if slices.Contains(list, value) {
		return
	}
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = string(v)
	}
	last := len(names) - 1
	c.want(false, field, "must be %s or %s", strings.Join(names[:last], ", "), names[last])
}
