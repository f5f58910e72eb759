package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

const week = 7 * 24 * 3600

// follow clicks on an ad and returns the URL of the landing page.
func (w *world) follow(bid *sold) *url.URL {
	w.t.Helper()
	r, err := w.http.Get(bid.click)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Body.Close()
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil || r.StatusCode != http.StatusFound {
		w.t.Fatalf("the click is answered %d, %v", r.StatusCode, err)
	}
	return to
}

// order tells of an order as the advertiser's server and returns the status.
func (w *world) order(click, form, key string) int {
	w.t.Helper()
	q, err := http.NewRequestWithContext(w.t.Context(), "POST", w.app.URL()+"/n/convert/"+click, strings.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Authorization", "Bearer "+key)
	r, err := w.http.Do(q)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r.StatusCode
}

// leavesAlone waits until a line item does not bid for a user any more, by its
// recency, and goes on bidding for another.
func (w *world) leavesAlone(user string, reason openrtb.Reason) {
	w.t.Helper()
	w.await("no more bids for "+user, func() bool {
		s, _ := w.ask("alpha", request(user, ""))
		return s == nil && w.metric("tangent_bidder_refusals_total", "reason", reason.String()) > 0
	})
	for range 10 {
		if s, _ := w.ask("alpha", request(user, "")); s != nil {
			w.t.Fatalf("a bid for %s, who should be left alone", user)
		}
	}
	w.buy("alpha", request("somebody-else", ""))
}

// The closed loop: an ad is clicked, the advertiser's server tells of the
// order, the report has it, and the buyer is left alone.
func TestBuyersAreLeftAlone(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	li := w.item(o, 2*money.Unit, func(li *v1.LineItemSpec) {
		li.Targeting.Recency.Exclude = []campaign.Recency{{Did: campaign.TouchConversion, Level: campaign.CapAdvertiser, WithinSeconds: week}}
	})
	bid := w.buy("alpha", request("walker", ""))
	if to := w.follow(bid); to.RawQuery != "" {
		t.Fatalf("before conversions are measured a click leads to %s", to)
	}
	if _, err := w.api.Advertisers.Update(t.Context(), o.advertiser.ID, map[string]any{"conversions": map[string]any{"click_parameter": "tclid"}}); err != nil {
		t.Fatal(err)
	}
	key, err := w.api.NewConversionKey(t.Context(), o.advertiser.ID)
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.api.Advertisers.Create(t.Context(), v1.AdvertiserSpec{Name: "Example Hats", TimeZone: "UTC", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	others, err := w.api.NewConversionKey(t.Context(), other.ID)
	if err != nil {
		t.Fatal(err)
	}

	// Given a user who saw the ad and clicked.
	w.tell(expand(bid.pixel, "1.5"), 200)
	var click string
	w.await("a click id", func() bool {
		to := w.follow(bid)
		click = to.Query().Get("tclid")
		to.RawQuery = ""
		if to.String() != "https://example.com/boots" {
			t.Fatalf("the click leads to %s", to)
		}
		return click != ""
	})
	w.buy("alpha", request("walker", ""))

	// When the page tells of an order, and the server of the same with another
	// value, again and again, and of a second one; and somebody without the key.
	for range 3 {
		w.tell(w.app.URL()+"/n/convert/"+click+"?order=A-17&value=1&currency=USD", 200)
		w.await("the key is known", func() bool { return w.order(click, "order=A-17&value=79.90", key.Key) == 200 })
		w.tell(w.app.URL()+"/n/convert/"+click+"?order=A-18&value=1000000", 200)
	}
	for _, wrong := range []string{others.Key, "", "tc_", key.Key[:20]} {
		if status := w.order(click, "order=A-19&value=1", wrong); status != http.StatusUnauthorized {
			t.Errorf("a wrong key is answered %d", status)
		}
	}

	// Then each order counts once, as who told it best says, no budget moves,
	// and the line item does not bid for the buyer.
	before := w.accounts(o.campaign.ID)
	if before.Booked != 0 {
		t.Errorf("orders booked %d nanos", before.Booked)
	}
	d, err := w.api.LineItemDelivery(t.Context(), li.ID)
	want := v1.ConversionSums{Verified: 1, VerifiedValue: 79*money.Unit + 9*money.Unit/10, Unverified: 1, UnverifiedValue: 1e6 * money.Unit}
	if err != nil || d.Conversions != want {
		t.Errorf("the report says %+v, %v; want %+v", d.Conversions, err, want)
	}
	if d, err := w.api.CampaignDelivery(t.Context(), o.campaign.ID); err != nil || d.Conversions != want {
		t.Errorf("the campaign's report says %+v, %v; want %+v", d.Conversions, err, want)
	}
	w.leavesAlone("walker", openrtb.WrongRecency)
}

// What a user saw and did last keeps line items away for a while; caps of an
// advertiser count the impressions of all its campaigns.
func TestRecencyAndAdvertiserCaps(t *testing.T) {
	recency := func(r campaign.Recency) func(*v1.LineItemSpec) {
		return func(li *v1.LineItemSpec) { li.Targeting.Recency.Exclude = append(li.Targeting.Recency.Exclude, r) }
	}
	for _, c := range []struct {
		name   string
		change func(*v1.LineItemSpec)
		clicks bool
		reason openrtb.Reason
	}{
		{"a minimum gap between impressions", recency(campaign.Recency{Did: campaign.TouchImpression, Level: campaign.CapLineItem, WithinSeconds: 3600}), false, openrtb.WrongRecency},
		{"who clicked is left alone", recency(campaign.Recency{Did: campaign.TouchClick, Level: campaign.CapCampaign, WithinSeconds: week}), true, openrtb.WrongRecency},
		{"a cap of the advertiser", func(li *v1.LineItemSpec) {
			li.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapAdvertiser, Impressions: 2, WindowSeconds: 3600}}
		}, false, openrtb.FrequencyCapped},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
			w.item(o, 2*money.Unit, c.change)
			bid := w.buy("alpha", request("walker", ""))
			switch {
			case c.clicks: // seen is not enough
				w.tell(expand(bid.pixel, "1.5"), 200)
				bid = w.buy("alpha", request("walker", ""))
				w.follow(bid)
			case c.reason == openrtb.FrequencyCapped:
				w.tell(expand(bid.pixel, "1.5"), 200)
				w.tell(expand(bid.pixel, "1.5"), 200) // the same impression
				second, err := w.api.Campaigns.Create(t.Context(), v1.CampaignSpec{AdvertiserID: o.advertiser.ID, Name: "Hats", Budget: v1.Budget{Lifetime: 100 * money.Unit}})
				if err != nil {
					t.Fatal(err)
				}
				w.item(&order{o.advertiser, second}, 4*money.Unit, c.change)
				w.await("the other campaign's bid", func() bool {
					bid, _ = w.ask("alpha", request("walker", ""))
					return bid != nil && bid.Price == 4
				})
				w.tell(expand(bid.pixel, "3"), 200)
			default:
				w.tell(expand(bid.pixel, "1.5"), 200)
			}
			w.leavesAlone("walker", c.reason)
		})
	}
}

