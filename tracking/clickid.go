package tracking

import (
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// clickID returns the name and the text of the id that a click carries to the
// landing page, by which a later order is known to come from it. There is none
// where the advertiser measures nothing, or the person did not allow to be
// measured.
func (t *Tracker) clickID(click *openrtb.Token, now time.Time) (name, id string) {
	if t.Advertiser == nil || click.Test || now.Sub(click.Issued) > event.MaxBillAge {
		return "", ""
	}
	if _, permit, ok := audience.ParseKeptKey(click.UserKey); !ok || !permit.Allows(audience.Measure) {
		return "", ""
	}
	a, ok := t.Advertiser(click.Advertiser)
	if !ok || a.Conversions.ClickParameter == "" {
		return "", ""
	}
	// Without budgets and prices: it goes to the advertiser's page, and could
	// move no money even if it were taken for another token.
	token := openrtb.Token{
		Bid: click.Bid, Imp: click.Imp, Issued: click.Issued, Clicked: now,
		Exchange: click.Exchange, Advertiser: click.Advertiser, Campaign: click.Campaign, LineItem: click.LineItem, Creative: click.Creative,
		CatalogVersion: click.CatalogVersion, MultiplierVersion: click.MultiplierVersion,
		Arm: click.Arm, Deal: click.Deal, UserKey: click.UserKey,
	}
	return a.Conversions.ClickParameter, string(t.Tokens.Seal(nil, openrtb.ForConversion, &token))
}

// addParameter adds a parameter to the query of a URL and leaves all else as
// it is. Name and value need no escaping. One of the same name is the landing
// page's own affair: ours comes last.
func addParameter(url, name, value string) string {
	if name == "" {
		return url
	}
	url, fragment, hasFragment := strings.Cut(url, "#")
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
		if strings.HasSuffix(url, "?") || strings.HasSuffix(url, "&") {
			separator = ""
		}
	}
	url += separator + name + "=" + value
	if hasFragment {
		url += "#" + fragment
	}
	return url
}
