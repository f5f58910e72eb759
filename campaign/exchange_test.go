package campaign

import (
	"testing"

	"github.com/tangent-dsp/tangent/openrtb"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Presets() {
		e, ok := PresetExchange(name)
		e.Name, e.Status, e.Currency = "x", Active, "USD"
		if err := e.Validate(); !ok || err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// What an exchange says by its settings is what the preset says.
		want, _ := openrtb.DialectByName(name)
		want.CategoryTaxonomy, want.NoBid = 1, openrtb.NoBidNoContent
		got := e.Wire()
		if !e.WinNotices { // only nurl and burl depend on what bills
			got.Fields &^= openrtb.FieldNURL
		}
		if got != want {
			t.Errorf("%s: on the wire %+v, want %+v", name, got, want)
		}
	}
	if _, ok := PresetExchange("klingon"); ok {
		t.Error("there is no such preset")
	}
}

func TestAuctionsAreLikeOneOfTwo(t *testing.T) {
	e := Exchange{Dialect: Dialect{AuctionDefault: SecondPrice, AuctionTypes: []AuctionType{{At: 501, As: 2}, {At: 502, As: 1}}}}
	for _, c := range []struct {
		at    int
		given bool
		want  int
	}{{2, false, 2}, {1, true, 1}, {2, true, 2}, {3, true, 1}, {0, true, 1}, {-1, true, 1}, {500, true, 1}, {501, true, 2}, {502, true, 1}} {
		if got := e.AuctionLike(c.at, c.given); got != c.want {
			t.Errorf("at %d, given %t: like %d, want %d", c.at, c.given, got, c.want)
		}
	}
}

func TestSettingsFromBefore(t *testing.T) {
	e := Exchange{BillingEvent: BillOnWin, DefaultTMax: 7, Dialect: Dialect{DryRun: true}}.WithDefaults()
	if e.VideoBilling != BillOnWin || e.AudioTMax != 7 || !e.DryRun || e.Preset != DefaultPreset || !e.LossNotices {
		t.Errorf("got %+v", e)
	}
	e.LossNotices, e.ResponseFields = false, nil
	if again := e.WithDefaults(); again.LossNotices || again.ResponseFields != nil {
		t.Errorf("with a preset, settings were filled in: %+v", again)
	}
}
