package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// The smallest creatives of each format that are fit to bid.

func aVideo() campaign.Creative {
	c := aCreative(1, 1)
	c.Format, c.Size, c.Markup = campaign.FormatVideo, campaign.Size{}, ""
	c.Media = &campaign.Media{DurationMS: 14_960, Skippable: true, SkipAfterMS: 5000, Files: []campaign.MediaFile{
		{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 1280, H: 720, Bitrate: 1500},
		{URL: "https://cdn.example.com/a.webm", MIME: "video/webm", W: 640, H: 360, Bitrate: 600, Stream: true},
	}}
	return c
}

func anAudio() campaign.Creative {
	c := aVideo()
	c.Format = campaign.FormatAudio
	c.Media = &campaign.Media{DurationMS: 30_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.mp3", MIME: "audio/mpeg", Bitrate: 128}}}
	return c
}

func aNative() campaign.Creative {
	c := aCreative(1, 1)
	c.Format, c.Size, c.Markup = campaign.FormatNative, campaign.Size{}, ""
	c.Native = &campaign.Native{Titles: []string{"Boots that last a hundred years", "Boots"},
		Images: []campaign.NativeImage{{Type: 3, URL: "https://cdn.example.com/a.jpg", W: 1200, H: 627}},
		Data:   []campaign.NativeData{{Type: 1, Value: "Example"}}}
	return c
}

// The video of a native ad is there in every version of VAST that is asked for.
func TestNativeVideoIsInEachVersion(t *testing.T) {
	n := aNative()
	n.Native.Video = aVideo().Media
	c := compiled(t, n)
	for _, protocol := range []int{3, 7, 11, 13, 15} { // 2.0 cannot say that it can be skipped
		r := decoded(t, fmt.Sprintf(`{"id":"1","imp":[{"id":"1","native":{"request":{"ver":"1.2","eventtrackers":[{"event":1,"methods":[1]}],`+
			`"assets":[{"id":1,"required":1,"video":{"mimes":["video/mp4"],"protocols":[%d]}}]}}}]}`, protocol))
		if !c.native.Fits(r.Imps[0].Native) {
			t.Errorf("not with protocol %d", protocol)
		}
	}
}

func compiledOf(d *campaign.Creative) (Creative, error) {
	b := newBook()
	b.early[d.ID] = d
	return b.compileCreative(&creativeEntry{id: d.ID, live: new(liveness)}, 1)
}

func compiled(t tb, d campaign.Creative) *Creative {
	t.Helper()
	if err := d.Validate(); err != nil && d.Name != "" {
		t.Fatal(err)
	}
	c, err := compiledOf(&d)
	if err != nil {
		t.Fatal(err)
	}
	c.targeted = true
	return &c
}

func decoded(t tb, body string) *openrtb.Request {
	t.Helper()
	r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(body))
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return r
}

// checkImp holds a creative to a request with one imp, and the walk's looser
// question with it: what Check takes, serves must.
func checkImp(t tb, c *Creative, imp, rest string) openrtb.Reason {
	t.Helper()
	r := decoded(t, `{"id":"r","imp":[{"id":"1",`+imp+`}]`+rest+`}`)
	defer r.Release()
	q := Query{Exchange: 1}
	q.Sizes, q.Formats = formatsOf(&r.Imps[0])
	why := c.Check(&q, &r.Imps[0], r)
	if why == openrtb.None && !c.serves(&q) {
		t.Fatalf("%s: Check takes what the index would not find", imp)
	}
	return why
}

