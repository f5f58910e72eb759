package openrtb

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
)

// hostile is every kind of text that could end what a URL stands in.
const hostile = "https://e.example/]]>?a=\"1\"&b='2'\\&c=<x>\x00\n\u00e9\xff`${AUCTION_PRICE}"

const hostileEscaped = "https://e.example/]]%3E?a=%221%22&b=%272%27%5C&c=%3Cx%3E%00%0A%C3%A9%FF%60${AUCTION_PRICE}"

func TestURLsEndNothingThatTheyStandIn(t *testing.T) {
	// Given VAST and native markup, and URLs that no sane server would make.
	b := Bid{ID: event.NewBidID(1, 2), Pixel: []byte(hostile), Click: []byte(hostile)}
	vast, err := CompileVAST(`<VAST><Impression><![CDATA[${PIXEL_URL}]]></Impression><ClickThrough><![CDATA[${CLICK_URL}]]></ClickThrough></VAST>`)
	if err != nil {
		t.Fatal(err)
	}
	object, err := CompileJSON(`{"url":"${CLICK_URL}","img":"${PIXEL_URL}","text":"a \"quoted\" \\ text, 2 < 3 \u0026 \u2028"}`)
	if err != nil {
		t.Fatal(err)
	}

	// When they are appended, then XML and JSON parse, and have the same URLs.
	var doc struct{ Impression, ClickThrough string }
	if err := xml.Unmarshal([]byte(unquote(t, vast.Append(nil, &b))), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Impression != hostileEscaped || doc.ClickThrough != hostileEscaped {
		t.Errorf("VAST has %q and %q", doc.Impression, doc.ClickThrough)
	}
	for _, text := range []string{unquote(t, object[0].Append(nil, &b)), string(object[0].AppendBare([]byte(`\"`), &b)[2:])} {
		var native struct{ URL, Img, Text string }
		if err := json.Unmarshal([]byte(text), &native); err != nil {
			t.Fatal(err)
		}
		if native.URL != hostileEscaped || native.Img != hostileEscaped || native.Text != "a \"quoted\" \\ text, 2 < 3 & \u2028" {
			t.Errorf("native has %q and %q, and says %q", native.URL, native.Img, native.Text)
		}
	}
}

func unquote(t *testing.T, text []byte) (s string) {
	t.Helper()
	if err := json.Unmarshal([]byte(`"`+string(text)+`"`), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVASTCountsOurImpression(t *testing.T) {
	if _, err := CompileVAST("<VAST/>"); err == nil {
		t.Error("a document without our impression was compiled")
	}
}

// A response has the markup type of its creative, and what goes with it.
func TestWireSaysTheType(t *testing.T) {
	const vast = `<VAST><Impression><![CDATA[${PIXEL_URL}]]></Impression></VAST>`
	for _, tt := range []struct {
		give       CreativeConfig
		adm        string // of the bid
		want, lack string
	}{
		{CreativeConfig{Size: Size{1, 2}, Markup: "<b>"}, "", `"w":1,"h":2,"mtype":1,"adm":"<b>"}`, "dur"},
		{CreativeConfig{Type: MarkupVideo, Size: Size{640, 360}, Protocol: 7, Duration: 15, Markup: vast}, "", `"w":640,"h":360,"protocol":7,"dur":15,"mtype":2,"adm":"<VAST>`, ""},
		{CreativeConfig{Type: MarkupAudio, Duration: 30, Markup: vast}, "", `"dur":30,"mtype":3,"adm":"<VAST>`, `"w":`},
		{CreativeConfig{Type: MarkupNative}, `{"native":{}}`, `"mtype":4,"adm":{"native":{}}}`, `"w":`},
	} {
		wire, err := NewCreativeWire(tt.give)
		if err != nil {
			t.Fatal(err)
		}
		text := string(AppendResponse(nil, &Response{Bids: []Bid{{Creative: wire, AdM: []byte(tt.adm)}}}))
		if !json.Valid([]byte(text)) || !strings.Contains(text, tt.want) || tt.lack != "" && strings.Contains(text, tt.lack) {
			t.Errorf("%s: want %s, and no %q", text, tt.want, tt.lack)
		}
	}
	for _, bad := range []CreativeConfig{{Type: 5, Markup: "<b>"}, {Type: MarkupNative, Markup: "{}"}, {Type: MarkupVideo, Markup: "<VAST/>"}} {
		if _, err := NewCreativeWire(bad); err == nil {
			t.Errorf("%+v was prepared", bad)
		}
	}
}

func TestJSONHasNoControlCharacters(t *testing.T) {
	for _, json := range []string{"{\n}", `{"a":"` + "\x00" + `"}`} {
		if _, err := CompileJSON(`{}`, json); err == nil {
			t.Errorf("%q compiled", json)
		}
	}
}
