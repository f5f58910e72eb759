package bidder

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

var rewrite = flag.Bool("rewrite", false, "write golden files anew")

// speak makes exchange alpha one of a preset, changed.
func (w *world) speak(preset string, change func(*campaign.Exchange)) {
	e, ok := campaign.PresetExchange(preset)
	if !ok {
		w.t.Fatalf("there is no preset %s", preset)
	}
	e.ID, e.Name, e.Status, e.Seat, e.Currency, e.RequiresApproval = 1, "alpha", campaign.Active, "seat-1", "USD", false
	e.DefaultTMax, e.VideoTMax, e.AudioTMax = patient, patient, patient
	if change != nil {
		change(&e)
	}
	if err := e.Validate(); err != nil {
		w.t.Fatal(err)
	}
	w.changes.Exchanges[0] = e
}

var (
	sealed = regexp.MustCompile(`(/n/[a-z]+/)[A-Za-z0-9_-]+`)
	bidIDs = regexp.MustCompile(`"(id|bidid)": "[0-9a-f]{32}"`)
)

// TestPresetsOnTheWire compares what each preset's exchange is answered with
// the answers that were looked at.
func TestPresetsOnTheWire(t *testing.T) {
	for _, preset := range campaign.Presets() {
		w := newWorld(t)
		w.speak(preset, nil)
		w.item("2", nil)
		w.open(money.Unit)
		var got bytes.Buffer
		for _, body := range []string{plain, strings.Replace(plain, "300", "301", 1)} {
			r := w.post(body)
			fmt.Fprintf(&got, "%s\n\n%d, version %s\n", body, r.StatusCode(), r.Header.Peek("X-Openrtb-Version"))
			if len(r.Body()) > 0 {
				if err := json.Indent(&got, r.Body(), "", "\t"); err != nil {
					t.Fatal(err)
				}
			}
			got.WriteString("\n\n")
		}
		text := sealed.ReplaceAllString(got.String(), "${1}TOKEN")
		text = bidIDs.ReplaceAllString(text, `"$1": "BID"`)
		file := filepath.Join("testdata", "presets", preset+".golden")
		if *rewrite {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != text {
			t.Errorf("%s: %v: got\n%s", preset, err, text)
		}
	}
}

// TestProtocol01NoBidsAsTheExchangeWants: point 1. 204 by default, a body
// where it is preferred, 400 without one for what is no bid request.
func TestProtocol01NoBidsAsTheExchangeWants(t *testing.T) {
	for style, want := range map[campaign.NoBidStyle]string{
		campaign.NoBid204: "204 ", campaign.NoBidNBR: `200 {"id":"r1","nbr":0}`, campaign.NoBidEmpty: `200 {"id":"r1","seatbid":[]}`,
	} {
		w := newWorld(t)
		w.speak("generic-2.6", func(e *campaign.Exchange) { e.NoBid = style })
		w.open(0)
		if r := w.post(plain); fmt.Sprint(r.StatusCode(), " ", string(r.Body())) != want {
			t.Errorf("%s: %d %s, want %s", style, r.StatusCode(), r.Body(), want)
		}
		if r := w.post("{"); r.StatusCode() != 400 || len(r.Body()) != 0 {
			t.Errorf("%s: no bid request was answered %d %s", style, r.StatusCode(), r.Body())
		}
	}
}

// TestProtocol03VersionsAndPacking: point 3. The request's version is echoed,
// else the exchange's; packed only where both want it.
func TestProtocol03VersionsAndPacking(t *testing.T) {
	for _, gzip := range []bool{true, false} {
		w := newWorld(t)
		w.speak("generic-2.5", func(e *campaign.Exchange) { e.Gzip = gzip })
		w.item("2", func(_ *campaign.LineItem, c *campaign.Creative) { c.Markup += strings.Repeat(" ", leastPacked) })
		w.open(money.Unit)
		for asked, want := range map[string]string{"": "2.5", "2.6": "2.6", "9": "2.5"} {
			r := w.postTo("alpha", plain, func(r *fasthttp.Request) {
				r.Header.Set("X-Openrtb-Version", asked)
				r.Header.Set("Accept-Encoding", "gzip")
			})
			if got := string(r.Header.Peek("X-Openrtb-Version")); got != want {
				t.Errorf("asked for %q: version %s, want %s", asked, got, want)
			}
			if packed := string(r.Header.Peek("Content-Encoding")) == "gzip"; packed != gzip {
				t.Errorf("packed: %t, want %t", packed, gzip)
			}
		}
	}
}

// TestProtocol10MacrosAreTheExchanges: point 10. Notices name the macros that
// the exchange fills in, and no others.
func TestProtocol10MacrosAreTheExchanges(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(*campaign.Exchange)
		nurl, lur string // what they end in
	}{
		"all":                  {nil, "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}&m=${AUCTION_MIN_TO_WIN}", "&m=${AUCTION_MIN_TO_WIN}&l=${AUCTION_LOSS}"},
		"no currency":          {func(e *campaign.Exchange) { e.CurrencyMacro = false }, "?p=${AUCTION_PRICE}&m=${AUCTION_MIN_TO_WIN}", "&l=${AUCTION_LOSS}"},
		"no minimum to win":    {func(e *campaign.Exchange) { e.MinToWin = false }, "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}", "&c=${AUCTION_CURRENCY}&l=${AUCTION_LOSS}"},
		"a price in base64":    {func(e *campaign.Exchange) { e.PriceMacro = "${AUCTION_PRICE:B64}" }, "?p=${AUCTION_PRICE:B64}&c=${AUCTION_CURRENCY}&m=${AUCTION_MIN_TO_WIN}", "&l=${AUCTION_LOSS}"},
		"no notices of losses": {func(e *campaign.Exchange) { e.LossNotices = false }, "&m=${AUCTION_MIN_TO_WIN}", ""},
		"no notices of wins":   {func(e *campaign.Exchange) { e.WinNotices = false }, "", "&l=${AUCTION_LOSS}"},
	} {
		w := newWorld(t)
		w.speak("generic-2.6", c.change)
		w.item("2", nil)
		w.open(money.Unit)
		bid := w.bids(w.post(plain))[0]
		for url, want := range map[string]string{bid.NURL: c.nurl, bid.LURL: c.lur} {
			if !strings.HasSuffix(url, want) || (url == "") != (want == "") {
				t.Errorf("%s: the notice %q does not end in %q", name, url, want)
			}
		}
	}
}

