package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
)

// everyFormat is an imp that takes what the sample creatives are.
const everyFormat = `"banner":{"w":300,"h":250},"video":{"mimes":["video/mp4"],"protocols":[2,3,7]},"audio":{"mimes":["audio/mpeg"]},` +
	`"native":{"request":"{\"assets\":[{\"id\":1,\"required\":1,\"title\":{\"len\":25}},{\"id\":2,\"img\":{\"type\":3}},{\"id\":3,\"data\":{\"type\":1}}]}"}`

func aBid() openrtb.Bid {
	const base = "https://dsp.example.com/n/"
	return openrtb.Bid{ID: event.NewBidID(1, 2), ImpID: []byte("1"), Price: money.Micro, Pixel: []byte(base + "view/a?p=${AUCTION_PRICE}"), Click: []byte(base + "click/a")}
}

// TestCreativesDoNotAllocate holds for each reason that Check has, and for
// what Fill does in each format.
func TestCreativesDoNotAllocate(t *testing.T) {
	rich := func(c campaign.Creative) *Creative {
		c.Domains, c.LandingURL, c.AppBundle, c.Language = []string{"example.com"}, "https://shop.example.com/", "com.example.app", "de"
		c.Categories, c.Attributes, c.Secure = []string{"IAB3-1"}, []int{8}, false
		c.Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.ApprovalPending}}
		return compiled(t, c)
	}
	all := []*Creative{rich(aCreative(1, 1)), rich(aVideo()), rich(anAudio()), rich(aNative())}
	seen := map[openrtb.Reason]bool{}
	for _, c := range []struct {
		imp, rest    string
		approvedOnly bool
	}{
		{everyFormat, ``, false},
		{everyFormat, ``, true},
		{`"banner":{"w":728,"h":90}`, ``, false},
		{`"banner":{"w":300,"h":250,"mimes":["video/mp4"]},"video":{"mimes":["video/3gpp"]}`, ``, false},
		{`"banner":{"format":[{"wratio":6,"hratio":5}]},"video":{"mimes":["video/mp4"],"maxduration":5},"native":{"request":"{\"assets\":[{\"id\":1,\"required\":1,\"data\":{\"type\":9}}]}"}`, ``, false},
		{`"secure":1,` + everyFormat, ``, false},
		{`"banner":{"w":300,"h":250,"battr":[8]},"audio":{"mimes":["audio/mpeg"],"battr":[8]}`, ``, false},
		{`"banner":{"w":300,"h":250,"btype":[2]}`, ``, false},
		{everyFormat, `,"badv":["b.example","Example.com"]`, false},
		{everyFormat, `,"bapp":["com.example.app"]`, false},
		{everyFormat, `,"bcat":["IAB1","IAB3"]`, false},
		{everyFormat, `,"acat":["IAB1"]`, false},
		{everyFormat, `,"cattax":6,"bcat":["52"],"acat":["53"]`, false},
		{everyFormat, `,"cattax":500,"bcat":["1"]`, false},
		{everyFormat, `,"wlang":["en"]`, false},
	} {
		r := decoded(t, `{"id":"r","imp":[{"id":"1",`+c.imp+`}]`+c.rest+`}`)
		q := Query{Exchange: 1, ApprovedOnly: c.approvedOnly}
		for _, x := range all {
			why := x.Check(&q, &r.Imps[0], r)
			seen[why] = true
			if n := testing.AllocsPerRun(100, func() { x.Check(&q, &r.Imps[0], r) }); n != 0 {
				t.Errorf("%v: %v allocations where %s%s is %v", x.Format, n, c.imp, c.rest, why)
			}
		}
		r.Release()
	}
	for _, why := range []openrtb.Reason{openrtb.None, openrtb.WrongSize, openrtb.WrongMedia, openrtb.WrongDuration, openrtb.WrongAssets, openrtb.NotSecure,
		openrtb.NotApproved, openrtb.BlockedAdvertiser, openrtb.BlockedApp, openrtb.BlockedCategory, openrtb.BlockedAttribute, openrtb.BlockedType, openrtb.WrongLanguage} {
		if !seen[why] {
			t.Errorf("no case is %v", why)
		}
	}

	r := decoded(t, `{"id":"r","imp":[{"id":"1",`+everyFormat+`}]}`)
	defer r.Release()
	dst := make([]byte, 0, 1<<16)
	for _, form := range []native.Form{{}, {Object: true}} {
		for _, x := range all {
			b := aBid()
			if n := testing.AllocsPerRun(100, func() { x.Fill(dst, &b, &r.Imps[0], form) }); n != 0 {
				t.Errorf("%v: %v allocations of Fill", x.Format, n)
			}
		}
	}
}

