package campaign

import (
	"slices"
	"strings"
	"testing"
)

func sampleVideo() Creative {
	c := sampleCreative()
	c.Format, c.Size, c.Markup = FormatVideo, Size{}, ""
	c.Media = &Media{DurationMS: 15_000, Skippable: true, SkipAfterMS: 5000,
		Files:      []MediaFile{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 1280, H: 720, Bitrate: 1500, Codec: "avc1.42E01E"}},
		Companions: []Companion{{Size: Size{300, 250}, ImageURL: "https://cdn.example.com/a.png", MIME: "image/png", AltText: "Boots"}}}
	return c
}

var sampleSIMID = MediaFile{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"}

func measure(m *Media) {
	m.Trackers = map[string][]string{"start": {"https://t.example.net/s?cb=${CACHEBUSTER}&g=${GDPR}"}, "skip": {"https://t.example.net/k"}, "error": {"https://t.example.net/e?c=[ERRORCODE]"}}
	m.Verifications = []Verification{{"company.example-omid", "https://v.example.net/omid.js", `{"c":"${GDPR_CONSENT_755}"}`, "https://v.example.net/n?r=[REASON]"}}
	m.UniversalAdID = &UniversalAdID{"ad-id.org", "ABCD1234567H"}
}

func sampleAudio() Creative {
	c := sampleVideo()
	c.Format = FormatAudio
	c.Media = &Media{DurationMS: 30_000, Files: []MediaFile{{URL: "https://cdn.example.com/a.mp3", MIME: "audio/mpeg"}}}
	return c
}

func sampleNative() Creative {
	c := sampleVideo()
	c.Format, c.Media = FormatNative, nil
	c.Native = &Native{Titles: []string{"Boots"}, Images: []NativeImage{{Type: 3, URL: "https://cdn.example.com/a.jpg", W: 1200, H: 627}},
		Data: []NativeData{{Type: 1, Value: "Example"}}, PrivacyURL: "https://example.com/privacy"}
	return c
}

func TestVideoValidation(t *testing.T) {
	checkWrong(t, sampleVideo, (*Creative).Validate, []wrong[Creative]{
		{"a wrapper", func(c *Creative) { c.Media = &Media{DurationMS: 1, TagURL: "https://ads.example.net/v?cb=%%CB%%"} }, nil},
		{"no media", func(c *Creative) { c.Media = nil }, fields("media")},
		{"a size", func(c *Creative) { c.Size = Size{300, 250} }, fields("size")},
		{"markup", func(c *Creative) { c.Markup = "x" }, fields("markup")},
		{"native, too", func(c *Creative) { c.Native = &Native{} }, fields("native")},
		{"no duration", func(c *Creative) { c.Media.DurationMS, c.Media.SkipAfterMS = 0, 0 }, fields("media.duration_ms")},
		{"skipped after its end", func(c *Creative) { c.Media.SkipAfterMS = 15_001 }, fields("media.skip_after_ms")},
		{"skipped, not skippable", func(c *Creative) { c.Media.Skippable = false }, fields("media.skip_after_ms")},
		{"no file", func(c *Creative) { c.Media.Files = nil }, fields("media.files")},
		{"many files", func(c *Creative) { c.Media.Files = slices.Repeat(c.Media.Files, MaxMediaFiles+1) }, fields("media.files")},
		{"files and a tag", func(c *Creative) { c.Media.TagURL = "https://ads.example.net/v" }, fields("media.files", "media.skippable")},
		{"a file by http", func(c *Creative) { c.Media.Files[0].URL = "http://cdn.example.com/a" }, fields("media.files[0].url")},
		{"a file that ends its element", func(c *Creative) { c.Media.Files[0].URL = "https://cdn.example.com/<a>" }, fields("media.files[0].url")},
		{"no type", func(c *Creative) { c.Media.Files[0].MIME = "mp4" }, fields("media.files[0].mime")},
		{"no height", func(c *Creative) { c.Media.Files[0].H = 0 }, fields("media.files[0].h")},
		{"SIMID beside a file", func(c *Creative) { c.Media.Files = append(c.Media.Files, sampleSIMID) }, nil},
		{"SIMID alone", func(c *Creative) { c.Media.Files = []MediaFile{sampleSIMID} }, fields("media.files")},
		{"measured", func(c *Creative) { measure(c.Media) }, nil},
		{"a measured wrapper", func(c *Creative) {
			c.Media = &Media{DurationMS: 1, TagURL: "https://ads.example.net/v"}
			measure(c.Media)
		}, fields("media.universal_ad_id")},
		{"an event that no player has", func(c *Creative) { c.Media.Trackers = map[string][]string{"closer": {"https://t.example.net/"}} }, fields("media.trackers")},
		{"an event without a URL", func(c *Creative) { c.Media.Trackers = map[string][]string{"start": {}} }, fields("media.trackers.start")},
		{"two calls for an error", func(c *Creative) {
			c.Media.Trackers = map[string][]string{"error": {"https://t.example.net/", "https://t.example.net/2"}}
		}, fields("media.trackers.error")},
		{"an event told by http", func(c *Creative) {
			c.Secure = false
			c.Media.Trackers = map[string][]string{"start": {"https://t.example.net/", "http://t.example.net/"}}
		}, fields("media.trackers.start[1]")},
		{"many calls", func(c *Creative) {
			c.Media.Trackers = map[string][]string{"start": slices.Repeat([]string{"https://t.example.net/"}, MaxMediaTrackers), "complete": {"https://t.example.net/"}}
		}, fields("media.trackers")},
		{"many verifications", func(c *Creative) {
			measure(c.Media)
			c.Media.Verifications = slices.Repeat(c.Media.Verifications, MaxVerifications+1)
		}, fields("media.verifications")},
		{"nobody verifies", func(c *Creative) { c.Media.Verifications = []Verification{{ScriptURL: "https://v.example.net/a.js"}} }, fields("media.verifications[0].vendor")},
		{"a script by http", func(c *Creative) {
			c.Media.Verifications = []Verification{{Vendor: "v", ScriptURL: "http://v.example.net/a.js", NotExecuted: "x"}}
		}, fields("media.verifications[0].script_url", "media.verifications[0].not_executed_url")},
		{"a parameter that is a URL of ours", func(c *Creative) {
			c.Media.Verifications = []Verification{{Vendor: "v", ScriptURL: "https://v.example.net/a.js", Parameters: "c=${CLICK_URL}"}}
		}, fields("media.verifications[0].parameters")},
		{"long parameters", func(c *Creative) {
			c.Media.Verifications = []Verification{{Vendor: "v", ScriptURL: "https://v.example.net/a.js", Parameters: strings.Repeat("a", MaxParameters+1)}}
		}, fields("media.verifications[0].parameters")},
		{"an id of no registry", func(c *Creative) { c.Media.UniversalAdID = &UniversalAdID{Value: "${CREATIVE_ID}"} },
			fields("media.universal_ad_id.registry", "media.universal_ad_id.value")},
		{"a companion's view told by http", func(c *Creative) { c.Media.Companions[0].ViewTrackers = []string{"http://t.example.net/"} },
			fields("media.companions[0].view_trackers[0]")},
		{"a negative bitrate", func(c *Creative) { c.Media.Files[0].Bitrate = -1 }, fields("media.files[0].bitrate_kbps")},
		{"a companion without a type", func(c *Creative) { c.Media.Companions[0].MIME = "" }, fields("media.companions[0].mime")},
		{"an empty companion", func(c *Creative) { c.Media.Companions[0].ImageURL = "" }, fields("media.companions[0].markup")},
		{"markup that loads by http", func(c *Creative) {
			c.Media.Companions[0] = Companion{Size: Size{300, 250}, Markup: `<A href="http://example.com"><IMG alt=x SRC='HTTP://cdn.example.com/a.png'></A>`}
		}, fields("media.companions[0].markup")},
		{"markup that leads to http", func(c *Creative) {
			c.Media.Companions[0] = Companion{Size: Size{300, 250}, Markup: `<a href="http://example.com"><img src="https://cdn.example.com/a.png"></a>`}
		}, nil},
		{"a tracker by http", func(c *Creative) { c.ImpressionTrackers = []string{"http://t.example.net/"} }, fields("impression_trackers[0]")},
		{"a click tracker that redirects", func(c *Creative) { c.ClickTrackers = []string{"https://t.example.net/?to=${LANDING_URL_ENC}"} }, fields("click_trackers[0]")},
	})
}

func TestAudioValidation(t *testing.T) {
	checkWrong(t, sampleAudio, (*Creative).Validate, []wrong[Creative]{
		{"no media", func(c *Creative) { c.Media = nil }, fields("media")},
		{"a file with a width", func(c *Creative) { c.Media.Files[0].W = 1 }, fields("media.files[0].w")},
		{"too long", func(c *Creative) { c.Media.DurationMS = int(MaxMediaDuration.Milliseconds()) + 1 }, fields("media.duration_ms")},
	})
}

func TestNativeValidation(t *testing.T) {
	checkWrong(t, sampleNative, (*Creative).Validate, []wrong[Creative]{
		{"a video", func(c *Creative) { c.Native.Video = sampleVideo().Media }, nil},
		{"as much as there may be", func(c *Creative) { c.Native.Titles = slices.Repeat(c.Native.Titles, MaxAssets) }, nil},
		{"no assets", func(c *Creative) { c.Native = nil }, fields("native")},
		{"nothing in it", func(c *Creative) { c.Native = &Native{} }, fields("native")},
		{"media", func(c *Creative) { c.Media = sampleVideo().Media }, fields("media")},
		{"many titles", func(c *Creative) { c.Native.Titles = slices.Repeat(c.Native.Titles, MaxAssets+1) }, fields("native.titles")},
		{"many images", func(c *Creative) { c.Native.Images = slices.Repeat(c.Native.Images, MaxAssets+1) }, fields("native.images")},
		{"many texts", func(c *Creative) { c.Native.Data = slices.Repeat(c.Native.Data, MaxAssets+1) }, fields("native.data")},
		{"an empty title", func(c *Creative) { c.Native.Titles[0] = "" }, fields("native.titles[0]")},
		{"a title of unknown length", func(c *Creative) { c.Native.Titles[0] = "Boots for ${SITE_DOMAIN}" }, fields("native.titles[0]")},
		{"a text of unknown length", func(c *Creative) { c.Native.Data[0].Value = "${AUCTION_PRICE}" }, fields("native.data[0].value")},
		{"an image of no type", func(c *Creative) { c.Native.Images[0].Type = 0 }, fields("native.images[0].type")},
		{"an image of no width", func(c *Creative) { c.Native.Images[0].W = 0 }, fields("native.images[0].w")},
		{"a long text", func(c *Creative) { c.Native.Data[0].Value = strings.Repeat("a", MaxAssetText+1) }, fields("native.data[0].value")},
		{"a video without files", func(c *Creative) { c.Native.Video = &Media{DurationMS: 1} }, fields("native.video.files")},
		{"privacy that is a script", func(c *Creative) { c.Native.PrivacyURL = "javascript:alert(1)" }, fields("native.privacy_url")},
	})
}