// TestProtocol12WhatBillsIsASettingPerFormat: point 12. Only what bills has
// the billing URL, and each URL's token says what bills.
func TestProtocol12WhatBillsIsASettingPerFormat(t *testing.T) {
	w := newWorld(t)
	w.speak("generic-2.6", func(e *campaign.Exchange) { e.AudioBilling = campaign.BillOnWin })
	w.open(0)
	ex, _ := w.catalog.Load().Exchange([]byte("alpha"))
	for kind, want := range map[openrtb.MarkupType]event.Kind{
		openrtb.MarkupBanner: event.KindBilling, openrtb.MarkupNative: event.KindBilling,
		openrtb.MarkupVideo: event.KindImpression, openrtb.MarkupAudio: event.KindWin,
	} {
		c := openrtb.CreativeConfig{Type: kind, ID: "1"}
		switch kind {
		case openrtb.MarkupBanner:
			c.Markup = "<b>x</b>"
		case openrtb.MarkupVideo, openrtb.MarkupAudio:
			c.Markup = `<VAST version="4.2"><Ad><InLine><Impression><![CDATA[${PIXEL_URL}]]></Impression></InLine></Ad></VAST>`
		}
		wire, err := openrtb.NewCreativeWire(c)
		if err != nil {
			t.Fatal(err)
		}
		a := &auction{b: w.bidder, scratch: newScratch()}
		a.ex, a.req = ex, new(openrtb.Request)
		bid, token := openrtb.Bid{Creative: wire}, openrtb.Token{Bid: event.NewBidID(7, 1), Issued: noon}
		a.addURLs(&bid, &token)
		if token.BillingEvent != want || (len(bid.BURL) > 0) != (want == event.KindBilling) || len(bid.Pixel) == 0 {
			t.Errorf("markup type %d: %v bills, want %v; billing URL %q", kind, token.BillingEvent, want, bid.BURL)
		}
	}
}

