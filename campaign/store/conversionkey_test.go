package store

import (
	"context"
	"regexp"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
)

// The newest two keys of an advertiser work, its own alone, and a change of
// the advertiser leaves them as they are.
func testConversionKeys(t *testing.T, w *world) {
	ctx := context.Background()
	other := must(w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Hats", TimeZone: "UTC", Currency: "USD",
		Conversions: campaign.Conversions{KeyHashes: [2]string{campaign.HashConversionKey("smuggled")}}}))(t)
	before := must(w.Changes(ctx, 0))(t).Revision
	var keys []string
	for range 3 {
		keys = append(keys, must(w.NewConversionKey(ctx, w.advertiser.ID))(t))
	}
	if !regexp.MustCompile(`^tc_[0-9a-f]{64}$`).MatchString(keys[0]) || keys[0] == keys[1] {
		t.Error("a key is not tc_ and 256 bits in hexadecimal")
	}
	changed := w.advertiser
	changed.Conversions = campaign.Conversions{ClickParameter: "tclid", WindowDays: 7}
	must(w.UpdateAdvertiser(ctx, changed.ID, To(changed)))(t)

	got := must(w.Changes(ctx, before))(t).Advertisers
	if len(got) != 1 || got[0].Conversions.ClickParameter != "tclid" || got[0].Conversions.WindowDays != 7 {
		t.Fatalf("changed are %+v", got)
	}
	for i, want := range []bool{false, true, true} {
		if got[0].Conversions.Authentic(keys[i]) != want {
			t.Errorf("key %d works: %t, want %t", i, !want, want)
		}
	}
	o := must(w.GetAdvertiser(ctx, other.ID))(t)
	for _, key := range append(keys, "smuggled", "") {
		if o.Conversions.Authentic(key) {
			t.Error("another advertiser's key works")
		}
	}
	_, err := w.NewConversionKey(ctx, 999)
	wantError(t, err, ErrNotFound)
}
