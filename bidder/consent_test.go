package bidder

import (
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// European strings that consent for vendor 42 to purposes and special feature 1.
const (
	consentNoCaps    = "CQSU_AAQSU_AAEsABBENBkEgALAAAP___wYgAVAAAAAAAQAqgAgAqAAA" // 1, 3 and 4: not 2, by which exposures are counted
	consentNoPlace   = "CQSU_AAQSU_AAEsABBENBkEgAPIAAP___wYgAVAAAAAAAQAqgAgAqAAA" // 1, 2, 3, 4 and 7
	consentWithPlace = "CQSU_AAQSU_AAEsABBENBkEoAPIAAP___wYgAVAAAAAAAQAqgAgAqAAA" // the same and precise location
)

// european is a world under a vendor id, and bids of a request that says more
// in device.geo.
func european(t *testing.T) (w *world, ask func(consent, place string) []float64) {
	w = newWorld(t)
	gate, err := audience.NewGate(audience.GateConfig{VendorID: 42})
	if err != nil {
		t.Fatal(err)
	}
	w.bidder.Gate = gate
	return w, func(consent, place string) (prices []float64) {
		t.Helper()
		body := strings.Replace(plain, `"user":{"id":"u1"}`, `"regs":{"gdpr":1},"user":{"id":"u1","consent":"`+consent+`"}`, 1)
		body = strings.Replace(body, `"geo":{"country":"USA"}`, `"geo":{"country":"DEU"`+place+`}`, 1)
		for _, b := range w.bids(w.post(body)) {
			prices = append(prices, b.Price)
		}
		return prices
	}
}

// Who may be shown what he likes, but whose exposures may not be counted, sees
// no ad that has a cap: nobody knows whether the cap is reached.
func TestProtocol10NoCapWithoutCounting(t *testing.T) {
	w, ask := european(t)
	w.people.segments = []event.SegmentID{5}
	w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, Window: time.Hour}}
	})
	w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Segments.Include = []event.SegmentID{5}
	})
	w.open(money.Unit)

	if got := ask(consentWithPlace, ""); len(got) != 1 || got[0] != 3 {
		t.Errorf("with consent to everything: bids of %v, want 3", got)
	}
	if got := ask(consentNoCaps, ""); len(got) != 1 || got[0] != 2 {
		t.Errorf("without purpose 2: bids of %v, want 2, by the line item that has no cap", got)
	}
}

// A point that the user has not opted in to tell is known to the nearest
// cells of a grid only.
func TestProtocol10APlaceIsCoarseWithoutOptIn(t *testing.T) {
	w, ask := european(t)
	w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Areas.Include = []campaign.Area{{Lat: 52.501, Lon: 13.401, RadiusKM: 0.5}}
	})
	w.open(money.Unit)
	const here = `,"lat":52.501,"lon":13.401,"type":1,"accuracy":20`

	if got := ask(consentWithPlace, here); len(got) != 1 {
		t.Errorf("with an opt-in: bids of %v, want one", got)
	}
	if got := ask(consentNoPlace, here); len(got) != 0 {
		t.Errorf("without: bids of %v, want none", got)
	}
}

// Of a user who has opted out nothing goes into tokens, and what the request
// says of him is not used.
func TestAnOptedOutUserIsNobody(t *testing.T) {
	w := newWorld(t)
	w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Ages.Min = 18 })
	w.item("2", nil)
	w.open(money.Unit)
	body := strings.Replace(plain, `"user":{"id":"u1"}`, `"user":{"id":"u1","yob":1980}`, 1)
	view := func() (price float64, key []byte) {
		t.Helper()
		bids := w.bids(w.post(body))
		if len(bids) != 1 {
			t.Fatalf("bids %+v", bids)
		}
		var token openrtb.Token
		_, text, _ := strings.Cut(bids[0].AdM, "/n/view/")
		if err := w.tokens.Open(openrtb.ForView, []byte(text[:strings.IndexAny(text, `"?`)]), &token); err != nil {
			t.Fatal(err)
		}
		return bids[0].Price, token.UserKey
	}

	if price, key := view(); price != 3 || len(key) == 0 {
		t.Errorf("before: a bid of %v with a key of %d bytes, want 3 with one", price, len(key))
	}
	w.people.err = audience.ErrOptedOut
	if price, key := view(); price != 2 || len(key) != 0 {
		t.Errorf("after: a bid of %v with a key of %d bytes, want 2 without", price, len(key))
	}
}