func TestSeatsAreTheAdvertisers(t *testing.T) {
	w := newWorld(t)
	w.speak("generic-2.6", func(e *campaign.Exchange) {
		e.AdvertiserSeats = []campaign.AdvertiserSeat{{AdvertiserID: 1, Seat: "seat-9"}}
	})
	w.item("2", nil)
	w.open(money.Unit)
	for rest, want := range map[string]bool{`}`: true, `,"wseat":["seat-9"]}`: true, `,"bseat":["seat-9"]}`: false, `,"wseat":["seat-1"]}`: false} {
		r := w.post(strings.TrimSuffix(plain, "}") + rest)
		if got := bytes.Contains(r.Body(), []byte(`"seat":"seat-9"`)); got != want {
			t.Errorf("%s: %s", rest, r.Body())
		}
	}
}

func TestMoreThanTheExchangesRateIsThrottled(t *testing.T) {
	w := newWorld(t)
	w.speak("generic-2.6", func(e *campaign.Exchange) { e.MaxQPS = 1 })
	w.item("2", nil)
	w.open(money.Unit)
	bids := 0
	for range 5 {
		bids += len(w.bids(w.post(plain)))
	}
	if n := w.noBids("alpha", openrtb.Throttled); bids == 0 || n < 3 || bids+int(n) != 5 {
		t.Errorf("%d bids and %v throttled of 5", bids, n)
	}
}

func TestDefaultTMaxIsTheFormats(t *testing.T) {
	w := newWorld(t)
	w.speak("generic-2.6", func(e *campaign.Exchange) {
		e.DefaultTMax, e.VideoTMax, e.AudioTMax = 100*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond
	})
	w.open(0)
	a := &auction{b: w.bidder}
	a.ex, _ = w.catalog.Load().Exchange([]byte("alpha"))
	banner, video, audio := openrtb.Imp{Banner: &openrtb.Banner{}}, openrtb.Imp{Video: &openrtb.Video{}}, openrtb.Imp{Audio: &openrtb.Audio{}}
	for want, imps := range map[time.Duration][]openrtb.Imp{100: {banner, video}, 200: {video, video}, 300: {audio}} {
		a.req = &openrtb.Request{Imps: imps}
		if got := a.defaultTMax(); got != want*time.Millisecond {
			t.Errorf("%v, want %d ms", got, want)
		}
	}
}

// An exchange that gave the creative an id of its own is told that one,
// whether or not it gets adid else; others get ours or none.
func TestCreativesHaveTheExchangesID(t *testing.T) {
	for preset, ours := range map[string]string{"generic-2.6": "1", "google": ""} {
		for id, want := range map[string]string{`c-"7`: `c-"7`, "": ours} {
			w := newWorld(t)
			w.speak(preset, func(e *campaign.Exchange) {
				if ours == "" {
					e.ResponseFields = []string{"mtype"}
				}
			})
			w.item("2", func(_ *campaign.LineItem, c *campaign.Creative) {
				c.Approvals = []campaign.Approval{{ExchangeID: 2, State: campaign.Approved, CreativeID: "other"}, {ExchangeID: 1, State: campaign.Approved, CreativeID: id}}
			})
			w.open(money.Unit)
			r := w.post(plain)
			bids := w.bids(r)
			if len(bids) != 1 || bids[0].AdID != want || bids[0].CrID != "1" || bytes.Count(r.Body(), []byte(`"adid"`)) > 1 {
				t.Errorf("%s, %q: %s; want adid %q", preset, id, r.Body(), want)
			}
		}
	}
}
