package validate_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/loadtest/validate"
)

// measured has third parties told of all that a player tells of.
func measured(m *campaign.Media) *campaign.Media {
	m.Trackers = map[string][]string{"error": {"https://t.example.net/error?c=[ERRORCODE]"}}
	for _, event := range []string{"creativeView", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "mute", "unmute", "pause", "resume", "rewind", "skip"} {
		m.Trackers[event] = []string{"https://t.example.net/" + event + "?g=${GDPR}", "https://u.example.net/" + event}
	}
	m.Verifications = []campaign.Verification{{Vendor: "company.example-omid", ScriptURL: "https://v.example.net/omid.js",
		Parameters: `{"site":"${SITE_DOMAIN}"}`, NotExecuted: "https://v.example.net/failed?r=[REASON]"}}
	if m.TagURL == "" {
		m.UniversalAdID = &campaign.UniversalAdID{Registry: "ad-id.org", Value: "CNPA0484000H"}
	}
	m.Companions = []campaign.Companion{{Size: campaign.Size{W: 300, H: 250}, ImageURL: "https://cdn.example.com/b.png", MIME: "image/png",
		ViewTrackers: []string{"https://t.example.net/companion?g=${GDPR}"}}}
	return m
}

// told is what a player reads of it.
type told struct {
	Error     string `xml:"Error"`
	Creatives []struct {
		Tracking    []toldURL `xml:"Linear>TrackingEvents>Tracking"`
		Views       []toldURL `xml:"CompanionAds>Companion>TrackingEvents>Tracking"`
		UniversalID struct {
			Registry string `xml:"idRegistry,attr"`
			Value    string `xml:",chardata"`
		} `xml:"UniversalAdId"`
	} `xml:"Creatives>Creative"`
	Verifications []struct {
		Vendor     string `xml:"vendor,attr"`
		Script     string `xml:"JavaScriptResource"`
		Parameters string `xml:"VerificationParameters"`
		Failed     string `xml:"TrackingEvents>Tracking"`
	} `xml:"AdVerifications>Verification"`
}

type toldURL struct {
	Event string `xml:"event,attr"`
	URL   string `xml:",chardata"`
}

// What a creative says of measurement goes out in every version of VAST that
// has it, with its macros filled in, and breaks no rule of the protocol.
func TestMeasurementGoesOut(t *testing.T) {
	file := campaign.MediaFile{URL: "https://cdn.example.com/a.mp4", MIME: "video/mp4", W: 640, H: 360, Bitrate: 600}
	for _, c := range []struct {
		protocol                       int
		wrapper, skip, universal, omid bool
	}{
		{protocol: 2}, {protocol: 3, skip: true}, {protocol: 7, skip: true, universal: true},
		{protocol: 11, skip: true, universal: true, omid: true}, {protocol: 13, skip: true, universal: true, omid: true}, {protocol: 15, skip: true, universal: true, omid: true},
		{protocol: 6, wrapper: true, skip: true}, {protocol: 14, wrapper: true, skip: true, omid: true},
	} {
		m := &campaign.Media{DurationMS: 15_000, Files: []campaign.MediaFile{file}}
		if c.wrapper {
			m = &campaign.Media{DurationMS: 15_000, TagURL: "https://ads.example.net/vast"}
		}
		creative := campaign.Creative{Format: campaign.FormatVideo, Media: measured(m)}
		e := newEager(t, nil)
		e.changes.LineItems, e.changes.Creatives = nil, nil
		e.add(creative)
		if err := e.changes.Creatives[0].Validate(); err != nil {
			t.Fatal(err)
		}
		e.open()

		body := fmt.Appendf(nil, `{"id":"r1","imp":[{"id":"1","secure":1,"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":30,"protocols":[%d],`+
			`"companionad":[{"w":300,"h":250}]}}],"site":{"domain":"news.example.org"},"regs":{"gdpr":0},"cur":["USD"],"at":1,"tmax":5000}`, c.protocol)
		request, err := validate.ParseRequest(body, validate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		answer := e.post(e.changes.Exchanges[0].Name, body).Body()
		for _, v := range request.Check(answer) {
			t.Errorf("protocol %d: %+v", c.protocol, v)
		}
		var response openrtb2.BidResponse
		if err := json.Unmarshal(answer, &response); err != nil || len(response.SeatBid) != 1 {
			t.Fatalf("protocol %d: %v in %s", c.protocol, err, answer)
		}
		markup := response.SeatBid[0].Bid[0].AdM
		var document struct {
			Ad struct{ InLine, Wrapper *told }
		}
		if err := xml.Unmarshal([]byte(markup), &document); err != nil {
			t.Fatal(err)
		}
		got := document.Ad.InLine
		if c.wrapper {
			got = document.Ad.Wrapper
		}
		if got == nil || len(got.Creatives) != 2 || got.Error != "https://t.example.net/error?c=[ERRORCODE]" {
			t.Fatalf("protocol %d: %s", c.protocol, markup)
		}
		want := 0
		for event, urls := range m.Trackers {
			if event == campaign.ErrorEvent || event == "skip" && !c.skip {
				continue
			}
			for _, u := range urls {
				want++
				if x := (toldURL{event, strings.Replace(u, "${GDPR}", "0", 1)}); !slices.Contains(got.Creatives[0].Tracking, x) {
					t.Errorf("protocol %d: no %+v", c.protocol, x)
				}
			}
		}
		if n := len(got.Creatives[0].Tracking); n != want {
			t.Errorf("protocol %d: %d trackers, not %d", c.protocol, n, want)
		}
		if v := got.Creatives[1].Views; len(v) != 1 || v[0] != (toldURL{"creativeView", "https://t.example.net/companion?g=0"}) {
			t.Errorf("protocol %d: views %v", c.protocol, v)
		}
		if id := got.Creatives[0].UniversalID; c.universal && (id.Registry != "ad-id.org" || id.Value != "CNPA0484000H") || !c.universal && id.Registry != "" {
			t.Errorf("protocol %d: universal id %v", c.protocol, id)
		}
		if v := got.Verifications; len(v) > 0 != c.omid || c.omid && (v[0].Vendor != "company.example-omid" || v[0].Script != "https://v.example.net/omid.js" ||
			v[0].Parameters != `{"site":"news.example.org"}` || v[0].Failed != "https://v.example.net/failed?r=[REASON]") {
			t.Errorf("protocol %d: verifications %v", c.protocol, v)
		}
	}
}
