package openrtb

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// ${CLICK_URL_ENC} survives a query of another's redirect, whatever is in our
// URL; ${CLICK_URL} is it as it is.
func TestClickMacros(t *testing.T) {
	for _, click := range []string{"https://dsp.example.com/n/click/AbC-_9", "https://dsp.example.com/n?a=1&b=%20c+d#e", "https://dsp.example.com/${AUCTION_PRICE}/ü"} {
		m, err := CompileMarkup(`<a href="https://other.example/?to=${CLICK_URL_ENC}&x=1">${CLICK_URL}</a>`)
		if err != nil {
			t.Fatal(err)
		}
		var html string
		if err := json.Unmarshal([]byte(`"`+string(m.Append(nil, &Bid{Click: []byte(click)}))+`"`), &html); err != nil {
			t.Fatal(err)
		}
		link, rest, _ := strings.Cut(strings.TrimPrefix(html, `<a href="`), `">`)
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if q := u.Query(); q.Get("to") != click || q.Get("x") != "1" || len(q) != 2 {
			t.Errorf("another's redirect leads to %v, want %s", q, click)
		}
		if plain := strings.TrimSuffix(rest, "</a>"); plain != click {
			t.Errorf("${CLICK_URL} is %s, want %s", plain, click)
		}
	}
}
