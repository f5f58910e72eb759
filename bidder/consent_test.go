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

// An address tells who somebody is as well as a point does. Without the opt-in
// it is known by its network: ranges that are narrower include nobody, and
// exclude whoever may be in them.
func TestProtocol10AnAddressIsItsNetworkWithoutOptIn(t *testing.T) {
	for _, c := range []struct {
		name             string
		list             campaign.List[string]
		device           string
		precise, network bool // whether there is a bid with the opt-in, and without
	}{
		{"one address", campaign.List[string]{Include: []string{"203.0.113.7/32"}}, `"ip":"203.0.113.7"`, true, false},
		{"half a network", campaign.List[string]{Include: []string{"203.0.113.0/25"}}, `"ip":"203.0.113.7"`, true, false},
		{"a network", campaign.List[string]{Include: []string{"203.0.113.0/24"}}, `"ip":"203.0.113.7"`, true, true},
		{"another network", campaign.List[string]{Include: []string{"203.0.112.0/24"}}, `"ip":"203.0.113.7"`, false, false},
		{"one address less", campaign.List[string]{Exclude: []string{"203.0.113.7/32"}}, `"ip":"203.0.113.7"`, false, false},
		{"the neighbour less", campaign.List[string]{Exclude: []string{"203.0.113.8/32"}}, `"ip":"203.0.113.7"`, true, false},
		{"another network less", campaign.List[string]{Exclude: []string{"203.0.112.0/24"}}, `"ip":"203.0.113.7"`, true, true},
		{"IPv6", campaign.List[string]{Include: []string{"2001:db8:1:2::/64"}}, `"ipv6":"2001:db8:1:2::3"`, true, false},
		{"an IPv6 network", campaign.List[string]{Include: []string{"2001:db8:1::/48"}}, `"ipv6":"2001:db8:1:2::3"`, true, true},
		{"either address", campaign.List[string]{Include: []string{"2001:db8:1::/48"}}, `"ip":"203.0.113.7","ipv6":"2001:db8:1:2::3"`, true, true},
		{"either address less", campaign.List[string]{Exclude: []string{"2001:db8:1::/48"}}, `"ip":"203.0.113.7","ipv6":"2001:db8:1:2::3"`, false, false},
		{"no address", campaign.List[string]{Include: []string{"0.0.0.0/0", "::/0"}}, `"os":"iOS"`, false, false},
		{"no address less", campaign.List[string]{Exclude: []string{"0.0.0.0/0", "::/0"}}, `"os":"iOS"`, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, ask := european(t)
			w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.IPRanges = c.list })
			w.open(money.Unit)
			if got := len(ask(consentWithPlace, "},"+c.device+`,"ext":{`)) == 1; got != c.precise {
				t.Errorf("with an opt-in: a bid %v, want %v", got, c.precise)
			}
			if got := len(ask(consentNoPlace, "},"+c.device+`,"ext":{`)) == 1; got != c.network {
				t.Errorf("without: a bid %v, want %v", got, c.network)
			}
		})
	}
}

// Of a postal code that may be a street's only the area is used without the
// opt-in.
func TestProtocol10APostalCodeIsItsAreaWithoutOptIn(t *testing.T) {
	for zip, bids := range map[string][2]int{"GBR-SW1A 1AA": {1, 0}, "GBR-SW1A": {1, 1}} {
		w, _ := european(t)
		w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Zips.Include = []string{zip} })
		w.open(money.Unit)
		there := strings.Replace(plain, `"geo":{"country":"USA"}`, `"geo":{"country":"GBR","zip":"SW1A 1AA"}`, 1)
		for i, consent := range []string{consentWithPlace, consentNoPlace} {
			body := strings.Replace(there, `"user":{"id":"u1"}`, `"regs":{"gdpr":1},"user":{"consent":"`+consent+`"}`, 1)
			if got := w.bids(w.post(body)); len(got) != bids[i] {
				t.Errorf("%s, opted in %v: %d bids, want %d", zip, i == 0, len(got), bids[i])
			}
		}
	}
}

// Of a user who has opted out nothing goes into tokens, and what the request
// says of him is not used. Nor where nobody knows whether he has.
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

	for _, err := range []error{nil, audience.ErrCorrupt} { // read, and not marked
		w.people.err = err
		if price, key := view(); price != 3 || len(key) == 0 {
			t.Errorf("%v: a bid of %v with a key of %d bytes, want 3 with one", err, price, len(key))
		}
	}
	for _, err := range []error{audience.ErrOptedOut, audience.ErrTimeout, audience.ErrBusy, audience.ErrDown, audience.ErrRedis, audience.ErrClosed, audience.ErrNoPermit} {
		w.people.err = err
		if price, key := view(); price != 2 || len(key) != 0 {
			t.Errorf("%v: a bid of %v with a key of %d bytes, want 2 without", err, price, len(key))
		}
	}
}
