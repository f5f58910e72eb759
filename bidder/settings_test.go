package bidder

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// shownElsewhere is which settings the answer to one request cannot show, and
// what does.
var shownElsewhere = map[string]string{
	"ID":            "TestPresetsOnTheWire", // what all else hangs on
	"Preset":        "TestPresetsOnTheWire", // what the others began as
	"PriceEncoding": "TestProtocol11EncryptedPricesAreBooked",
	"Domain":        "TestRequestsAreRefusedForTheirSupply",
	"NoShading":     "not yet: this bidder has no shader to switch off",
	"MaxQPS":        "TestMoreThanTheExchangesRateIsThrottled",
}

// setting is one of an exchange's, a request, and what the answer then has that
// it had not before, or has no more.
type setting struct {
	field   string
	set     func(*campaign.Exchange)
	request string
	shows   string
	hides   string
}

// Every setting of an exchange shows in what it is answered, or in what the
// bid's token says; each row would fail if its setting were ignored.
func TestExchangeSettingsEachShow(t *testing.T) {
	private := strings.Replace(plain, `"bidfloor":0.1`, `"bidfloor":0.1,"pmp":{"deals":[{"id":"d","bidfloor":0.1}]}`, 1)
	rows := []setting{
		{"Name", func(e *campaign.Exchange) { e.Name = "other" }, plain, `404 `, ``},
		{"Status", func(e *campaign.Exchange) { e.Status = campaign.Paused }, plain, `404 `, ``},
		{"Seat", func(e *campaign.Exchange) { e.Seat = "seat-7" }, plain, `"seat":"seat-7"`, ``},
		{"Currency", func(e *campaign.Exchange) { e.Currency = "EUR" }, strings.Replace(plain, `"USD"`, `"USD","EUR"`, 1), `"cur":"EUR"`, ``},
		{"OtherCurrencies", func(e *campaign.Exchange) { e.OtherCurrencies = []string{"EUR"} }, strings.Replace(plain, `"USD"`, `"EUR"`, 1), `"cur":"EUR"`, ``},
		{"BillingEvent", func(e *campaign.Exchange) { e.BillingEvent = campaign.BillOnWin }, plain, ``, `"burl"`},
		{"VideoBilling", func(e *campaign.Exchange) { e.VideoBilling = campaign.BillOnBilling }, taking(aVideo), `"burl"`, ``},
		{"AudioBilling", func(e *campaign.Exchange) { e.AudioBilling = campaign.BillOnBilling }, taking(anAudio), `"burl"`, ``},
		{"NoBid", func(e *campaign.Exchange) { e.NoBid = campaign.NoBidEmpty }, strings.Replace(plain, `"w":300`, `"w":1`, 1), `"seatbid":[]`, ``},
		{"DefaultTMax", func(e *campaign.Exchange) { e.DefaultTMax = e.NetworkMargin + time.Millisecond }, plain, `204 `, ``},
		{"VideoTMax", func(e *campaign.Exchange) { e.VideoTMax = e.NetworkMargin + time.Millisecond }, taking(aVideo), `204 `, ``},
		{"AudioTMax", func(e *campaign.Exchange) { e.AudioTMax = e.NetworkMargin + time.Millisecond }, taking(anAudio), `204 `, ``},
		{"NetworkMargin", func(e *campaign.Exchange) { e.NetworkMargin = e.DefaultTMax - time.Millisecond }, plain, `204 `, ``},
		{"WinDeadline", func(e *campaign.Exchange) { e.WinDeadline = 10 * time.Minute }, plain, `horizon=11m0s`, ``},
		{"Horizon", func(e *campaign.Exchange) { e.Horizon, e.WinDeadline = 30*time.Second, 10*time.Second }, plain, `"exp":30,`, ``},
		{"Version", func(e *campaign.Exchange) { e.Version = "2.4" }, plain, `version=2.4`, ``},
		{"AuctionDefault", func(e *campaign.Exchange) { e.AuctionDefault = campaign.FirstPrice }, strings.Replace(plain, `,"at":1`, ``, 1), `kind=1`, ``},
		{"AuctionTypes", func(e *campaign.Exchange) {
			e.AuctionTypes = []campaign.AuctionType{{At: 501, As: campaign.SecondPrice}}
		}, strings.Replace(plain, `"at":1`, `"at":501`, 1), `kind=2`, ``},
		{"PriceMacro", func(e *campaign.Exchange) { e.PriceMacro = "${AUCTION_PRICE:B64}" }, plain, `?p=${AUCTION_PRICE:B64}`, ``},
		{"CurrencyMacro", func(e *campaign.Exchange) { e.CurrencyMacro = false }, plain, ``, `${AUCTION_CURRENCY}`},
		{"MinToWin", func(e *campaign.Exchange) { e.MinToWin = false }, plain, ``, `${AUCTION_MIN_TO_WIN}`},
		{"WinNotices", func(e *campaign.Exchange) { e.WinNotices = false }, plain, ``, `"nurl"`},
		{"LossNotices", func(e *campaign.Exchange) { e.LossNotices = false }, plain, ``, `"lurl"`},
		{"AdvertiserSeats", func(e *campaign.Exchange) {
			e.AdvertiserSeats = []campaign.AdvertiserSeat{{AdvertiserID: 1, Seat: "seat-9"}}
		}, plain, `"seat":"seat-9"`, ``},
		{"CategoryTaxonomy", func(e *campaign.Exchange) { e.CategoryTaxonomy, e.ResponseFields = 6, nil }, plain, ``, `"cat":["IAB18-4"]`},
		{"Gzip", func(e *campaign.Exchange) { e.Gzip = false }, plain, ``, `encoding=gzip`},
		{"NativeForm", func(e *campaign.Exchange) { e.NativeForm = campaign.NativeADM }, taking(aNative), `"adm_native":{`, ``},
		{"NativeWrapped", func(e *campaign.Exchange) { e.NativeWrapped = true }, taking(aNative), `{\"native\":{`, ``},
		{"RequiresApproval", func(e *campaign.Exchange) { e.RequiresApproval = true }, plain, `204 `, ``},
		{"SeveralBidsPerImp", func(e *campaign.Exchange) { e.SeveralBidsPerImp = true }, private, `bids=2`, ``},
		{"DryRun", func(e *campaign.Exchange) { e.DryRun = true }, plain, `204 `, ``},
	}
	for _, name := range openrtb.Generic26().Fields.Names() {
		if name == "nurl" || name == "burl" || name == "lurl" {
			continue // settings of their own
		}
		request := map[string]string{"dur": taking(aVideo), "protocol": taking(aVideo), "slotinpod": taking(strings.Replace(aVideo, `"video":{`, `"video":{"slotinpod":1,`, 1)),
			"cattax": strings.TrimSuffix(plain, "}") + `,"cattax":6}`}[name]
		if request == "" {
			request = plain
		}
		rows = append(rows, setting{"ResponseFields", func(e *campaign.Exchange) {
			var others []string
			for _, f := range e.ResponseFields {
				if f != name {
					others = append(others, f)
				}
			}
			e.ResponseFields = others
		}, request, ``, `"` + name + `":`})
	}
	told := map[string]bool{}
	for _, row := range rows {
		told[row.field] = true
		without, with := answerUnder(t, nil, row.request), answerUnder(t, row.set, row.request)
		text, before, after := row.shows, without, with
		if text == "" {
			text, before, after = row.hides, with, without
		}
		if strings.Contains(before, text) || !strings.Contains(after, text) {
			t.Errorf("%s: %s makes no difference:\nwithout %s\nwith    %s", row.field, text, without, with)
		}
	}
	for _, of := range []reflect.Type{reflect.TypeFor[campaign.Exchange](), reflect.TypeFor[campaign.Dialect]()} {
		for i := range of.NumField() {
			if f := of.Field(i).Name; f != "Dialect" && told[f] == (shownElsewhere[f] != "") {
				t.Errorf("%s must have a row, or be shown elsewhere", f)
			}
		}
	}
}

