package openrtb

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
)

var rewrite = flag.Bool("rewrite", false, "write golden files anew")

// goldenResponse is a bid for each format, with everything that can be said.
func goldenResponse(t testing.TB) *Response {
	const vast = `<VAST version="4.2"><Ad><InLine><Impression><![CDATA[${PIXEL_URL}]]></Impression></InLine></Ad></VAST>`
	r := &Response{RequestID: []byte("r1"), BidID: event.NewBidID(7, 1), Seat: "s", Currency: "EUR"}
	for i, c := range []CreativeConfig{
		{Type: MarkupBanner, Size: Size{300, 250}, Markup: `<a href="${CLICK_URL}">x</a>`, APIs: []int{5, 6}, ImageURL: "https://cdn.example/1.png"},
		{Type: MarkupVideo, Size: Size{640, 360}, Markup: vast, Duration: 15, Protocol: 7, APIs: []int{7}, Language: "de"},
		{Type: MarkupAudio, Markup: vast, Duration: 30, Protocol: 9, Language: "pt-BR"},
		{Type: MarkupNative, Bundle: "com.brand.app"},
	} {
		c.ID, c.CampaignID, c.Domains, c.Attributes = string(rune('1'+i)), "22", []string{"brand.example"}, []int{1}
		c.Categories, c.CategoriesIn = []string{"IAB3-1"}, map[int][]string{7: {"52"}, 1: {"never"}}
		wire, err := NewCreativeWire(c)
		if err != nil {
			t.Fatal(err)
		}
		r.Bids = append(r.Bids, Bid{
			ID: event.NewBidID(7, uint64(i+1)), ImpID: []byte(c.ID), Price: 1_250_000, Creative: wire, Exp: 300, DealID: []byte("d"),
			NURL: []byte("https://t.example/win"), BURL: []byte("https://t.example/bill"), LURL: []byte("https://t.example/loss"),
			Pixel: []byte("https://t.example/view"), Click: []byte("https://t.example/click"),
		})
	}
	r.Bids[1].Slot = 1
	r.Bids[3].AdM = []byte(`"{\"native\":{}}"`)
	return r
}

// TestDialectsSpeak compares each preset's response with the one that was
// looked at.
func TestDialectsSpeak(t *testing.T) {
	for _, d := range Dialects() {
		t.Run(d.Name, func(t *testing.T) {
			r := goldenResponse(t)
			r.Dialect = &d
			parseResponse(t, AppendResponse(nil, r))
			var got bytes.Buffer
			if err := json.Indent(&got, AppendResponse(nil, r), "", "\t"); err != nil {
				t.Fatal(err)
			}
			q := d.Queries()
			for _, query := range []string{q.Win, q.Billing, q.Loss, q.View} {
				got.WriteString("\n" + query)
			}
			got.WriteByte('\n')
			file := filepath.Join("testdata", "responses", d.Name+".golden")
			if *rewrite {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%v: got\n%s", err, &got)
			}
			dst := AppendResponse(nil, r)
			if got := testing.AllocsPerRun(20, func() { dst = AppendResponse(dst[:0], r) }); got > 0 {
				t.Errorf("%v allocations", got)
			}
		})
	}
}

func TestDialectCategories(t *testing.T) {
	r := goldenResponse(t)
	d := Generic26()
	for taxonomy, want := range map[int]string{0: `"cat":["IAB3-1"],"adid"`, 1: `"cat":["IAB3-1"],"adid"`, 6: `"cat":["IAB3-1"],"adid"`, 7: `"cat":["52"],"cattax":7,`} {
		d.CategoryTaxonomy = taxonomy
		r.Dialect = &d
		if got := string(AppendResponse(nil, r)); !strings.Contains(got, want) {
			t.Errorf("taxonomy %d: %s", taxonomy, got)
		}
	}
	d.Fields &^= FieldCategoryTaxonomy
	d.CategoryTaxonomy = 7
	if got := string(AppendResponse(nil, r)); !strings.Contains(got, `"cat":["52"],"adid"`) {
		t.Errorf("without cattax: %s", got)
	}
}

func TestDialectNativeADM(t *testing.T) {
	r := goldenResponse(t)
	d := Generic26()
	d.Native, r.Dialect = NativeADM, &d
	r.Bids[3].AdM = []byte(`{"native":{}}`)
	got := AppendResponse(nil, r)
	if !json.Valid(got) || !bytes.Contains(got, []byte(`"adm_native":{"native":{}}}`)) {
		t.Errorf("got %s", got)
	}
}

func TestDialectNoBid(t *testing.T) {
	for style, want := range map[NoBidStyle]string{NoBidNoContent: "", NoBidReason: `{"id":"a\"b","nbr":15}`, NoBidEmpty: `{"id":"a\"b","seatbid":[]}`} {
		d := Dialect{NoBid: style}
		got, some := d.AppendNoBid(nil, []byte(`a"b`), NoTime)
		if string(got) != want || some != (want != "") {
			t.Errorf("style %d: got %s, %v", style, got, some)
		}
	}
}

func TestDialectByName(t *testing.T) {
	for _, d := range Dialects() {
		if got, ok := DialectByName(d.Name); !ok || got != d {
			t.Errorf("%s: got %+v", d.Name, got)
		}
	}
	if _, ok := DialectByName("klingon"); ok {
		t.Error("there is no such dialect")
	}
}
