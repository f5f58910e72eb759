package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// The whole way of the money: a campaign is set up through the API and an
// audience imported, an exchange asks and gets a bid, tells what became of it,
// and the advertiser sees what was booked.
func TestFromBidRequestToDelivery(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	segments := func(li *v1.LineItemSpec) { li.Targeting.Segments.Include = append(li.Targeting.Segments.Include, 7) }
	li := w.item(o, 2*money.Unit, segments)
	if err := w.app.ImportAudience(t.Context(), strings.NewReader("walker,7,30d\n")); err != nil {
		t.Fatal(err)
	}

	// Given a user in the segment and one who is not.
	bid := w.buy("alpha", request("walker", ""))
	if other, _ := w.ask("alpha", request("stranger", "")); other != nil {
		t.Errorf("a bid for a user outside the segment: %+v", other)
	}
	if bid.Price != 2 || bid.ImpID != "1" || bid.CrID == "" || bid.CID == "" || len(bid.ADomain) != 1 || bid.W != 300 || bid.H != 250 {
		t.Errorf("the bid is %+v", bid.Bid)
	}

	// When it wins at 1.234567 CPM, is shown and clicked.
	w.tell(expand(bid.NURL, "1.234567"), 200)
	w.tell(expand(bid.BURL, "1.234567"), 200)
	w.tell(expand(bid.pixel, "1.234567"), 200)
	r, err := w.http.Get(bid.click)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if to := r.Header.Get("Location"); r.StatusCode != http.StatusFound || to != "https://example.com/boots" {
		t.Errorf("the click leads to %q, %d", to, r.StatusCode)
	}

	// Then exactly one impression is booked.
	got := w.accounts(o.campaign.ID)
	if got.Booked != 1_234_567 || got.Disputed != 0 || got.Overrun != 0 || got.Budget != 100*money.Unit {
		t.Errorf("delivery is %+v, want 1234567 nanos booked", got)
	}
	if d, err := w.api.LineItemDelivery(t.Context(), li.ID); err != nil || d.Currency != "USD" {
		t.Errorf("delivery of the line item: %+v, %v", d, err)
	}
	for _, kind := range []string{"win", "billing", "impression", "click"} {
		if n := w.metric("tangent_tracking_notices_total", "exchange", "alpha", "kind", kind, "outcome", "kept"); n != 1 {
			t.Errorf("%v notices of kind %s, want 1", n, kind)
		}
	}
}

// Impressions at 0.30 CPM are 300,000 nanos each, and at what they clear below
// it, each is exact: no price is rounded, and no sum drifts.
func TestToyCheck03SpendIsExactToTheNano(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: money.Unit})
	w.item(o, 3*money.Unit/10, nil)
	var want money.Nanos
	for i := range 30 {
		bid := w.buy("alpha", floored(request("u", ""), "0.3"))
		if bid.Price != 0.30 {
			t.Fatalf("the bid is %v CPM", bid.Price)
		}
		price, nanos := "0.30", money.Nanos(300_000)
		if i%3 == 1 {
			price, nanos = "0.299999", 299_999
		}
		w.tell(expand(bid.BURL, price), 200)
		want += nanos
	}
	if got := w.accounts(o.campaign.ID); got.Booked != want || got.Disputed != 0 || got.Overrun != 0 {
		t.Errorf("delivery is %+v, want %d nanos booked", got, want)
	}
}

// Check 4: each notice is sent three times, in an order of its own, 45 minutes
// late, with Redis down for a while, and books what its exchange's billing
// event says: once, never above the bid.
func TestToyCheck04NoticesBookExactlyOnce(t *testing.T) {
	anchor, origin := time.Now(), time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *app.Config) { c.MarketAnchor, c.MarketOrigin, c.MarketSpeed = anchor, origin, 1 })
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	const bidPrice = 2_000_000 // nanos: an impression at 2 CPM
	w.buy("alpha", request("u", ""))

	cases := []struct {
		name, exchange, price string
		booked, disputed      money.Nanos
	}{
		{"burl bills", "alpha", "1.5", 1_500_000, 0},
		{"pixel bills", "beta", "1.5", 1_500_000, 0},
		{"nurl bills", "gamma", "1.5", 1_500_000, 0},
		{"to the nano", "alpha", "0.000001", 1, 0},
		{"at the bid", "alpha", "2", bidPrice, 0},
		{"above the bid", "alpha", "3.25", bidPrice, 1_250_000},
		{"audit", "alpha", "AUDIT", 0, 0},
		{"audit by pixel", "beta", "AUDIT", 0, 0},
		{"not expanded", "alpha", "${AUCTION_PRICE}", bidPrice, 0},
		{"empty", "alpha", "", bidPrice, 0},
		{"negative", "alpha", "-1", bidPrice, 0},
		{"garbage", "alpha", "free%20today", bidPrice, 0},
		{"zero", "alpha", "0", 0, 0},
	}
	bids := make([]*sold, len(cases))
	for i, c := range cases {
		bids[i] = w.buy(c.exchange, request("u", ""))
	}
	w.end()
	w.cfg.MarketOrigin = origin.Add(45 * time.Minute)
	w.start()
	for i, c := range cases {
		switch i {
		case 3:
			w.redis.Kill()
		case 9:
			if err := w.redis.Restart(); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			before, bid := w.accounts(o.campaign.ID), bids[i]
			for _, url := range []string{bid.pixel, bid.BURL, bid.NURL, bid.BURL, bid.NURL, bid.pixel, bid.NURL, bid.pixel, bid.BURL} {
				if url != "" { // only alpha has a burl
					w.tell(expand(url, c.price), 200)
				}
			}
			after := w.accounts(o.campaign.ID)
			if got := after.Booked - before.Booked; got != c.booked {
				t.Errorf("booked %d nanos, want %d", got, c.booked)
			}
			if got := after.Disputed - before.Disputed; got != c.disputed {
				t.Errorf("disputed %d nanos, want %d", got, c.disputed)
			}
		})
	}
	w.t = t
}

