package vast

import (
	"encoding/json"
	"encoding/xml"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// parsed is what a player would read.
type parsed struct {
	Version string `xml:"version,attr"`
	Ad      struct {
		ID      string   `xml:"id,attr"`
		Type    string   `xml:"adType,attr"`
		InLine  *content `xml:"InLine"`
		Wrapper *content `xml:"Wrapper"`
	}
}

type content struct {
	AdSystem, AdServingId, AdTitle, Description, Advertiser, Error, VASTAdTagURI string

	Impression   []string
	Verification []struct {
		Vendor     string `xml:"vendor,attr"`
		Script     string `xml:"JavaScriptResource"`
		Parameters string `xml:"VerificationParameters"`
		Failed     string `xml:"TrackingEvents>Tracking"`
	} `xml:"AdVerifications>Verification"`
	Creative []struct {
		ID     string `xml:"id,attr"`
		Linear *struct {
			SkipOffset    *string `xml:"skipoffset,attr"`
			Duration      string
			Tracking      []parsedTracking `xml:"TrackingEvents>Tracking"`
			ClickThrough  string           `xml:"VideoClicks>ClickThrough"`
			ClickTracking []string         `xml:"VideoClicks>ClickTracking"`
			MediaFile     []parsedMedia    `xml:"MediaFiles>MediaFile"`
			Interactive   []parsedMedia    `xml:"MediaFiles>InteractiveCreativeFile"`
		}
		Companion []struct {
			Width                                 int `xml:"width,attr"`
			Height                                int `xml:"height,attr"`
			HTMLResource, IFrameResource, AltText string
			StaticResource                        struct {
				Type string `xml:"creativeType,attr"`
				URL  string `xml:",chardata"`
			}
			CompanionClickThrough string
			Tracking              []string `xml:"TrackingEvents>Tracking"`
		} `xml:"CompanionAds>Companion"`
		UniversalID struct {
			Registry string `xml:"idRegistry,attr"`
			Value    string `xml:",chardata"`
		} `xml:"UniversalAdId"`
	} `xml:"Creatives>Creative"`
}

type parsedTracking struct {
	Event  string `xml:"event,attr"`
	Offset string `xml:"offset,attr"`
	URL    string `xml:",chardata"`
}

type parsedMedia struct {
	Delivery string `xml:"delivery,attr"`
	Type     string `xml:"type,attr"`
	Width    int    `xml:"width,attr"`
	Height   int    `xml:"height,attr"`
	Bitrate  int    `xml:"bitrate,attr"`
	Codec    string `xml:"codec,attr"`
	API      string `xml:"apiFramework,attr"`
	URL      string `xml:",chardata"`
}

// readBack parses the document into the description that would write it.
func readBack(t testing.TB, document string) (a Ad) {
	t.Helper()
	var p parsed
	if err := xml.Unmarshal([]byte(document), &p); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	if len(p.Version) != 3 {
		t.Fatalf("version %q", p.Version)
	}
	a.Version = Version(p.Version[0]-'0')*10 + Version(p.Version[2]-'0')
	a.ID, a.Audio = p.Ad.ID, p.Ad.Type == "audio"
	c := p.Ad.InLine
	if c == nil {
		c = p.Ad.Wrapper
	}
	a.Title, a.Description, a.Advertiser, a.Error, a.TagURL = c.AdTitle, c.Description, c.Advertiser, c.Error, c.VASTAdTagURI
	if len(c.Impression) == 0 || c.Impression[0] != PixelURL {
		t.Fatalf("impressions %q", c.Impression)
	}
	a.Impressions = c.Impression[1:]
	for _, v := range c.Verification {
		a.Verifications = append(a.Verifications, Verification{v.Vendor, v.Script, v.Parameters, v.Failed})
	}
	linear := c.Creative[0].Linear
	a.Duration = parseClock(t, linear.Duration)
	if linear.SkipOffset != nil {
		a.Skippable, a.SkipAfter = true, parseClock(t, *linear.SkipOffset)
	}
	for _, k := range linear.Tracking {
		a.Tracking = append(a.Tracking, Tracking{k.Event, parseClock(t, k.Offset), k.URL})
	}
	a.ClickTracking = linear.ClickTracking
	if a.TagURL != "" {
		if len(a.ClickTracking) == 0 || a.ClickTracking[0] != ClickURL {
			t.Fatalf("click tracking %q", a.ClickTracking)
		}
		a.ClickTracking = a.ClickTracking[1:]
	}
	a.LandingURL = unRedirect(linear.ClickThrough)
	for _, m := range linear.MediaFile {
		a.Media = append(a.Media, Media{m.URL, m.Type, m.Width, m.Height, m.Bitrate, m.Delivery == "streaming", m.Codec, m.API})
	}
	for _, m := range linear.Interactive {
		a.Interactive = append(a.Interactive, Interactive{m.URL, m.Type, m.API})
	}
	if u := c.Creative[0].UniversalID; u.Registry != "unknown" {
		a.UniversalID = UniversalID{u.Registry, u.Value}
	}
	if len(c.Creative) > 1 {
		for _, k := range c.Creative[1].Companion {
			a.Companions = append(a.Companions, Companion{k.Width, k.Height, k.StaticResource.URL, k.StaticResource.Type, k.IFrameResource, k.HTMLResource, unRedirect(k.CompanionClickThrough), k.AltText, k.Tracking})
		}
	}
	return a
}

func unRedirect(url string) string {
	if url == ClickURL {
		return ""
	}
	return url
}

func parseClock(t testing.TB, s string) time.Duration {
	t.Helper()
	if s == "" {
		return 0
	}
	at, err := time.Parse("15:04:05", s) // which takes a fraction too
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
}

// full is an ad with all that its version has.
func full(v Version) Ad {
	a := Ad{
		Version: v, ID: "7", Title: `Shoes & "more" <b>`, Description: "all of ]]> them\n", Duration: 15*time.Second + 40*time.Millisecond,
		Media: []Media{
			{URL: "https://cdn.example.com/a.mp4?a=1&b=]]", MIME: "video/mp4", Width: 1280, Height: 720, Bitrate: 2500},
			{URL: "https://cdn.example.com/a.m3u8", MIME: "application/x-mpegURL", Width: 640, Height: 360, Streaming: true},
		},
		ClickTracking: []string{"https://t.example/c?x=" + CacheBuster},
		Impressions:   []string{"https://t.example/i?u=" + ClickURL + "&p=${AUCTION_PRICE}", "http://[::1]:80/?a='\"\\"},
		Error:         "https://t.example/e?c=[ERRORCODE]",
		Tracking:      []Tracking{{"start", 0, "https://t.example/s"}, {"complete", 0, "https://t.example/e"}},
		Companions: []Companion{
			{Width: 300, Height: 250, StaticURL: "https://cdn.example.com/a.png", StaticType: "image/png", AltText: `"&<`, ViewTracking: []string{"https://t.example/v"}},
			{Width: 728, Height: 90, HTML: `<a href="` + ClickURL + `">]]></a>`},
			{Width: 1, Height: 1, IFrameURL: "https://cdn.example.com/f.html", LandingURL: "https://shop.example/"},
		},
	}
	if v >= V30 {
		a.Advertiser, a.Skippable, a.SkipAfter = "Tom & Co", true, 5*time.Second
		a.Tracking = append(a.Tracking, Tracking{"progress", 3 * time.Second, "https://t.example/p"}, Tracking{"skip", 0, "https://t.example/k"})
		a.Media[0].Codec = "avc1.4d401f"
	}
	if v >= V40 {
		a.UniversalID = UniversalID{"ad-id.org", "ABCD1234567H"}
	}
	if v >= V41 {
		a.Verifications = []Verification{{"company.example-omid", "https://v.example/omid.js", `{"a":"<]]>"}`, "https://v.example/n?r=[REASON]"}}
		a.Interactive = []Interactive{{"https://cdn.example.com/a.html?a=1&b=]]", "text/html", "SIMID"}}
	}
	return a
}

func wrapped(v Version) Ad {
	a := full(v)
	a.TagURL = "https://ads.example/vast?cb=" + CacheBuster
	a.Title, a.Description, a.Advertiser = "t", "", "" // a title is asked for, and not written
	a.Interactive = nil
	a.Duration, a.Media, a.Skippable, a.SkipAfter, a.UniversalID = 0, nil, false, 0, UniversalID{}
	return a
}

func TestDocumentsFollowTheSchemaAndReadBack(t *testing.T) {
	for _, v := range []Version{V20, V30, V40, V41, V42, V43} {
		audio := full(v)
		audio.Audio = v >= V41
		audio.Media = []Media{{URL: "https://cdn.example.com/a.mp3", MIME: "audio/mpeg", Bitrate: 128}}
		if !audio.Audio {
			audio.Media[0].Width, audio.Media[0].Height = 1, 1
		}
		for name, a := range map[string]Ad{"inline": full(v), "wrapper": wrapped(v), "audio": audio} {
			document, err := a.Document()
			if err != nil {
				t.Fatalf("%s %d: %v", name, v, err)
			}
			checkSchema(t, v, document)
			want := a
			if a.TagURL != "" {
				want.Title = ""
			}
			if got := readBack(t, document); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %d\n got %+v\nwant %+v", name, v, got, want)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	a := Ad{Version: V42, ID: "7", Title: "Shoes & more", Audio: true, Duration: 30 * time.Second,
		Media: []Media{{URL: "https://cdn.example.com/a.mp3?a=1&b=2", MIME: "audio/mpeg", Bitrate: 128}}}
	got, err := a.Document()
	if err != nil {
		t.Fatal(err)
	}
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<VAST version="4.2" xmlns="http://www.iab.com/VAST"><Ad id="7" adType="audio"><InLine>` +
		`<AdSystem>Tangent</AdSystem><Impression><![CDATA[${PIXEL_URL}]]></Impression>` +
		`<AdServingId>7-${CACHEBUSTER}</AdServingId><AdTitle>Shoes &amp; more</AdTitle>` +
		`<Creatives><Creative id="7"><Linear><Duration>00:00:30</Duration><MediaFiles>` +
		`<MediaFile delivery="progressive" type="audio/mpeg" width="0" height="0" bitrate="128"><![CDATA[https://cdn.example.com/a.mp3?a=1&b=2]]></MediaFile>` +
		`</MediaFiles><VideoClicks><ClickThrough><![CDATA[${CLICK_URL}]]></ClickThrough></VideoClicks></Linear>` +
		`<UniversalAdId idRegistry="unknown">unknown</UniversalAdId></Creative></Creatives></InLine></Ad></VAST>`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		want   string
		change func(a *Ad)
	}{
		{"no version 41", func(a *Ad) { a.Version = 410 }},
		{"id", func(a *Ad) { a.ID = "" }},
		{"title", func(a *Ad) { a.Title = " " }},
		{"title: macros", func(a *Ad) { a.Title = "a" + ClickURL }},
		{"description", func(a *Ad) { a.Description = "\x01" }},
		{"not UTF-8", func(a *Ad) { a.Description = "\xff" }},
		{"duration", func(a *Ad) { a.Duration = 0 }},
		{"duration", func(a *Ad) { a.Duration = time.Second + 1 }},
		{"duration", func(a *Ad) { a.Duration = 24 * time.Hour }},
		{"skip_after", func(a *Ad) { a.SkipAfter = -time.Second }},
		{"skippable: VAST has it from 3.0", func(a *Ad) { *a = full(V20); a.Skippable = true }},
		{"media: must not", func(a *Ad) { a.Media = nil }},
		{"media[0]: must have a size", func(a *Ad) { a.Media[0].Width = 0 }},
		{"media[0].mime", func(a *Ad) { a.Media[0].MIME = "mp4" }},
		{"media[0].url: must be absolute", func(a *Ad) { a.Media[0].URL = "/a.mp4" }},
		{"media[0].url: must be absolute", func(a *Ad) { a.Media[0].URL = "javascript://x" }},
		{"media[0].url: must have a host", func(a *Ad) { a.Media[0].URL = "https:///a" }},
		{"percent-encoded", func(a *Ad) { a.Impressions[0] = "https://t.example/]]>" }},
		{"percent-encoded", func(a *Ad) { a.Impressions[0] = "https://t.example/a b" }},
		{"landing_url", func(a *Ad) { a.LandingURL = "x" }},
		{"would end its CDATA", func(a *Ad) { a.Companions[1].HTML = "]]${GPP_SID}>" }},
		{"no event", func(a *Ad) { a.Tracking[0].Event = "fullscreen" }},
		{"is for progress", func(a *Ad) { a.Tracking[0].Offset = 1e9 }},
		{"universal_id.value", func(a *Ad) { a.UniversalID.Value = "" }},
		{"universal_id: VAST has it from 4.0", func(a *Ad) { a.Version = V30; a.Verifications, a.Interactive, a.Tracking = nil, nil, nil }},
		{"verifications[0]: VAST has it from 4.1", func(a *Ad) { a.Version = V40; a.Interactive = nil }},
		{"interactive[0]: VAST has it from 4.1", func(a *Ad) { a.Version = V40; a.Verifications = nil }},
		{"interactive[0].api", func(a *Ad) { a.Interactive[0].API = "" }},
		{"companions[1].html: would end", func(a *Ad) { a.Companions[1].HTML = "]]" + ClickURL + ">" }},
		{"companions[0]: must have one resource", func(a *Ad) { a.Companions[0].HTML = "<b>" }},
		{"tag_url: duration", func(a *Ad) { a.TagURL = "https://ads.example/" }},
	} {
		a := full(V42)
		tt.change(&a)
		if _, err := a.Document(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// Law: whatever is described, either we say why it cannot be written, or the
// document follows its schema and reads back as described, also out of JSON.
func law(t *rapid.T) {
	// Most texts are what XML and a URL can hold, however odd: else hardly any
	// description could be written, and the law would say nothing.
	word := rapid.OneOf(rapid.StringMatching("[ -~\\t\\n\\r\\x{a0}-\\x{d7ff}\\x{10000}-\\x{1ffff}]{1,8}[^\\s\\x00-\\x1f]"),
		rapid.SampledFrom([]string{"a", "]]>", "]]", "&amp;", `"<>&'`, "a\r\nb", "\u2028"}))
	path := rapid.OneOf(rapid.StringMatching("[!-;=?-~]{0,12}"), rapid.SampledFrom([]string{"]]", "&amp;", ClickURL, "]]" + PixelURL, `"'\\`}))
	if rapid.IntRange(0, 9).Draw(t, "hostile") == 0 {
		word = rapid.OneOf(word, rapid.String(), rapid.SampledFrom([]string{"", ClickURL, "]]" + PixelURL + ">", "\ufffe"}))
		path = rapid.OneOf(path, word)
	}
	link := rapid.Custom(func(t *rapid.T) string {
		return "https://e.example/" + path.Draw(t, "path")
	})
	optional := rapid.OneOf(rapid.Just(""), link)
	v := rapid.SampledFrom([]Version{V20, V30, V40, V41, V42, V43}).Draw(t, "version")
	a := full(v)
	if rapid.Bool().Draw(t, "wrapper") {
		a = wrapped(v)
		a.TagURL = link.Draw(t, "tag")
	} else {
		a.Title, a.Description = word.Draw(t, "title"), word.Draw(t, "description")
		a.LandingURL = optional.Draw(t, "landing")
		a.Duration = time.Duration(rapid.Int64Range(1, 86_399_999).Draw(t, "duration")) * time.Millisecond
		a.Media[0].URL, a.Media[0].API = link.Draw(t, "media"), word.Draw(t, "api")
		a.Media[1].MIME = "video/" + word.Draw(t, "mime")
	}
	a.ID = word.Draw(t, "id")
	a.Impressions = rapid.SliceOf(link).Draw(t, "impressions")
	a.Error = optional.Draw(t, "error")
	a.Companions[0].AltText, a.Companions[1].HTML = word.Draw(t, "alt"), word.Draw(t, "html")
	if v >= V41 {
		a.Verifications[0].Parameters = word.Draw(t, "parameters")
	}
	document, err := a.Document()
	if err != nil {
		return
	}
	quoted, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var again string
	if err := json.Unmarshal(quoted, &again); err != nil || again != document {
		t.Fatalf("JSON changes %q", document)
	}
	tb := failer{TB: nil, t: t}
	checkSchema(tb, v, document)
	want, got := a, readBack(tb, document)
	if a.TagURL != "" {
		want.Title = ""
	}
	want.Companions[1].HTML = newlines.Replace(want.Companions[1].HTML)
	if len(want.Impressions) == 0 {
		want.Impressions = got.Impressions
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("\n got %+v\nwant %+v", got, want)
	}
}

// failer lets helpers of tests fail a rapid one.
type failer struct {
	testing.TB
	t *rapid.T
}

func (f failer) Helper()                        { f.t.Helper() }
func (f failer) Errorf(format string, a ...any) { f.t.Errorf(format, a...) }
func (f failer) Fatalf(format string, a ...any) { f.t.Fatalf(format, a...) }
func (f failer) Fatal(a ...any)                 { f.t.Fatal(a...) }

func TestAnyDescriptionReadsBack(t *testing.T) { rapid.Check(t, law) }

// FuzzDocument draws from the input, so that it must be long enough to draw from.
func FuzzDocument(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		seed := make([]byte, 4<<10)
		for i := range seed {
			seed[i] = byte(rng.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(law))
}
