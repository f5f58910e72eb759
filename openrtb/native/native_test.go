package native

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prebid/openrtb/v20/native1/response"
	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

func fullConfig() Config {
	return Config{
		ID:     "7",
		Titles: []string{"Shoes that last a hundred years", "Shoes"},
		Images: []Image{
			{Type: 3, URL: "https://cdn.example.com/main.png", MIME: "image/png", W: 1200, H: 627},
			{Type: 3, URL: "https://cdn.example.com/main.jpg", MIME: "image/jpeg", W: 300, H: 250},
			{Type: 1, URL: "https://cdn.example.com/icon.png?a=1&b=2", MIME: "image/png", W: 80, H: 80},
		},
		Videos: []Video{{
			Ad: vast.Ad{Version: vast.V40, ID: "7", Title: `A "film" & more`, Duration: 15 * time.Second,
				Media: []vast.Media{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", Width: 640, Height: 360}}},
			Fits: func(v *openrtb.Video) bool { return v.FitsDuration(15) },
		}},
		Data:          []Data{{1, "Example & Co"}, {2, "Shoes \"made\" by <hand>, \u2028 and sold by foot"}, {2, "By hand"}},
		ClickTrackers: []string{"https://t.example/c"},
		Trackers:      []Tracker{{1, 1, "https://t.example/i?cb=" + vast.CacheBuster}, {1, 2, "https://t.example/i.js"}, {2, 1, "https://t.example/v"}},
		PrivacyURL:    "https://privacy.example/",
	}
}

func fullRequest() *openrtb.Native {
	return &openrtb.Native{
		Version: []byte("1.2"),
		Assets: []openrtb.Asset{
			{ID: 11, Required: true, Kind: openrtb.AssetTitle, Length: 25},
			{ID: 12, Required: true, Kind: openrtb.AssetImage, Type: 3, MinSize: openrtb.Size{W: 300, H: 200}},
			{ID: 13, Kind: openrtb.AssetImage, Type: 1, Size: openrtb.Size{W: 50, H: 50}},
			{ID: 14, Kind: openrtb.AssetVideo, Video: openrtb.Video{Media: openrtb.Media{MinDuration: 5, MaxDuration: 30}}},
			{ID: 0, Kind: openrtb.AssetData, Type: 2, Length: 20},
		},
		EventTrackers: []openrtb.EventTracker{{Event: 1, Methods: []int{1, 2}}},
		Privacy:       true,
	}
}

func testBid() *openrtb.Bid {
	return &openrtb.Bid{ID: event.NewBidID(1, 2), Click: []byte("https://d.example/n/click/t"), Pixel: []byte("https://d.example/n/view/t?a=1&b=\"<2>")}
}

func compiled(t testing.TB, cfg Config) *Creative {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read parses adm in the form that it was asked for in.
func read(t testing.TB, adm []byte, f Form, wrapped bool) *response.Response {
	t.Helper()
	if !f.Object {
		var text string
		if err := json.Unmarshal(adm, &text); err != nil {
			t.Fatalf("%v in %s", err, adm)
		}
		adm = []byte(text)
	}
	if wrapped {
		var w struct{ Native json.RawMessage }
		if err := json.Unmarshal(adm, &w); err != nil {
			t.Fatalf("%v in %s", err, adm)
		}
		adm = w.Native
	}
	r := &response.Response{}
	if err := json.Unmarshal(adm, r); err != nil {
		t.Fatalf("%v in %s", err, adm)
	}
	return r
}

func TestResponseIsPutTogetherForTheRequest(t *testing.T) {
	c := compiled(t, fullConfig())
	r, b := fullRequest(), testBid()
	var m Match
	if !c.Match(r, &m) {
		t.Fatal("the creative does not fit")
	}
	const start = `{"ver":"1.2","assets":[{"id":11,"title":{"text":"Shoes"}},` +
		`{"id":12,"img":{"type":3,"url":"https://cdn.example.com/main.png","w":1200,"h":627}},` +
		`{"id":14,"video":{"vasttag":"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VAST version=\"4.0\"`
	const end = `{"id":0,"data":{"type":2,"value":"By hand"}}],` +
		`"link":{"url":"https://d.example/n/click/t","clicktrackers":["https://t.example/c"]},` +
		`"eventtrackers":[{"event":1,"method":1,"url":"https://d.example/n/view/t?a=1&b=%22%3C2%3E"},` +
		`{"event":1,"method":1,"url":"https://t.example/i?cb=`
	got := string(c.Append(nil, b, r, &m, Form{Object: true}))
	if !strings.HasPrefix(got, start) || !strings.Contains(got, end) || !strings.HasSuffix(got, `,{"event":1,"method":2,"url":"https://t.example/i.js"}],"privacy":"https://privacy.example/"}`) {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(got, `<Impression><![CDATA[https://d.example/n/view/t?a=1&b=%22%3C2%3E]]></Impression>`) {
		t.Error("the video does not count our impression")
	}

	// In any form the content is the same.
	want := read(t, []byte(got), Form{Object: true}, false)
	for _, f := range []Form{{}, {Wrap: true}, {Object: true, Wrap: true}} {
		if again := read(t, c.Append(nil, b, r, &m, f), f, f.Wrap); !reflect.DeepEqual(again, want) {
			t.Errorf("%+v: got %+v, want %+v", f, again, want)
		}
	}
	r.Wrapped = true
	if again := read(t, c.Append(nil, b, r, &m, Form{}), Form{}, true); !reflect.DeepEqual(again, want) {
		t.Errorf("as the request was wrapped: got %+v", again)
	}
}

// Before 1.2 impressions are counted by images that have no event.
func TestOlderRequestsGetImpressionTrackers(t *testing.T) {
	cfg := fullConfig()
	cfg.LandingURL = "https://shop.example/"
	c, r, b := compiled(t, cfg), fullRequest(), testBid()
	r.Version, r.EventTrackers, r.Privacy = []byte("1.1"), nil, false
	var m Match
	if !c.Match(r, &m) {
		t.Fatal("the creative does not fit")
	}
	got := read(t, c.Append(nil, b, r, &m, Form{}), Form{}, false)
	if got.Ver != "1.1" || len(got.EventTrackers) > 0 || got.Privacy != "" || len(got.ImpTrackers) != 2 || got.ImpTrackers[0] != "https://d.example/n/view/t?a=1&b=%22%3C2%3E" {
		t.Errorf("got %+v", got)
	}
	if got.Link.URL != cfg.LandingURL || len(got.Link.ClickTrackers) != 2 || got.Link.ClickTrackers[0] != string(b.Click) {
		t.Errorf("link %+v", got.Link)
	}
}

func TestMatch(t *testing.T) {
	c := compiled(t, fullConfig())
	for _, tt := range []struct {
		name   string
		want   bool
		change func(r *openrtb.Native)
	}{
		{"all", true, func(r *openrtb.Native) {}},
		{"title too long", false, func(r *openrtb.Native) { r.Assets[0].Length = 4 }},
		{"title of any length", true, func(r *openrtb.Native) { r.Assets[0].Length = 0 }},
		{"no such image", false, func(r *openrtb.Native) { r.Assets[1].Type = 2 }},
		{"image of any type", true, func(r *openrtb.Native) { r.Assets[1].Type = 0 }},
		{"image too small", false, func(r *openrtb.Native) { r.Assets[1].MinSize.H = 628 }},
		{"image of a size", true, func(r *openrtb.Native) { r.Assets[1].Size = openrtb.Size{W: 300, H: 250} }},
		{"image of another size", false, func(r *openrtb.Native) { r.Assets[1].Size = openrtb.Size{W: 300, H: 300} }},
		{"image of a MIME type", true, func(r *openrtb.Native) { r.Assets[1].Mimes = [][]byte{[]byte("image/jpeg")} }},
		{"image of another MIME type", false, func(r *openrtb.Native) { r.Assets[1].Mimes = [][]byte{[]byte("image/webp")} }},
		{"icon required", false, func(r *openrtb.Native) { r.Assets[2].Required = true }},
		{"video required", true, func(r *openrtb.Native) { r.Assets[3].Required = true }},
		{"image of a MIME type in capitals", true, func(r *openrtb.Native) { r.Assets[1].Mimes = [][]byte{[]byte("Image/JPEG")} }},
		{"video that does not fit", false, func(r *openrtb.Native) { r.Assets[3].Required = true; r.Assets[3].Video.MaxDuration = 14 }},
		{"data required", true, func(r *openrtb.Native) { r.Assets[4].Required = true }},
		{"data too long", false, func(r *openrtb.Native) { r.Assets[4].Required = true; r.Assets[4].Length = 6 }},
		{"data of another type", false, func(r *openrtb.Native) { r.Assets[4].Required = true; r.Assets[4].Type = 3 }},
		{"an id twice", true, func(r *openrtb.Native) { r.Assets[2] = r.Assets[1]; r.Assets[2].Required = false }},
		{"an id twice, required", false, func(r *openrtb.Native) { r.Assets[2] = r.Assets[1] }},
		{"unknown kind", true, func(r *openrtb.Native) { r.Assets = append(r.Assets, openrtb.Asset{}) }},
		{"unknown kind required", false, func(r *openrtb.Native) { r.Assets = append(r.Assets, openrtb.Asset{Required: true}) }},
		{"nothing that we have", false, func(r *openrtb.Native) { r.Assets = r.Assets[2:3] }},
		{"nothing asked for", false, func(r *openrtb.Native) { r.Assets = nil }},
		{"unreadable", false, func(r *openrtb.Native) { r.Bad = true }},
		{"impressions by script only", false, func(r *openrtb.Native) { r.EventTrackers[0].Methods = []int{2} }},
		{"more than we look at", true, func(r *openrtb.Native) { r.Assets = append(r.Assets, make([]openrtb.Asset, MaxAssets)...) }},
		{"more than we look at, required", false, func(r *openrtb.Native) {
			r.Assets = append(make([]openrtb.Asset, MaxAssets), r.Assets...)
		}},
	} {
		r := fullRequest()
		tt.change(r)
		var m Match
		if got := c.Match(r, &m); got != tt.want {
			t.Errorf("%s: got %t", tt.name, got)
		} else if got {
			read(t, c.Append(nil, testBid(), r, &m, Form{}), Form{}, false)
		}
	}
}

func TestWhatIsNoCreative(t *testing.T) {
	for _, tt := range []struct {
		want   string
		change func(c *Config)
	}{
		{"no assets", func(c *Config) { *c = Config{} }},
		{"97 assets", func(c *Config) { c.Titles = make([]string, 97); c.Images, c.Videos, c.Data = nil, nil, nil }},
		{"titles[1]", func(c *Config) { c.Titles[1] = " " }},
		{"images[0].url", func(c *Config) { c.Images[0].URL = "/main.png" }},
		{"images[0]: must have", func(c *Config) { c.Images[0].W = 0 }},
		{"data[0]: must have", func(c *Config) { c.Data[0].Type = 0 }},
		{"data[0].value: must be UTF-8", func(c *Config) { c.Data[0].Value = "\xff" }},
		{"trackers[0]: must have", func(c *Config) { c.Trackers[0].Event = 0 }},
		{"trackers[0].url", func(c *Config) { c.Trackers[0].URL = "" }},
		{"click_trackers[0]", func(c *Config) { c.ClickTrackers[0] = "ftp://a.example/" }},
		{"landing_url", func(c *Config) { c.LandingURL = "shop" }},
		{"privacy_url", func(c *Config) { c.PrivacyURL = "https://a b/" }},
		{"cannot write VAST", func(c *Config) { c.Videos[0].Ad.Duration = 0 }},
		{"videos[0]: must say", func(c *Config) { c.Videos[0].Fits = nil }},
		{"titles[0]: must hold no macro", func(c *Config) { c.Titles[0] = "${SITE_DOMAIN}" }},
		{"data[0].value: must hold no macro", func(c *Config) { c.Data[0].Value = "for ${AUCTION_PRICE}" }},
	} {
		cfg := fullConfig()
		tt.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// Law: whatever the texts and the request, a creative that fits makes JSON
// with a part for each required asset, under ids that were asked for, of the
// length that was asked for, and with the texts as they were given.
func law(t *rapid.T) {
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"`, `\`, "</script>", "\x00\u2028", "]]>"}))
	cfg := fullConfig()
	cfg.Titles = rapid.SliceOfN(word, 1, 3).Draw(t, "titles")
	cfg.Data[1].Value = word.Draw(t, "data")
	c, err := New(cfg)
	if err != nil {
		return
	}
	r := fullRequest()
	r.Assets = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) openrtb.Asset {
		return openrtb.Asset{
			ID: rapid.IntRange(-1, 100).Draw(t, "id"), Required: rapid.Bool().Draw(t, "required"),
			Kind: openrtb.AssetKind(rapid.IntRange(0, 4).Draw(t, "kind")), Type: rapid.IntRange(0, 3).Draw(t, "type"),
			Length: rapid.IntRange(0, 40).Draw(t, "length"),
		}
	}), 0, 5, func(a openrtb.Asset) int { return a.ID }).Draw(t, "assets")
	f := Form{Object: rapid.Bool().Draw(t, "object"), Wrap: rapid.Bool().Draw(t, "wrap")}
	var m Match
	if !c.Match(r, &m) {
		return
	}
	got := read(tb{t: t}, c.Append(nil, testBid(), r, &m, f), f, f.Wrap)
	answers := map[int]*response.Asset{}
	for i := range got.Assets {
		id := int(*got.Assets[i].ID)
		if answers[id] != nil {
			t.Fatalf("two assets are %d", id)
		}
		answers[id] = &got.Assets[i]
	}
	asked, required := map[int]bool{}, map[int]bool{}
	for _, a := range r.Assets {
		fits := answers[a.ID] != nil && suits(answers[a.ID], &a)
		asked[a.ID] = asked[a.ID] || fits
		if a.Required && (!fits || required[a.ID]) {
			t.Fatalf("nothing for the required %+v", a)
		}
		required[a.ID] = required[a.ID] || a.Required
	}
	for id, answer := range answers {
		if !asked[id] {
			t.Fatalf("asset %d was not asked for", id)
		}
		if answer.Title != nil && !slices.Contains(cfg.Titles, answer.Title.Text) {
			t.Fatalf("title %q was not given", answer.Title.Text)
		}
		if answer.Data != nil && !slices.ContainsFunc(cfg.Data, func(d Data) bool { return d.Value == answer.Data.Value }) {
			t.Fatalf("data %q was not given", answer.Data.Value)
		}
	}
}

// suits says whether an answer is what an asset of the request asks for.
func suits(answer *response.Asset, a *openrtb.Asset) bool {
	within := func(text string) bool { return a.Length == 0 || utf8.RuneCountInString(text) <= a.Length }
	switch {
	case answer.Title != nil:
		return a.Kind == openrtb.AssetTitle && within(answer.Title.Text)
	case answer.Img != nil:
		return a.Kind == openrtb.AssetImage && (a.Type == 0 || int(answer.Img.Type) == a.Type)
	case answer.Video != nil:
		return a.Kind == openrtb.AssetVideo
	}
	return a.Kind == openrtb.AssetData && int(answer.Data.Type) == a.Type && within(answer.Data.Value)
}

// tb lets helpers of tests fail a rapid one.
type tb struct {
	testing.TB
	t *rapid.T
}

func (f tb) Helper()                        {}
func (f tb) Fatal(a ...any)                 { f.t.Fatal(a...) }
func (f tb) Fatalf(format string, a ...any) { f.t.Fatalf(format, a...) }

func TestAnyFitIsWhatWasAskedFor(t *testing.T) { rapid.Check(t, law) }

// FuzzNative draws from the input, so that it must be long enough to draw from.
func FuzzNative(f *testing.F) {
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

func TestAppendDoesNotAllocate(t *testing.T) {
	c, r, b := compiled(t, fullConfig()), fullRequest(), testBid()
	dst := make([]byte, 0, 8<<10)
	if n := testing.AllocsPerRun(100, func() {
		var m Match
		if !c.Match(r, &m) {
			t.Error("the creative does not fit")
		}
		dst = c.Append(dst[:0], b, r, &m, Form{Wrap: true})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMatchAndAppend(b *testing.B) {
	c, r, bid := compiled(b, fullConfig()), fullRequest(), testBid()
	r.Assets = append(r.Assets[:3], r.Assets[4]) // without the video's VAST
	dst := make([]byte, 0, 8<<10)
	b.ReportAllocs()
	for b.Loop() {
		var m Match
		if c.Match(r, &m) {
			dst = c.Append(dst[:0], bid, r, &m, Form{})
		}
	}
}
