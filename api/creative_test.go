package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
)

// What is sent of a creative of any format is what the answer, the API later
// and the store have.
func TestCreativesOfEveryFormatReadBack(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	video := &campaign.Media{DurationMS: 15_000, Skippable: true, SkipAfterMS: 5000,
		Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 1280, H: 720, Bitrate: 1500, Stream: true, Codec: "avc1.42E01E"},
			{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"}},
		Companions: []campaign.Companion{{Size: campaign.Size{W: 300, H: 250}, ImageURL: "https://cdn.example.com/a.png", MIME: "image/png", AltText: "Boots", ViewTrackers: []string{"https://count.example.net/view"}},
			{Size: campaign.Size{W: 320, H: 50}, Markup: "<b>boots</b>"}},
		Trackers:      map[string][]string{"start": {"https://count.example.net/start"}, "error": {"https://count.example.net/error?c=[ERRORCODE]"}},
		Verifications: []campaign.Verification{{Vendor: "company.example-omid", ScriptURL: "https://verify.example.net/omid.js", Parameters: "{}", NotExecuted: "https://verify.example.net/failed"}},
		UniversalAdID: &campaign.UniversalAdID{Registry: "ad-id.org", Value: "CNPA0484000H"}}
	base := v1.CreativeSpec{
		LineItemID: f.lineItem.ID, Name: "Boots", LandingURL: "https://example.com/boots", Domains: []string{"example.com"},
		ImpressionTrackers: []string{"https://count.example.net/?cb=${CACHEBUSTER}"}, ClickTrackers: []string{"https://count.example.net/click"},
		AppBundle: "com.example.app", Taxonomy: 6, Categories: []string{"52"}, Attributes: []int{8}, APIs: []int{5}, Language: "de", Secure: true, Weight: 3,
		Approvals: []campaign.Approval{{ExchangeID: f.exchange.ID, State: campaign.Approved, CreativeID: "c-1"}},
	}
	for format, media := range map[campaign.Format]*campaign.Media{
		campaign.FormatVideo:  video,
		campaign.FormatAudio:  {DurationMS: 30_000, TagURL: "https://ads.example.net/vast"},
		campaign.FormatNative: nil,
	} {
		spec := base
		spec.Format, spec.Media = format, media
		if format == campaign.FormatNative {
			spec.Native = &campaign.Native{Titles: []string{"Boots that last", "Boots"}, PrivacyURL: "https://example.com/privacy", Video: video,
				Images: []campaign.NativeImage{{Type: 3, URL: "https://cdn.example.com/a.jpg", MIME: "image/jpeg", W: 1200, H: 627}},
				Data:   []campaign.NativeData{{Type: 1, Value: "Example"}}}
		}
		body, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		var made, got v1.Creative
		h.must("POST", "/v1/creatives", string(body), &made)
		h.must("GET", fmt.Sprintf("/v1/creatives/%d", made.ID), "", &got)
		if !reflect.DeepEqual(made, got) {
			t.Errorf("%s: made\n%+v\ngot\n%+v", format, made, got)
		}
		want := spec.Campaign()
		want.ID = made.ID
		stored, err := h.store.GetCreative(context.Background(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(stored, want) || !reflect.DeepEqual(got, v1.CreativeOf(want)) {
			t.Errorf("%s: sent\n%+v\nstored\n%+v\ngot\n%+v", format, want, stored, got)
		}
	}
}