// Check 5: what an exchange bills beyond the budget is recorded, not refused:
// the bills of three bids, after the budget was cut to one.
func TestToyCheck05SpendBeyondTheBudgetIsRecorded(t *testing.T) {
	const price = 2_000_000 // nanos: an impression at 2 CPM
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	bids := []*sold{w.buy("alpha", request("u", "")), w.buy("alpha", request("u", "")), w.buy("alpha", request("u", ""))}
	if _, err := w.api.Campaigns.Update(t.Context(), o.campaign.ID, map[string]any{"budget": map[string]any{"lifetime": "0.002"}}); err != nil {
		t.Fatal(err)
	}
	for _, bid := range bids {
		w.tell(expand(bid.BURL, "2"), 200)
	}
	if got := w.accounts(o.campaign.ID); got.Budget != price || got.Booked != 3*price || got.Overrun != 2*price {
		t.Errorf("%+v, want %d booked, %d of it overrun", got, 3*price, 2*price)
	}
}

func TestTestRequestsAreNeverBilled(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	for _, exchange := range []string{"alpha", "beta", "gamma"} {
		bid := w.buy(exchange, request("u", `,"test":1`))
		w.tell(expand(bid.NURL, "1.5"), 200)
		w.tell(expand(bid.pixel, "1.5"), 200)
		if bid.BURL != "" {
			w.tell(expand(bid.BURL, "1.5"), 200)
		}
	}
	if got := w.accounts(o.campaign.ID); got.Booked != 0 || got.Disputed != 0 {
		t.Errorf("tests booked %+v", got)
	}
}

// Tokens that are not ours for the route are refused and move no money.
func TestForgedTokensMoveNoMoney(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	bid := w.buy("alpha", request("u", ""))
	before, token, _ := strings.Cut(bid.BURL, "/n/bill/")
	token, query, _ := strings.Cut(token, "?")
	base := before + "/n/bill/"
	_, view, _ := strings.Cut(bid.pixel, "/n/view/")
	view, _, _ = strings.Cut(view, "?")
	_, click, _ := strings.Cut(bid.click, "/n/click/")
	click, _, _ = strings.Cut(click, "?")
	_, win, _ := strings.Cut(bid.NURL, "/n/win/")
	win, _, _ = strings.Cut(win, "?")
	_, loss, _ := strings.Cut(bid.LURL, "/n/loss/")
	loss, _, _ = strings.Cut(loss, "?")

	// A token that another installation sealed over the same bid.
	foreign, err := openrtb.NewKeyring([]openrtb.Key{{ID: 1, Secret: make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	sealed := string(foreign.Seal(nil, openrtb.ForBilling, &openrtb.Token{Price: 2_000_000, Currency: [3]byte{'U', 'S', 'D'}}))

	flip := func(i int) string {
		b := []byte(token)
		if b[i] != 'A' {
			b[i] = 'A'
		} else {
			b[i] = 'B'
		}
		return string(b)
	}
	bad := map[string]string{
		"empty": "", "cut by one": token[:len(token)-1], "cut in half": token[:len(token)/2], "longer": token + "A",
		"first byte": flip(0), "nonce": flip(8), "middle": flip(len(token) / 2), "end": flip(len(token) - 2),
		"a browser's": view, "a click's": click, "a win's": win, "a loss's": loss, "foreign": sealed, "not base64": "%21%21", "long": strings.Repeat("A", 3000),
	}
	for name, forged := range bad {
		if status, _ := w.get(base + forged + "?" + expand(query, "1.5")); status != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", name, status)
		}
	}
	if got := w.accounts(o.campaign.ID); got.Booked != 0 || got.Disputed != 0 {
		t.Errorf("forged tokens booked %+v", got)
	}
	if n := w.metric("tangent_tracking_refused_total", "reason", "token"); int(n) != len(bad) {
		t.Errorf("%v tokens were counted as refused, want %d", n, len(bad))
	}

	// The real one still works.
	w.tell(expand(bid.BURL, "1.5"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != 1_500_000 {
		t.Errorf("booked %d nanos, want 1500000", got.Booked)
	}
}
