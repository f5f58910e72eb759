package vast

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The content models of the IAB's schemas (vast_2.0.1.xsd, vast3_draft.xsd,
// vast4.xsd, vast_4.1.xsd, vast_4.2.xsd of InteractiveAdvertisingBureau/vast),
// for the elements that we write: each child in its order, with ? for none or
// one, * for any number, + for at least one. 4.3 is read by 4.2's.
var (
	model2 = map[string]string{
		"VAST":                "Ad*",
		"Ad":                  "InLine? Wrapper?",
		"InLine":              "AdSystem AdTitle Description? Survey? Error? Impression+ Creatives Extensions?",
		"Wrapper":             "AdSystem VASTAdTagURI Error? Impression+ Creatives Extensions?",
		"Creatives":           "Creative+",
		"Creative":            "Linear? CompanionAds? NonLinearAds?",
		"InLine/Linear":       "Duration TrackingEvents? AdParameters? VideoClicks? MediaFiles?",
		"Wrapper/Linear":      "TrackingEvents? VideoClicks?",
		"TrackingEvents":      "Tracking*",
		"InLine/VideoClicks":  "ClickThrough? ClickTracking* CustomClick*",
		"Wrapper/VideoClicks": "ClickTracking*",
		"MediaFiles":          "MediaFile+",
		"CompanionAds":        "Companion*",
		"Companion":           "StaticResource? IFrameResource? HTMLResource? TrackingEvents? CompanionClickThrough? AltText? AdParameters?",
		"@Ad":                 "id",
		"@InLine/Linear":      "",
		"@Tracking":           "event",
		"@MediaFile":          "delivery type width height id? bitrate? scalable? maintainAspectRatio? apiFramework?",
		"@Companion":          "width height id? expandedWidth? expandedHeight? apiFramework?",
		"@Creative":           "id? sequence? AdID?",
		"@StaticResource":     "creativeType",
		"@VAST":               "version",
	}
	model3 = with(model2, map[string]string{
		"InLine":         "AdSystem AdTitle Description? Advertiser? Pricing? Survey? Error? Impression+ Creatives Extensions?",
		"InLine/Linear":  "Icons? CreativeExtensions? Duration TrackingEvents? AdParameters? VideoClicks? MediaFiles?",
		"Companion":      "StaticResource? IFrameResource? HTMLResource? CreativeExtensions? TrackingEvents? CompanionClickThrough? CompanionClickTracking* AltText? AdParameters?",
		"@InLine/Linear": "skipoffset?",
		"@Tracking":      "event offset?",
		"@MediaFile":     "delivery type width height id? bitrate? minBitrate? maxBitrate? scalable? maintainAspectRatio? apiFramework? codec?",
	})
	model40 = with(model3, map[string]string{
		"InLine":             "AdSystem Error* Extensions? Impression+ Pricing? ViewableImpression? AdTitle AdVerifications? Advertiser? Category* Creatives Description? Survey?",
		"Wrapper":            "AdSystem Error* Extensions? Impression+ Pricing? ViewableImpression? AdVerifications? Creatives? VASTAdTagURI",
		"InLine/Creative":    "CompanionAds? CreativeExtensions? Linear? NonLinearAds? UniversalAdId",
		"Wrapper/Creative":   "CompanionAds? Linear? NonLinearAds?",
		"InLine/Linear":      "Icons? TrackingEvents? AdParameters? Duration MediaFiles VideoClicks?",
		"Wrapper/Linear":     "Icons? TrackingEvents? VideoClicks?",
		"InLine/VideoClicks": "ClickTracking* CustomClick* ClickThrough?",
		"Companion":          "HTMLResource* IFrameResource* StaticResource* AdParameters? AltText? CompanionClickThrough? CompanionClickTracking* CreativeExtensions? TrackingEvents?",
		"@VAST":              "version xmlns?",
		"@UniversalAdId":     "idRegistry idValue",
	})
	model41 = with(model40, map[string]string{
		"InLine":              "AdSystem Error* Extensions? Impression+ Pricing? ViewableImpression? AdServingId AdTitle AdVerifications? Advertiser? Category* Creatives Description? Expires? Survey?",
		"MediaFiles":          "ClosedCaptionFiles? MediaFile+ Mezzanine* InteractiveCreativeFile*",
		"AdVerifications":     "Verification*",
		"Verification":        "ExecutableResource* JavaScriptResource* TrackingEvents? VerificationParameters?",
		"@Verification":       "vendor?",
		"@JavaScriptResource": "apiFramework? browserOptional?",
		"@Ad":                 "id adType?",

		"@InteractiveCreativeFile": "type? apiFramework? variableDuration?",
		"@UniversalAdId":           "idRegistry",
	})
	// The order within a creative is free since xs:all has none.
	unordered = map[string]bool{"InLine/Creative": true}
)

func with(base, more map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{base, more} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

func modelOf(v Version) map[string]string {
	switch v {
	case V20:
		return model2
	case V30:
		return model3
	case V40:
		return model40
	}
	return model41
}

// checkSchema fails the test where the document breaks the content models.
func checkSchema(t testing.TB, v Version, document string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(document))
	d.Strict = true
	type open struct {
		name     string
		children []string
	}
	stack := []open{{}}
	kind := "InLine"
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, document)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "Wrapper" {
				kind = "Wrapper"
			}
			var attrs []string
			for _, a := range e.Attr {
				attrs = append(attrs, a.Name.Local)
			}
			checkModel(t, modelOf(v), "@", kind, e.Name.Local, attrs)
			stack[len(stack)-1].children = append(stack[len(stack)-1].children, e.Name.Local)
			stack = append(stack, open{name: e.Name.Local})
		case xml.EndElement:
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			checkModel(t, modelOf(v), "", kind, top.name, top.children)
		}
	}
	if len(stack) != 1 || !slices.Equal(stack[0].children, []string{"VAST"}) {
		t.Errorf("the root is %v", stack[0].children)
	}
}

func checkModel(t testing.TB, models map[string]string, prefix, kind, name string, got []string) {
	t.Helper()
	key := prefix + kind + "/" + name
	model, ok := models[key]
	if !ok {
		key = prefix + name
		model = models[key]
	}
	if prefix == "@" || unordered[key] {
		slices.Sort(got)
	}
	words := strings.Fields(model)
	if prefix == "@" || unordered[key] {
		slices.SortFunc(words, func(a, b string) int {
			return strings.Compare(strings.TrimRight(a, "?*+"), strings.TrimRight(b, "?*+"))
		})
	}
	pattern := "^"
	for _, w := range words {
		name := strings.TrimRight(w, "?*+")
		pattern += fmt.Sprintf("(?:%s,)%s", name, w[len(name):])
	}
	text := ""
	for _, g := range got {
		text += g + ","
	}
	if !regexp.MustCompile(pattern + "$").MatchString(text) {
		t.Errorf("%s has %v, want %q", key, got, model)
	}
}