// Check 11, after the auction: of a user who refused us the notices carry
// nothing, the audience keeps nothing, the landing page hears nothing, and no
// log has the id.
func TestToyCheck11NothingIsKeptOfAUserWhoRefused(t *testing.T) {
	const refuses = "CQQuz8AQQuz8AEsABBENBkEgAP_gAAAAAAYgABiAAAAA" // consent to all purposes, and to vendor 3
	w := newWorld(t, func(c *app.Config) { c.VendorID = 42 })
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	if _, err := w.api.Advertisers.Update(t.Context(), o.advertiser.ID, map[string]any{"conversions": map[string]any{"click_parameter": "tclid"}}); err != nil {
		t.Fatal(err)
	}
	// Until the change has arrived, clicks of people who allow it carry no id.
	w.await("click ids", func() bool { return w.follow(w.buy("alpha", request("willing", ""))).RawQuery != "" })
	c := w.redis.Client()
	defer c.Close()
	w.await("the click of the willing one is kept", func() bool { return c.DBSize(t.Context()).Val() == 1 })

	refused := strings.Replace(request("refusing-person", ""), `"user":{`, `"regs":{"gdpr":1},"user":{"consent":"`+refuses+`",`, 1)
	bid := w.buy("alpha", refused)
	w.tell(expand(bid.pixel, "1.5"), 200)
	if to := w.follow(bid); to.RawQuery != "" {
		t.Errorf("the click leads to %s", to)
	}
	// What comes later is kept later; of a user whom Redis was too late to know, not at all.
	w.await("what was told is kept", func() bool {
		w.tell(expand(w.buy("alpha", request("willing-too", "")).pixel, "1.5"), 200)
		return c.DBSize(t.Context()).Val() == 2
	})
	for _, secret := range []string{"refusing-person", refuses} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}