var tokenOf = regexp.MustCompile(`/n/view/([A-Za-z0-9_-]+)`)

// answerUnder returns all that an exchange with a setting sees of an answer:
// status, headers, body, and what the first bid's token says.
func answerUnder(t *testing.T, set func(*campaign.Exchange), request string) string {
	t.Helper()
	w := newWorld(t)
	w.changes.RateTables = newWorld(t).inEuro().changes.RateTables
	w.speak("generic-2.6", set)
	w.item("4", func(_ *campaign.LineItem, c *campaign.Creative) {
		c.APIs, c.Language, c.AppBundle = []int{7}, "de", "com.example.app"
		c.Markup, c.ImageURL = "", "https://cdn.example.com/"+strings.Repeat("a", leastPacked)
	})
	w.item("3", of(campaign.FormatVideo, 15))
	w.item("3", of(campaign.FormatAudio, 15))
	w.item("3", of(campaign.FormatNative, 0))
	w.open(money.Unit)
	request = strings.Replace(request, `"h":250}`, `"h":250,"api":[7]}`, 1)
	r := w.postTo("alpha", request, nil)
	packed := w.postTo("alpha", request, func(r *fasthttp.Request) { r.Header.Set("Accept-Encoding", "gzip") })
	s := fmt.Sprintf("%d version=%s encoding=%s bids=%d %s", r.StatusCode(), r.Header.Peek("X-Openrtb-Version"), packed.Header.Peek("Content-Encoding"),
		strings.Count(string(r.Body()), `"impid"`), r.Body())
	var token openrtb.Token
	if m := tokenOf.FindSubmatch(r.Body()); m != nil {
		if err := w.tokens.Open(openrtb.ForView, m[1], &token); err != nil {
			t.Fatal(err)
		}
	}
	return s + fmt.Sprintf(" horizon=%v kind=%d", token.Horizon, token.AuctionType)
}