// FuzzCreative holds whatever creative the API takes to the response that it
// ends in.
func FuzzCreative(f *testing.F) {
	for _, c := range []campaign.Creative{aCreative(1, 1), aVideo(), anAudio(), aNative()} {
		c.Name = "seed"
		c.ImpressionTrackers = []string{"https://count.example.net/i?cb=${CACHEBUSTER}"}
		body, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
		f.Add([]byte(strings.ReplaceAll(string(body), "cdn.example.com/a", `cdn.example.com/]]>&\u003c%%CB%%`)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var d campaign.Creative
		if json.Unmarshal(body, &d) != nil || d.Validate() != nil {
			return
		}
		c, err := compiledOf(&d)
		if err != nil {
			return // told to whoever runs the catalog; the line item bids without it
		}
		r := decoded(t, `{"id":"r","imp":[{"id":"1",`+everyFormat+`}]}`)
		defer r.Release()
		for _, form := range []native.Form{{}, {Object: true}} {
			b := aBid()
			if fits := c.native == nil || c.native.Fits(r.Imps[0].Native); !fits {
				return
			}
			c.Fill(nil, &b, &r.Imps[0], form)
			out := openrtb.AppendResponse(nil, &openrtb.Response{RequestID: []byte("r"), Seat: "1", Currency: "USD", Bids: []openrtb.Bid{b}})
			if !json.Valid(out) {
				t.Fatalf("not JSON: %s", out)
			}
			if !strings.Contains(string(out), "/n/view/a") {
				t.Errorf("our impression is not counted in %s", out)
			}
		}
	})
}

// The most that may be configured of a native creative compiles.
func TestLargestNativeCreativeCompiles(t *testing.T) {
	d := aNative()
	d.Name = "largest"
	d.Native = &campaign.Native{
		Titles: slices.Repeat([]string{"Boots"}, campaign.MaxAssets),
		Images: slices.Repeat(aNative().Native.Images, campaign.MaxAssets),
		Data:   slices.Repeat(aNative().Native.Data, campaign.MaxAssets),
		Video:  changed(aVideo(), func(c *campaign.Creative) { c.Media.Skippable, c.Media.SkipAfterMS = false, 0 }).Media,
	}
	compiled(t, d)
}

// An exchange that reads one framework is told one that the imp has.
func TestFillTellsTheFrameworkOfTheImp(t *testing.T) {
	runs, interactive, flash := aCreative(1, 1), aVideo(), aVideo()
	runs.APIs = []int{5, 3}
	interactive.Media.Files = append(interactive.Media.Files, campaign.MediaFile{URL: "https://cdn.example.com/a.html", MIME: "text/html", API: "SIMID"})
	flash.Media.Files = []campaign.MediaFile{{URL: "https://cdn.example.com/a.swf", MIME: "application/x-shockwave-flash", W: 640, H: 360, API: "VPAID"}}
	for _, tt := range []struct {
		c    campaign.Creative
		imp  string
		want string
	}{
		{runs, `"banner":{"w":300,"h":250,"api":[3,7]}`, `"api":3,"apis":[5,3]`},
		{runs, `"banner":{"w":300,"h":250,"api":[7,5]}`, `"api":5,"apis":[5,3]`},
		{interactive, `"video":{"protocols":[11],"api":[9]}`, `"api":9,"apis":[8,9]`},
		{flash, `"video":{"api":[2]}`, `"api":2,"apis":[1,2]`},
		{aVideo(), `"video":{"api":[2]}`, ``},
	} {
		r := decoded(t, `{"id":"r","imp":[{"id":"1",`+tt.imp+`}]}`)
		c := compiled(t, tt.c)
		if why := c.Check(&Query{}, &r.Imps[0], r); why != openrtb.None {
			t.Fatalf("%s: %v", tt.imp, why)
		}
		b := openrtb.Bid{}
		c.Fill(nil, &b, &r.Imps[0], native.Form{})
		d := openrtb.Dialect{Fields: openrtb.FieldAPI | openrtb.FieldAPIs}
		text := string(openrtb.AppendResponse(nil, &openrtb.Response{Bids: []openrtb.Bid{b}, Dialect: &d}))
		if !strings.Contains(text, tt.want) || tt.want == "" && strings.Contains(text, `"api`) {
			t.Errorf("%s: no %s in %s", tt.imp, tt.want, text)
		}
	}
}
