package loadtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/money"
)

func TestMacrosExpand(t *testing.T) {
	m := macros{auction: "r1", bid: "x", imp: "2", seat: "s", ad: "a",
		price: 1234567, minToWin: 1200 * money.Micro, loss: 102, at: 1767225600000}
	for text, want := range map[string]string{
		"":                 "",
		"http://h/p":       "http://h/p",
		"${AUCTION_PRICE}": "1.234567",
		"a${AUCTION_ID}b":  "ar1b",
		"${AUCTION_BID_ID}${AUCTION_IMP_ID}${AUCTION_SEAT_ID}${AUCTION_AD_ID}": "x2sa",
		"c=${AUCTION_CURRENCY}&l=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}":      "c=USD&l=102&m=1.2",
		"${AUCTION_MBR}|${AUCTION_DISCOUNT_PCT}|${AUCTION_DISCOUNT_CPM}":       "||",
		"${AUCTION_MULTIPLIER}@${AUCTION_IMP_TS}":                              "1@1767225600000",
		"${AUCTION_PRICE:B64}${AUCTION_OTHER}${CLICK_URL}":                     "${AUCTION_PRICE:B64}${AUCTION_OTHER}${CLICK_URL}",
		"x${AUCTION_PRICE": "x${AUCTION_PRICE",
	} {
		if got := m.expand(text); got != want {
			t.Errorf("expand(%q) = %q, want %q", text, got, want)
		}
	}
	m.price = -1
	if got := m.expand("p=${AUCTION_PRICE}&"); got != "p=&" {
		t.Errorf("a price that is not told became %q", got)
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("http://h/?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}${AUCTION_")
	f.Fuzz(func(t *testing.T, text string) {
		got := (&macros{price: 5}).expand(text)
		if !strings.Contains(text, "${AUCTION_") && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func TestAttributesAreFound(t *testing.T) {
	for _, tt := range []struct {
		markup string
		want   []string
	}{
		{``, nil},
		{`<img src="a">`, []string{"a"}},
		{`<IMG width=1 SRC='a&amp;b' />text<img alt="x>y" src="c"/>`, []string{"a&b", "c"}},
		{`<image src="a"><img data-src="b"><img><img src=c><img src="`, nil},
		{`<a href="x"><img src="y"></a>`, []string{"y"}},
		{`< img src="a"><<img src="b">`, []string{"b"}},
	} {
		if got := slices.Collect(attributes(tt.markup, "img", "src")); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.markup, got, tt.want)
		}
	}
}

func FuzzAttributes(f *testing.F) {
	f.Add(`<a href="x"><img src='y' alt=""></a>`)
	f.Add(`<img =src"`)
	f.Fuzz(func(t *testing.T, markup string) {
		for v := range attributes(markup, "img", "src") {
			if v == "" {
				t.Error("an empty value")
			}
		}
	})
}
