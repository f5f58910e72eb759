package validate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest/validate"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// bidOf is a bid as the bidder makes it, but for the creative.
func bidOf(wire *openrtb.CreativeWire) openrtb.Bid {
	return openrtb.Bid{
		ID: event.NewBidID(1, 2), ImpID: []byte("1"), Price: 2_000 * money.Micro, Creative: wire,
		BURL:  []byte("https://d.example/n/bill/t?p=${AUCTION_PRICE}"),
		Pixel: []byte("https://d.example/n/view/t?a=1&b=2"), Click: []byte("https://d.example/n/click/t"),
	}
}

func config(t openrtb.MarkupType) openrtb.CreativeConfig {
	return openrtb.CreativeConfig{Type: t, ID: "7", CampaignID: "3", Domains: []string{"shop.example.com"}, Size: openrtb.Size{W: 640, H: 360}}
}

func expectNone(t *testing.T, request string, b openrtb.Bid) {
	t.Helper()
	r, err := validate.ParseRequest([]byte(request), validate.Options{WantBURL: true})
	if err != nil {
		t.Fatal(err)
	}
	body := openrtb.AppendResponse(nil, &openrtb.Response{RequestID: []byte("r1"), Currency: "USD", Bids: []openrtb.Bid{b}})
	if found := r.Check(body); len(found) > 0 {
		t.Errorf("%v\nin %s\nto %s", found, body, request)
	}
}

// What package openrtb writes in any version of VAST is what a request for
// this version alone takes.
func TestVASTOfOursIsFound(t *testing.T) {
	for _, v := range []vast.Version{vast.V20, vast.V30, vast.V40, vast.V41, vast.V42, vast.V43} {
		for _, wrapper := range []bool{false, true} {
			for _, audio := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d wrapper %t audio %t", v, wrapper, audio), func(t *testing.T) {
					ad := vast.Ad{Version: v, ID: "7", Title: "Shoes & \"more\"", Audio: audio, Impressions: []string{"https://t.example/i?cb=${CACHEBUSTER}&p=${AUCTION_PRICE}"},
						Companions: []vast.Companion{{Width: 300, Height: 250, HTML: `<a href="${CLICK_URL}"><img src="https://cdn.example.com/a.png"></a>`}}}
					c, format, mime := config(openrtb.MarkupVideo), "video", "video/mp4"
					if audio {
						c, format, mime = config(openrtb.MarkupAudio), "audio", "audio/mpeg"
					}
					if wrapper {
						ad.TagURL = "https://ads.example/vast"
					} else {
						ad.Duration = 15 * time.Second
						ad.Media = []vast.Media{{URL: "https://cdn.example.com/a?b=1&c=2", MIME: mime, Width: 640, Height: 360, Bitrate: 500}}
						if v >= vast.V30 && !audio {
							ad.Skippable, ad.SkipAfter = true, 5*time.Second
						}
					}
					document, err := ad.Document()
					if err != nil {
						t.Fatal(err)
					}
					c.Markup, c.Duration, c.Protocol = document, 15, v.Protocol(wrapper)
					wire, err := openrtb.NewCreativeWire(c)
					if err != nil {
						t.Fatal(err)
					}
					expectNone(t, fmt.Sprintf(`{"id":"r1","imp":[{"id":"1","secure":1,"bidfloor":2,%q:{"mimes":[%q],"minduration":15,"companionad":[{"w":300,"h":250}],"maxduration":15,"protocols":[%d],"skipafter":5,"linearity":1,"delivery":[2]}}]}`,
						format, mime, v.Protocol(wrapper)), bidOf(wire))
				})
			}
		}
	}
}

// What package openrtb/native puts together for a request is what it asks for.
func TestNativeOfOursIsFound(t *testing.T) {
	creative, err := native.New(native.Config{
		ID: "7", Titles: []string{"Shoes that last a hundred years", "Shoes"},
		Images: []native.Image{{Type: 3, URL: "https://cdn.example.com/main.png", W: 1200, H: 627}, {Type: 1, URL: "https://cdn.example.com/i.png", W: 80, H: 80}},
		Data:   []native.Data{{Type: 2, Value: "By \"hand\" & <foot>"}},
		Videos: []native.Video{{
			Ad: vast.Ad{Version: vast.V30, ID: "7", Title: "t", Duration: 10 * time.Second,
				Media: []vast.Media{{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", Width: 640, Height: 360}}},
			Fits: func(*openrtb.Video) bool { return true },
		}},
		Trackers:   []native.Tracker{{Event: 1, Method: 2, URL: "https://t.example/i.js"}, {Event: 2, Method: 1, URL: "https://t.example/v"}},
		PrivacyURL: "https://privacy.example/",
	})
	if err != nil {
		t.Fatal(err)
	}
	wire, err := openrtb.NewCreativeWire(config(openrtb.MarkupNative))
	if err != nil {
		t.Fatal(err)
	}
	const assets = `"assets":[{"id":5,"required":1,"title":{"len":25}},{"id":0,"required":1,"img":{"type":3,"wmin":300,"hmin":200}},` +
		`{"id":2,"img":{"type":1,"w":80,"h":80}},{"id":3,"data":{"type":2,"len":20}},{"id":4,"data":{"type":1}},` +
		`{"id":6,"required":1,"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":10,"protocols":[3]}}]`
	for _, text := range []string{
		`{"ver":"1.2",` + assets + `,"privacy":1,"eventtrackers":[{"event":1,"methods":[1,2]}]}`,
		`{"native":{"ver":"1.2",` + assets + `,"eventtrackers":[{"event":1,"methods":[1]},{"event":2,"methods":[1]}]}}`,
		`{"ver":"1.1",` + assets + `}`,
		`{"native":{` + assets + `}}`,
	} {
		for _, form := range []native.Form{{}, {Object: true}, {Wrap: true}, {Object: true, Wrap: true}} {
			request := fmt.Sprintf(`{"id":"r1","imp":[{"id":"1","secure":1,"native":{"request":%q}}]}`, text)
			// Given the request as the bidder sees it,
			r, err := openrtb.NewDecoder(openrtb.Limits{}).Decode([]byte(request))
			if err != nil {
				t.Fatal(err)
			}
			n := r.Imps[0].Native
			if n == nil {
				t.Fatalf("no native imp in %s", request)
			}
			// when the creative is put together for it, then nothing is found.
			var m native.Match
			if !creative.Match(n, &m) {
				t.Fatalf("the creative does not fit %s", request)
			}
			b := bidOf(wire)
			b.AdM = creative.Append(nil, &b, n, &m, form)
			expectNone(t, request, b)
			r.Release()
		}
	}
}