func TestFormats(t *testing.T) {
	banner, video, audio, native := compiled(t, aCreative(1, 1)), compiled(t, aVideo()), compiled(t, anAudio()), compiled(t, aNative())
	wrapped := aVideo()
	wrapped.Media = &campaign.Media{TagURL: "https://ads.example.net/vast", DurationMS: 15_000}
	wrapper := compiled(t, wrapped)
	expands := compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.Attributes = []int{4} }))
	vpaid := compiled(t, changed(aVideo(), func(c *campaign.Creative) {
		c.Media = &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/a.js", MIME: "application/javascript", W: 640, H: 360, API: "VPAID"}}}
	}))
	interactive := compiled(t, changed(aVideo(), func(c *campaign.Creative) {
		c.Media.Files = append([]campaign.MediaFile{{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"}}, c.Media.Files...)
	}))
	const n = `"native":{"request":"{\"assets\":[`
	for _, c := range []struct {
		name string
		of   *Creative
		imp  string
		want openrtb.Reason
	}{
		{"its size", banner, `"banner":{"w":300,"h":250}`, openrtb.None},
		{"another", banner, `"banner":{"w":728,"h":90}`, openrtb.WrongSize},
		{"a format", banner, `"banner":{"w":728,"h":90,"format":[{"w":300,"h":250}]}`, openrtb.None},
		{"a ratio", banner, `"banner":{"format":[{"wratio":6,"hratio":5,"wmin":300}]}`, openrtb.None},
		{"too narrow for a ratio", banner, `"banner":{"format":[{"wratio":6,"hratio":5,"wmin":301}]}`, openrtb.WrongSize},
		{"another ratio", banner, `"banner":{"format":[{"wratio":16,"hratio":9}]}`, openrtb.WrongSize},
		{"within limits", banner, `"banner":{"wmin":200,"hmin":200,"wmax":300,"hmax":300}`, openrtb.None},
		{"below limits", banner, `"banner":{"wmin":301,"hmin":200}`, openrtb.WrongSize},
		{"no size at all", banner, `"banner":{}`, openrtb.WrongSize},
		{"an interstitial without a size", banner, `"instl":1,"banner":{}`, openrtb.None},
		{"an interstitial of another size", banner, `"instl":1,"banner":{"w":320,"h":480}`, openrtb.WrongSize},
		{"images", banner, `"banner":{"w":300,"h":250,"mimes":["image/png"]}`, openrtb.None},
		{"video in a banner alone", banner, `"banner":{"w":300,"h":250,"mimes":["video/mp4"]}`, openrtb.WrongMedia},
		{"an attribute", compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.Attributes = []int{8} })), `"banner":{"w":300,"h":250,"battr":[1,8]}`, openrtb.BlockedAttribute},
		{"sides to expand to, and it does not", banner, `"banner":{"w":300,"h":250,"expdir":[1]}`, openrtb.None},
		{"one side to expand to", expands, `"banner":{"w":300,"h":250,"expdir":[1]}`, openrtb.BlockedAttribute},
		{"three sides to expand to", expands, `"banner":{"w":300,"h":250,"expdir":[1,2,4]}`, openrtb.BlockedAttribute},
		{"every side to expand to", expands, `"banner":{"w":300,"h":250,"expdir":[1,2,3,4]}`, openrtb.None},
		{"the screen to expand to", expands, `"banner":{"w":300,"h":250,"expdir":[5]}`, openrtb.None},
		{"no word of expanding", expands, `"banner":{"w":300,"h":250}`, openrtb.None},
		{"VPAID 1 for a script", vpaid, `"video":{"mimes":["application/javascript"],"api":[1]}`, openrtb.WrongMedia},
		{"VPAID 2 for a script", vpaid, `"video":{"mimes":["application/javascript"],"api":[1,2]}`, openrtb.None},
		{"SIMID", interactive, `"video":{"mimes":["video/mp4"],"protocols":[11],"api":[9]}`, openrtb.None},
		{"no SIMID, in a version that has it", interactive, `"video":{"mimes":["video/mp4"],"protocols":[11]}`, openrtb.WrongMedia},
		{"no SIMID, and an older version", interactive, `"video":{"mimes":["video/mp4"],"protocols":[7,11]}`, openrtb.None},
		{"no word of SIMID and versions", interactive, `"video":{"mimes":["video/mp4"]}`, openrtb.None},
		{"SIMID's type alone", interactive, `"video":{"mimes":["text/html"],"protocols":[11],"api":[8]}`, openrtb.WrongMedia},
		{"a framework", compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.APIs = []int{5, 6} })), `"banner":{"w":300,"h":250,"api":[3,6]}`, openrtb.None},
		{"no framework", compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.APIs = []int{5, 6} })), `"banner":{"w":300,"h":250,"api":[3]}`, openrtb.WrongMedia},
		{"a banner for video", banner, `"video":{"mimes":["video/mp4"]}`, openrtb.WrongSize},

		{"video", video, `"video":{"mimes":["video/mp4"],"minduration":15,"maxduration":15,"protocols":[2,3],"skip":1,"skipafter":5,"linearity":1}`, openrtb.None},
		{"several formats", video, `"banner":{"w":1,"h":1},"video":{"mimes":["VIDEO/MP4"]}`, openrtb.None},
		{"too short", video, `"video":{"mimes":["video/mp4"],"minduration":16}`, openrtb.WrongDuration},
		{"too long", video, `"video":{"mimes":["video/mp4"],"maxduration":14}`, openrtb.WrongDuration},
		{"extended", video, `"video":{"mimes":["video/mp4"],"maxduration":14,"maxextended":1}`, openrtb.None},
		{"exact durations", video, `"video":{"mimes":["video/mp4"],"rqddurs":[15,30]}`, openrtb.None},
		{"other durations", video, `"video":{"mimes":["video/mp4"],"rqddurs":[14,30]}`, openrtb.WrongDuration},
		{"beyond the pod", video, `"video":{"mimes":["video/mp4"],"poddur":10,"maxseq":2}`, openrtb.WrongDuration},
		{"VAST 4.1 alone", video, `"video":{"mimes":["video/mp4"],"protocols":[11]}`, openrtb.None},
		{"VAST 4.3 alone", video, `"video":{"mimes":["video/mp4"],"protocols":[15]}`, openrtb.None},
		{"wrappers of VAST 4.1 alone", wrapper, `"video":{"mimes":["video/mp4"],"protocols":[12]}`, openrtb.None},
		{"an old player", video, `"video":{"mimes":["video/mp4"],"protocols":[1,2]}`, openrtb.WrongMedia},
		{"wrappers alone", video, `"video":{"mimes":["video/mp4"],"protocols":[5,6]}`, openrtb.WrongMedia},
		{"a wrapper", wrapper, `"video":{"mimes":["video/mp4"],"protocols":[5,6],"skip":0}`, openrtb.None},
		{"no wrapper", wrapper, `"video":{"mimes":["video/mp4"],"protocols":[2,3]}`, openrtb.WrongMedia},
		{"no skipping", video, `"video":{"mimes":["video/mp4"],"skip":0}`, openrtb.WrongMedia},
		{"skipped later", video, `"video":{"mimes":["video/mp4"],"skipafter":6}`, openrtb.WrongMedia},
		{"skipping of long ads", video, `"video":{"mimes":["video/mp4"],"skipmin":15}`, openrtb.WrongMedia},
		{"an overlay", video, `"video":{"mimes":["video/mp4"],"linearity":2}`, openrtb.WrongMedia},
		{"another type", video, `"video":{"mimes":["video/3gpp"]}`, openrtb.WrongMedia},
		{"one file by type, another by rate", video, `"video":{"mimes":["video/webm"],"minbitrate":1000}`, openrtb.WrongMedia},
		{"one file of all", video, `"video":{"mimes":["video/webm"],"maxbitrate":1000,"delivery":[1]}`, openrtb.None},
		{"no black bars", video, `"video":{"mimes":["video/mp4"],"w":400,"h":300,"boxingallowed":0}`, openrtb.WrongMedia},
		{"no black bars needed", video, `"video":{"mimes":["video/mp4"],"w":1920,"h":1080,"boxingallowed":0}`, openrtb.None},
		{"audio for video", audio, `"video":{"mimes":["audio/mpeg"]}`, openrtb.WrongSize},
		{"audio", audio, `"audio":{"mimes":["audio/mpeg"],"maxduration":30,"protocols":[2]}`, openrtb.None},
		{"long audio", audio, `"audio":{"mimes":["audio/mpeg"],"maxduration":29}`, openrtb.WrongDuration},
		{"an attribute of audio", compiled(t, changed(anAudio(), func(c *campaign.Creative) { c.Attributes = []int{8} })), `"audio":{"mimes":["audio/mpeg"],"battr":[8]}`, openrtb.BlockedAttribute},

		{"native", native, n + `{\"id\":1,\"required\":1,\"title\":{\"len\":25}}]}"}`, openrtb.None},
		{"an asset that is not there", native, n + `{\"id\":1,\"required\":1,\"data\":{\"type\":3}}]}"}`, openrtb.WrongAssets},
		{"an unreadable native request", native, `"native":{"request":"{"}`, openrtb.WrongAssets},
	} {
		if got := checkImp(t, c.of, c.imp, ""); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Players that know SIMID find it beside the files, others find the files.
func TestInteractiveFilesGoBeside(t *testing.T) {
	d := changed(aVideo(), func(c *campaign.Creative) {
		c.Media.Files = append(c.Media.Files, campaign.MediaFile{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"})
	})
	for _, v := range versions {
		if v < vast.V30 {
			continue
		}
		ad := vastAd(&d, d.Media, v)
		document, err := ad.Document()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(document, "SIMID"); got != (v >= vast.V41) || strings.Contains(document, `type="text/html" apiFramework="SIMID"`) != got || strings.Count(document, "<MediaFile ") != 2 {
			t.Errorf("%d: %s", v, document)
		}
	}
}

// A bid with SIMID in it says that it needs that, of either version.
func TestBidsSayThatTheyAreInteractive(t *testing.T) {
	c := compiled(t, changed(aVideo(), func(c *campaign.Creative) {
		c.Media.Files = append(c.Media.Files, campaign.MediaFile{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"})
	}))
	for protocol, want := range map[int]bool{11: true, 7: false} { // VAST 4.1, 4.0
		wire := c.media.wire(&openrtb.Media{Protocols: []int{protocol}, APIs: []int{8}})
		text := string(openrtb.AppendResponse(nil, &openrtb.Response{Bids: []openrtb.Bid{{Creative: wire}}}))
		if got := strings.Contains(text, `"apis":[8,9]`); got != want {
			t.Errorf("protocol %d: %s", protocol, text)
		}
	}
}

func changed(c campaign.Creative, change func(*campaign.Creative)) campaign.Creative {
	change(&c)
	return c
}

func TestInterstitialsFitTheScreen(t *testing.T) {
	c := compiled(t, aCreative(1, 1))
	for device, want := range map[string]openrtb.Reason{
		`{"w":300,"h":250}`: openrtb.None, `{"w":299,"h":250}`: openrtb.WrongSize, `{"w":300,"h":249}`: openrtb.WrongSize,
	} {
		if got := checkImp(t, c, `"instl":1,"banner":{}`, `,"device":`+device); got != want {
			t.Errorf("%s: %v, want %v", device, got, want)
		}
	}
}

func TestBlocks(t *testing.T) {
	base := changed(aCreative(1, 1), func(c *campaign.Creative) {
		c.LandingURL, c.Domains = "https://shop.example.co.uk/", []string{"example.co.uk"}
		c.AppBundle, c.Language, c.Categories = "com.example.app", "de", []string{"IAB3-1"}
	})
	for _, c := range []struct {
		name, rest string
		want       openrtb.Reason
	}{
		{"nothing", ``, openrtb.None},
		{"the domain", `,"badv":["EXAMPLE.co.uk"]`, openrtb.BlockedAdvertiser},
		{"www of it", `,"badv":["www.example.co.uk"]`, openrtb.BlockedAdvertiser},
		{"where it lands", `,"badv":["shop.example.co.uk"]`, openrtb.BlockedAdvertiser},
		{"another host of it", `,"badv":["blog.example.co.uk"]`, openrtb.None},
		{"a public suffix, at its word", `,"badv":["co.uk"]`, openrtb.BlockedAdvertiser},
		{"a part of the name", `,"badv":["ample.co.uk"]`, openrtb.None},
		{"the app", `,"bapp":["com.Example.app"]`, openrtb.BlockedApp},
		{"the app, and a blank", `,"bapp":[" com.example.app "]`, openrtb.BlockedApp},
		{"a category, and a blank", `,"bcat":["IAB3 "]`, openrtb.BlockedCategory},
		{"a language of another with the same beginning", `,"wlang":["den"]`, openrtb.WrongLanguage},
		{"another app", `,"bapp":["com.example"]`, openrtb.None},
		{"a language", `,"wlang":["en","DE"]`, openrtb.None},
		{"a language of a country", `,"wlangb":["de-AT"]`, openrtb.None},
		{"other languages", `,"wlang":["en","fr"]`, openrtb.WrongLanguage},
		{"an unknown taxonomy", `,"cattax":500,"bcat":["1"]`, openrtb.BlockedCategory},
		{"an advertised product's", `,"cattax":3,"acat":["1002"]`, openrtb.BlockedCategory},
	} {
		if got := checkImp(t, compiled(t, base), `"banner":{"w":300,"h":250}`, c.rest); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestApproval(t *testing.T) {
	c := compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) {
		c.Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.Approved, CreativeID: "x7"}, {ExchangeID: 2, State: campaign.ApprovalPending}, {ExchangeID: 3, State: campaign.Rejected}}
	}))
	r := decoded(t, `{"id":"r","imp":[{"id":"1","banner":{"w":300,"h":250}}]}`)
	for exchange, want := range [][2]openrtb.Reason{1: {}, 2: {openrtb.None, openrtb.NotApproved}, 3: {openrtb.NotApproved, openrtb.NotApproved}, 4: {openrtb.None, openrtb.NotApproved}} {
		if exchange == 0 {
			continue
		}
		for needed, want := range want {
			q := Query{Exchange: event.ExchangeID(exchange), ApprovedOnly: needed == 1}
			if got := c.Check(&q, &r.Imps[0], r); got != want {
				t.Errorf("exchange %d, needed %d: %v, want %v", exchange, needed, got, want)
			}
		}
	}
	if got := c.ExchangeID(1) + c.ExchangeID(2); got != "x7" {
		t.Errorf("the exchange's id is %q", got)
	}
}

// What says that it can be skipped is blocked where that is (battr 16), though
// nobody listed the attribute.
func TestSkippableIsAnAttribute(t *testing.T) {
	c := compiled(t, changed(aVideo(), func(c *campaign.Creative) { c.Media.Skippable, c.Media.SkipAfterMS = true, 5000 }))
	const video = `"video":{"mimes":["video/mp4"],"protocols":[2,3,5,6,7,8],"minduration":1,"maxduration":60,"skip":1`
	if got := checkImp(t, c, video+`}`, ``); got != openrtb.None {
		t.Fatalf("to begin with: %v", got)
	}
	if got := checkImp(t, c, video+`,"battr":[16]}`, ``); got != openrtb.BlockedAttribute {
		t.Errorf("got %v", got)
	}
}

// Uncategorised compares with nothing: where some are blocked, or some alone
// are allowed, it is not shown.
func TestUncategorised(t *testing.T) {
	c := compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.Categories = []string{"IAB24"} }))
	for _, rest := range []string{`,"bcat":["IAB25"]`, `,"acat":["IAB24"]`} {
		if got := checkImp(t, c, `"banner":{"w":300,"h":250}`, rest); got != openrtb.BlockedCategory {
			t.Errorf("%s: %v", rest, got)
		}
	}
}

// Version 1 has what is sensitive in parts of many categories: no list of it
// allows a creative of another that says so.
func TestSensitiveIsNotAllowedByVersionOne(t *testing.T) {
	c := compiled(t, changed(aCreative(1, 1), func(c *campaign.Creative) { c.Taxonomy, c.Categories = campaign.Content22, []string{"v9i3On"} }))
	acat := `"IAB1"`
	for n := 2; n <= 26; n++ {
		acat += fmt.Sprintf(`,"IAB%d"`, n)
	}
	if got := checkImp(t, c, `"banner":{"w":300,"h":250}`, `,"acat":[`+acat+`]`); got != openrtb.BlockedCategory {
		t.Errorf("got %v", got)
	}
}
