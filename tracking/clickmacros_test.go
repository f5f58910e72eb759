package tracking

import (
	"strconv"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Given a banner whose clicks go through two trackers, when one is clicked, then
// both know which of our ads it was, however deep they stand; what only the
// request said stays.
func TestChainedClickTrackersKnowTheAd(t *testing.T) {
	c := campaign.Creative{LandingURL: "https://shop.example.com/?c=${CREATIVE_ID}", ClickTrackers: []string{
		"https://a.example.net/?l=${LINE_ITEM_ID}&g=${GDPR}&to=${LANDING_URL_ENC}",
		"https://b.example.net/?i=${CAMPAIGN_ID}&cb=${CACHEBUSTER}&to=${LANDING_URL_ENC}",
	}}
	tok := token(1)
	digits := strconv.FormatUint(openrtb.CacheBuster(tok.Bid), 10)
	got := fillMacros(c.ClickTarget(), tok)
	for _, want := range []string{
		"l=" + strconv.FormatInt(int64(tok.LineItem), 10) + "&g=${GDPR}",
		"i%3D" + strconv.FormatInt(int64(tok.Campaign), 10), "cb%3D" + digits, "c%253D" + strconv.FormatInt(int64(tok.Creative), 10),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if plain := "https://shop.example.com/a?b=%24%7B#c"; fillMacros(plain, tok) != plain {
		t.Errorf("%s becomes %s", plain, fillMacros(plain, tok))
	}
}
