package openrtb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prebid/openrtb/v20/openrtb2"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"pgregory.net/rapid"
)

func testCreative(t testing.TB) *CreativeWire {
	wire, err := NewCreativeWire(CreativeConfig{
		ID: "44", CampaignID: "222", Domains: []string{"brand.example"}, Categories: []string{"IAB3-1"}, Attributes: []int{1, 2},
		Size:   Size{300, 250},
		Markup: `<a href="${CLICK_URL}" target="_blank"><img src="https://cdn.example/44.png?cb=${CACHEBUSTER}" width="300" height="250"></a>`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func testResponse(t testing.TB) *Response {
	token := strings.Repeat("Ab3-", 43)
	dialect := PrebidStyle()
	dialect.MinToWin, dialect.Loss = true, true
	queries := dialect.Queries()
	return &Response{
		RequestID: []byte("4be1c2c0-7a11"), BidID: event.NewBidID(7, 1), Seat: "tangent", Currency: "USD",
		Bids: []Bid{{
			ID: event.NewBidID(7, 1), ImpID: []byte("1"), Price: 1_250_000, Creative: testCreative(t), Exp: 300,
			NURL:  []byte("https://t.example/n/win/" + token + queries.Win),
			BURL:  []byte("https://t.example/n/bill/" + token + queries.Billing),
			LURL:  []byte("https://t.example/n/loss/" + token + queries.Loss),
			Pixel: []byte("https://t.example/n/view/" + token + queries.View),
			Click: []byte("https://t.example/n/click/" + token),
		}},
	}
}

// parseResponse reads a response as an exchange would.
func parseResponse(t testing.TB, text []byte) openrtb2.BidResponse {
	t.Helper()
	var r openrtb2.BidResponse
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil || d.More() {
		t.Fatalf("%v in %s", err, text)
	}
	return r
}

func TestAppendResponse(t *testing.T) {
	got := parseResponse(t, AppendResponse(nil, testResponse(t)))
	if got.ID != "4be1c2c0-7a11" || got.Cur != "USD" || got.SeatBid[0].Seat != "tangent" || len(got.SeatBid[0].Bid) != 1 {
		t.Fatalf("got %+v", got)
	}
	b := got.SeatBid[0].Bid[0]
	if b.Price != 1.25 || b.ImpID != "1" || b.CrID != "44" || b.AdID != "44" || b.CID != "222" || b.ADomain[0] != "brand.example" ||
		b.Cat[0] != "IAB3-1" || b.Attr[1] != 2 || b.W != 300 || b.H != 250 || b.MType != openrtb2.MarkupBanner || b.Exp != 300 {
		t.Errorf("got %+v", b)
	}
	if !strings.HasSuffix(b.BURL, "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}&m=${AUCTION_MIN_TO_WIN}") {
		t.Errorf("the macros did not survive: %s", b.BURL)
	}
	if b.DealID != "" || !strings.Contains(b.LURL, "&l=${AUCTION_LOSS}") {
		t.Errorf("got deal %q, loss %s", b.DealID, b.LURL)
	}
	if strings.Contains(b.AdM, "${CLICK_URL}") || !strings.Contains(b.AdM, `<a href="https://t.example/n/click/`) ||
		strings.Contains(b.AdM, "CACHEBUSTER") || !strings.HasSuffix(b.AdM, `style="display:none">`) {
		t.Errorf("got markup %s", b.AdM)
	}
}

// anyText draws texts of everything that JSON must escape, and bytes that are
// not UTF-8.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune("\"\\\x00\x1f\n\t</>&\u2028\u00e9😀${}a"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

// asSent is what a text is after a JSON round trip.
func asSent(s string) string {
	var b strings.Builder
	for _, r := range s { // each bad byte gives U+FFFD
		b.WriteRune(r)
	}
	return b.String()
}

func TestResponsesAreJSONWhateverTheyHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string { return anyText().Draw(t, name) }
		markup := text("markup")
		config := CreativeConfig{
			ID: text("crid"), CampaignID: text("cid"), Domains: rapid.SliceOf(anyText()).Draw(t, "adomain"),
			Categories: rapid.SliceOf(anyText()).Draw(t, "cat"), Attributes: rapid.SliceOf(rapid.IntRange(0, 20)).Draw(t, "attr"),
			Size: Size{rapid.IntRange(0, 4000).Draw(t, "w"), 50}, Markup: markup,
		}
		wire, err := NewCreativeWire(config)
		if !utf8.ValidString(markup) || strings.TrimSpace(markup) == "" {
			if err == nil {
				t.Fatal("bad markup was taken")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		r := Response{RequestID: []byte(text("id")), Seat: text("seat"), Currency: text("cur"), BidID: event.NewBidID(0, rapid.Uint64Range(0, 1).Draw(t, "bidid"))}
		for range rapid.IntRange(1, 3).Draw(t, "bids") {
			r.Bids = append(r.Bids, Bid{
				ID: event.NewBidID(1, 2), ImpID: []byte(text("impid")), Price: money.Nanos(rapid.Int64Range(1, 1e12).Draw(t, "price")), Creative: wire,
				Exp: rapid.IntRange(0, 9).Draw(t, "exp"), NURL: []byte(text("nurl")), BURL: []byte(text("burl")), LURL: []byte(text("lurl")),
				Pixel: []byte(text("pixel")), Click: []byte(text("click")), DealID: []byte(text("deal")),
			})
		}
		var got openrtb2.BidResponse
		encoded := AppendResponse([]byte{}, &r)
		if err := json.Unmarshal(encoded, &got); err != nil || !utf8.Valid(encoded) {
			t.Fatalf("%v in %q", err, encoded)
		}
		check := func(name, got, want string) {
			if got != asSent(want) {
				t.Fatalf("%s: got %q, want %q", name, got, want)
			}
		}
		check("id", got.ID, string(r.RequestID))
		check("cur", got.Cur, r.Currency)
		check("seat", got.SeatBid[0].Seat, r.Seat)
		for i, b := range got.SeatBid[0].Bid {
			want := r.Bids[i]
			check("impid", b.ImpID, string(want.ImpID))
			check("nurl", b.NURL, string(want.NURL))
			check("burl", b.BURL, string(want.BURL))
			check("lurl", b.LURL, string(want.LURL))
			check("dealid", b.DealID, string(want.DealID))
			check("crid", b.CrID, config.ID)
			check("cid", b.CID, config.CampaignID)
			if !slices.EqualFunc(b.ADomain, config.Domains, func(a, b string) bool { return a == asSent(b) }) {
				t.Fatalf("adomain: got %q", b.ADomain)
			}
			if price, err := money.ParseCPM(string(priceOf(t, encoded, i))); err != nil || price != want.Price {
				t.Fatalf("price: got %v, %v, want %v", price, err, want.Price)
			}
			adm := strings.ReplaceAll(config.Markup, "${CLICK_URL}", asSent(string(want.Click)))
			adm = strings.ReplaceAll(adm, "${CACHEBUSTER}", fmt.Sprint(CacheBuster(want.ID)))
			if len(want.Pixel) > 0 {
				adm += `<img src="` + asSent(string(want.Pixel)) + `" width="1" height="1" alt="" style="display:none">`
			}
			check("adm", b.AdM, adm)
		}
	})
}

// priceOf returns the text of a bid's price.
func priceOf(t *rapid.T, response []byte, i int) json.Number {
	var r struct {
		SeatBid []struct{ Bid []struct{ Price json.Number } }
	}
	if err := json.Unmarshal(response, &r); err != nil {
		t.Fatal(err)
	}
	return r.SeatBid[0].Bid[i].Price
}

func TestMarkupKeepsForeignMacros(t *testing.T) {
	m, err := CompileMarkup("${CLICK_URL}${CLICK_URL}`${x}` ${AUCTION_ID} ${CLICK_URL ${CACHEBUSTER}")
	if err != nil {
		t.Fatal(err)
	}
	got := string(m.Append(nil, &Bid{Click: []byte("U")}))
	if want := "UU`${x}` ${AUCTION_ID} ${CLICK_URL " + fmt.Sprint(CacheBuster(event.BidID{})); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCacheBustersDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for i := range uint64(10_000) {
		n := CacheBuster(event.NewBidID(i%7, i))
		if seen[n] || n >= 1<<53 {
			t.Fatalf("bid %d: %d", i, n)
		}
		seen[n] = true
	}
}

func TestAppendNoBid(t *testing.T) {
	got := string(AppendNoBid(nil, []byte(`a"b`), NoTime))
	if want := `{"id":"a\"b","nbr":15}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	parseResponse(t, []byte(got))
}

func TestAppendResponseAllocatesNothing(t *testing.T) {
	r := testResponse(t)
	dst := AppendResponse(nil, r)
	if got := testing.AllocsPerRun(100, func() { dst = AppendResponse(dst[:0], r) }); got > 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}
