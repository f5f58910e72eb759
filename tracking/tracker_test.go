package tracking

import (
	"bytes"
	"errors"
	"image/gif"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

func TestNoticeBecomesEvent(t *testing.T) {
	// given a bid that left, and a billing notice 30 seconds later
	s := newStage(t)
	tok := token(1)
	s.clock.Advance(30 * time.Second)
	// when the exchange sends it
	r := s.want(200, "/n/bill/"+s.seal(openrtb.ForBilling, tok)+"?p=1.5&c=EUR&m=1.25")
	// then all that the token and the query say is in the log
	if len(r.Body()) != 0 {
		t.Errorf("body is %q, want none", r.Body())
	}
	e := s.only()
	want := event.Event{
		Kind: event.KindBilling, Bid: tok.Bid,
		OccurredAt: noon.Add(30 * time.Second), ReceivedAt: noon.Add(30 * time.Second), IssuedAt: noon,
		Exchange: 3, Advertiser: 1, Campaign: 2, LineItem: 4, Creative: 5, ImpIndex: 1,
		Nodes:    []event.NodePeriod{{Node: 21}, {Node: 22, Period: 20261201}},
		Currency: "EUR", BidPrice: 2_000_000, Price: 1_500_000, PriceState: event.PriceOK,
		Billable: true, Horizon: time.Hour, UserKey: tok.UserKey, MinToWin: 1_250_000,
		CatalogVersion: 8, MultiplierVersion: 9, PredictedValue: 2.5e6,
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("event is\n%+v, want\n%+v", e, want)
	}
	if got := s.metric("tangent_tracking_notices_total", map[string]string{"exchange": "3", "kind": "billing", "outcome": "kept"}); got != 1 {
		t.Errorf("%v notices were counted, want 1", got)
	}
}

// Check 6: bills on burl or impression, not on nurl unless that exchange does;
// the token carries the exchange's setting.
func TestToyCheck06WhichNoticeBills(t *testing.T) {
	billsBy := func(k event.Kind) func(*openrtb.Token) { return func(t *openrtb.Token) { t.BillingEvent = k } }
	test := func(t *openrtb.Token) { t.Test = true }
	issued := func(age time.Duration) func(*openrtb.Token) {
		return func(t *openrtb.Token) { t.Issued = noon.Add(-age) }
	}
	for _, c := range []struct {
		name          string
		route         string
		purpose       openrtb.Purpose
		change        []func(*openrtb.Token)
		query         string
		billable      bool
		late, expired bool
	}{
		{name: "billing notice", route: "bill", purpose: openrtb.ForBilling, query: "?p=1", billable: true},
		{name: "billing notice without a price", route: "bill", purpose: openrtb.ForBilling, billable: true},
		{name: "win notice where billing bills", route: "win", purpose: openrtb.ForAuction, query: "?p=1"},
		{name: "pixel where billing bills", route: "view", purpose: openrtb.ForView, query: "?p=1"},
		{name: "click", route: "click", purpose: openrtb.ForClick},
		{name: "loss", route: "loss", purpose: openrtb.ForAuction},
		{name: "win where win bills", route: "win", purpose: openrtb.ForAuction, change: []func(*openrtb.Token){billsBy(event.KindWin)}, billable: true},
		{name: "billing where win bills", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){billsBy(event.KindWin)}},
		{name: "pixel where pixel bills", route: "view", purpose: openrtb.ForView, change: []func(*openrtb.Token){billsBy(event.KindImpression)}, billable: true},
		{name: "test", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){test}, query: "?p=1"},
		{name: "audit", route: "bill", purpose: openrtb.ForBilling, query: "?p=AUDIT"},
		{name: "at the horizon", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){issued(time.Hour)}, billable: true},
		{name: "late", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){issued(time.Hour + time.Second)}, billable: true, late: true},
		{name: "30 days", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){issued(30 * 24 * time.Hour)}, billable: true, late: true},
		{name: "older", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){issued(30*24*time.Hour + time.Second)}, billable: true, expired: true},
		{name: "from a clock that is ahead", route: "bill", purpose: openrtb.ForBilling, change: []func(*openrtb.Token){issued(-time.Minute)}, billable: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			r := s.get("/n/" + c.route + "/" + s.seal(c.purpose, token(1, c.change...)) + c.query)
			if r.StatusCode() >= 400 {
				t.Errorf("an authentic token met %d", r.StatusCode())
			}
			if e := s.only(); e.Billable != c.billable || e.Late != c.late || e.Expired != c.expired {
				t.Errorf("billable %t, late %t, expired %t; want %t, %t, %t", e.Billable, e.Late, e.Expired, c.billable, c.late, c.expired)
			}
		})
	}
}

func TestWhatTheQuerySays(t *testing.T) {
	for _, c := range []struct {
		query string
		price money.Nanos
		state event.PriceState
		loss  int32
		min   money.Nanos
	}{
		{"", 0, event.PriceMissing, 0, 0},
		{"?p=&c=&l=&m=", 0, event.PriceMissing, 0, 0},
		{"?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}&l=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}", 0, event.PriceUnexpanded, 0, 0},
		{"?p=%24%7BAUCTION_PRICE%7D&c=%24%7BAUCTION_CURRENCY%7D", 0, event.PriceUnexpanded, 0, 0},
		{"?p=AUDIT", 0, event.PriceAudit, 0, 0},
		{"?p=1.234567891&c=eur", 1_234_568, event.PriceOK, 0, 0},
		{"?p=3", 3_000_000, event.PriceOK, 0, 0}, // above the bid: booking's to dispute
		{"?p=1&c=USD&m=1", 0, event.PriceInvalid, 0, 0},
		{"?p=-1", 0, event.PriceInvalid, 0, 0},
		{"?p=NaN", 0, event.PriceInvalid, 0, 0},
		{"?p=0x10", 0, event.PriceInvalid, 0, 0},
		{"?p=99999999999999999999", 0, event.PriceInvalid, 0, 0},
		{"?p=1&p=2", 1_000_000, event.PriceOK, 0, 0}, // the first counts
		{"?p=1&l=102&m=0.75", 1_000_000, event.PriceOK, 102, 750_000},
		{"?l=-7", 0, event.PriceMissing, 0, 0},
		{"?l=99999999999", 0, event.PriceMissing, 0, 0},
		{"?p=1&x=" + strings.Repeat("x", maxQuery), 0, event.PriceInvalid, 0, 0},
		{"?%%%&&==&p", 0, event.PriceMissing, 0, 0},
	} {
		s := newStage(t)
		s.want(200, "/n/loss/"+s.seal(openrtb.ForAuction, token(1))+c.query)
		e := s.only()
		if e.Price != c.price || e.PriceState != c.state || e.LossReason != c.loss || e.MinToWin != c.min {
			t.Errorf("%.60s: price %v %v, loss %d, minimum %v; want %v %v, %d, %v",
				c.query, e.Price, e.PriceState, e.LossReason, e.MinToWin, c.price, c.state, c.loss, c.min)
		}
	}
}

func TestTokensAreForOnePurpose(t *testing.T) {
	routes := map[string][]openrtb.Purpose{
		"win": {openrtb.ForAuction}, "bill": {openrtb.ForBilling}, "loss": {openrtb.ForAuction},
		"view": {openrtb.ForView}, "click": {openrtb.ForClick},
	}
	for route, allowed := range routes {
		for _, p := range []openrtb.Purpose{openrtb.ForBilling, openrtb.ForView, openrtb.ForClick, openrtb.ForConversion, openrtb.ForAuction} {
			s := newStage(t)
			r := s.get("/n/" + route + "/" + s.seal(p, token(1)) + "?p=1")
			fits := p == allowed[0]
			if refused := r.StatusCode() == 400; refused == fits || len(s.log.Events()) == 1 != fits {
				t.Errorf("%v token on %s answers %d with %d events", p, route, r.StatusCode(), len(s.log.Events()))
			}
		}
	}
}

func TestNothingForgedIsRecorded(t *testing.T) {
	s := newStage(t)
	good := s.seal(openrtb.ForBilling, token(1))
	foreign := string(keyring(t, 2).Seal(nil, openrtb.ForBilling, token(1)))
	bad := []string{"", "x", good[:len(good)-1], good + "A", good[1:], foreign, strings.ToLower(good), good + "/", "../" + good, strings.Repeat("A", 3000)}
	for i := 0; i < len(good); i += 7 {
		flipped := []byte(good)
		flipped[i] = 'A' + (flipped[i]-'A'+1)%26
		bad = append(bad, string(flipped))
	}
	for _, text := range bad {
		for _, route := range []string{"win", "bill", "loss", "view", "click"} {
			if r := s.get("/n/" + route + "/" + text + "?p=1"); r.StatusCode() != 400 && r.StatusCode() != 404 || len(r.Body()) > 0 {
				t.Errorf("%s of %.20q answers %d %q", route, text, r.StatusCode(), r.Body())
			}
		}
	}
	if n := len(s.log.Events()); n != 0 || len(s.holds.won)+len(s.holds.lost) != 0 {
		t.Errorf("%d forged events were recorded", n)
	}
	if s.metric("tangent_tracking_refused_total", map[string]string{"reason": "token"}) == 0 {
		t.Error("refused tokens were not counted")
	}
}

func TestWhatIsNotARoute(t *testing.T) {
	s := newStage(t)
	for _, path := range []string{"/", "/n", "/n/", "/n/win", "/n/pay/x", "/m/win/x", "/n/WIN/x"} {
		s.want(404, path)
	}
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI("http://notices.example.com/n/win/" + s.seal(openrtb.ForAuction, token(1)))
	ctx.Request.Header.SetMethod("DELETE")
	s.tracker.Handle(&ctx)
	if ctx.Response.StatusCode() != 405 || len(s.log.Events()) != 0 {
		t.Errorf("DELETE answers %d", ctx.Response.StatusCode())
	}
}

func TestPixel(t *testing.T) {
	s := newStage(t)
	r := s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(1)))
	img, err := gif.Decode(bytes.NewReader(r.Body()))
	if err != nil || img.Bounds().Dx() != 1 || img.Bounds().Dy() != 1 || len(r.Body()) != 43 {
		t.Fatalf("pixel of %d bytes: %v, %v", len(r.Body()), img, err)
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the pixel is not transparent")
	}
	if got := string(r.Header.Peek("Cache-Control")); !strings.Contains(got, "no-store") || string(r.Header.ContentType()) != "image/gif" {
		t.Errorf("headers are %s", &r.Header)
	}
}

func TestClickLeadsToTheCreative(t *testing.T) {
	s := newStage(t)
	// when somebody tries to choose where a click leads
	r := s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(1))+"?url=https://evil.example.net&r=https://evil.example.net")
	// then it leads to the creative's landing URL
	if got := string(r.Header.Peek("Location")); got != "https://shop.example.com/boots?from=ad&size=44" {
		t.Errorf("click leads to %q", got)
	}
	if e := s.only(); e.Kind != event.KindClick {
		t.Errorf("event is %v", e.Kind)
	}
	// and to nowhere if there is none, or it is no web address
	for _, id := range []event.CreativeID{6, 99} {
		r = s.want(404, "/n/click/"+s.seal(openrtb.ForClick, token(2, func(t *openrtb.Token) { t.Creative = id })))
		if got := r.Header.Peek("Location"); len(got) != 0 {
			t.Errorf("creative %d leads to %q", id, got)
		}
	}
}

func TestNothingIsAnsweredBeforeItIsKept(t *testing.T) {
	// given a log that does not take events
	s := newStage(t)
	s.log.Fail(errors.New("disk full"))
	for route, p := range map[string]openrtb.Purpose{
		"win": openrtb.ForAuction, "bill": openrtb.ForBilling, "loss": openrtb.ForAuction, "view": openrtb.ForView,
	} {
		// then notices are asked for again, and nobody is told
		r := s.want(503, "/n/"+route+"/"+s.seal(p, token(1))+"?p=1")
		if len(r.Header.Peek("Retry-After")) == 0 || len(r.Body()) != 0 {
			t.Errorf("%s: headers are %s, body %q", route, &r.Header, r.Body())
		}
	}
	if len(s.holds.won)+len(s.holds.lost) != 0 {
		t.Error("the bidder heard of a notice that is not durable")
	}
	// but a person who clicked arrives, and the loss is counted
	s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(1)))
	if got := s.metric("tangent_tracking_notices_total", map[string]string{"kind": "click", "outcome": "lost"}); got != 1 {
		t.Errorf("%v lost clicks were counted, want 1", got)
	}
	// and once the log is back, so are notices
	s.log.Fail(nil)
	s.want(200, "/n/win/"+s.seal(openrtb.ForAuction, token(1))+"?p=1")
}

func TestTheOwnerOfABidIsTold(t *testing.T) {
	s := newStage(t)
	send := func(route, query string, change ...func(*openrtb.Token)) {
		purpose := openrtb.ForAuction
		if route == "bill" {
			purpose = openrtb.ForBilling
		}
		s.want(200, "/n/"+route+"/"+s.seal(purpose, token(uint64(len(s.log.Events())+1), change...))+query)
	}
	send("win", "?p=1.5")
	send("win", "")
	send("loss", "?l=102")
	send("bill", "?p=1.5")
	send("win", "?p=AUDIT")
	send("win", "?p=1", func(t *openrtb.Token) { t.Test = true })
	elsewhere := event.NewBidID(incarnation+1, 1) // whoever routes it knows the way
	send("win", "?p=1", func(t *openrtb.Token) { t.Bid = elsewhere })
	send("win", "?p=1", func(t *openrtb.Token) { t.CostHeld = t.Price + 300_000 }) // with fees
	want := map[event.BidID]money.Nanos{event.NewBidID(incarnation, 1): 1_500_000, event.NewBidID(incarnation, 2): -1, elsewhere: 1_000_000,
		event.NewBidID(incarnation, 8): 1_300_000}
	if !maps.Equal(s.holds.won, want) {
		t.Errorf("told of wins %v, want %v", s.holds.won, want)
	}
	if len(s.holds.lost) != 1 || s.holds.lost[0] != event.NewBidID(incarnation, 3) {
		t.Errorf("told of losses %v, want bid 3", s.holds.lost)
	}
}

func TestNewWantsWhatItNeeds(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a tracker of nothing was made")
	}
	s := newStage(t)
	if _, err := New(s.tracker.Config); err == nil {
		t.Error("two trackers share a metrics registry")
	}
}

// A win that is told in another currency lowers the hold by the bid's own rate,
// and not at all where that is not known any more.
func TestWonPriceIsConvertedByTheBidsRate(t *testing.T) {
	halves := func(_ *openrtb.Token, price money.Nanos) (money.Nanos, bool) { return (price + 1) / 2, true }
	for name, c := range map[string]struct {
		table uint32
		cost  func(*openrtb.Token, money.Nanos) (money.Nanos, bool)
		query string
		want  money.Nanos
	}{
		"own currency":        {0, nil, "?p=1", 1_000_000 + 100},
		"converted":           {7, halves, "?p=1", 500_000 + 1_000_100},
		"above the bid":       {7, halves, "?p=9", 1_000_000 + 1_000_100},
		"no rate":             {7, func(*openrtb.Token, money.Nanos) (money.Nanos, bool) { return 0, false }, "?p=1", event.NoPrice},
		"nobody who converts": {7, nil, "?p=1", event.NoPrice},
		"no price":            {7, halves, "", event.NoPrice},
	} {
		s := newStage(t)
		s.tracker.MediaCost = c.cost
		s.get("/n/win/" + s.seal(openrtb.ForAuction, token(1, func(t *openrtb.Token) { t.RateID, t.CostHeld = c.table, 2_000_100 })) + c.query)
		if got, ok := s.holds.won[token(1).Bid]; !ok || got != c.want {
			t.Errorf("%s: the holder is told %v, want %d", name, got, c.want)
		}
	}
}

// What a showing costs is the price of an impression times what the exchange
// says it counted for, else what its request said; what is beyond the bid is
// disputed later.
func TestPricesAreOfTheWholeShowing(t *testing.T) {
	sold := map[string]event.Impressions{"p=2&q=2": 2_000_000} // at most the bid's
	for query, want := range map[string]money.Nanos{
		"p=2&q=2.5":                     5_000_000,
		"p=1.5&q=2.5":                   3_750_000,
		"p=2&q=2":                       4_000_000,
		"p=2&q=3":                       6_000_000,
		"p=2":                           5_000_000,
		"p=2&q=":                        5_000_000,
		"p=2&q=0":                       5_000_000,
		"p=2&q=-1":                      5_000_000,
		"p=2&q=${AUCTION_MULTIPLIER}":   5_000_000,
		"p=&q=2.5":                      0,
		"p=${AUCTION_PRICE}&q=2.5":      0,
		"p=2&q=2.5&c=USD":               0, // the bid is in EUR
		"p=1000000000000&q=1000000&m=1": 0, // no price
	} {
		s := newStage(t)
		tok := token(1, func(t *openrtb.Token) { t.Price, t.Quantity = 5_000_000, 2_500_000 })
		s.want(200, "/n/bill/"+s.seal(openrtb.ForBilling, tok)+"?"+query)
		e := s.only()
		if e.Price != want || e.BidPrice != 5_000_000 || !e.Billable {
			t.Errorf("%s: %v of %v, want %v", query, e.Price, e.BidPrice, want)
		}
		if e.Impressions != sold[query] && (sold[query] != 0 || e.Impressions != 2_500_000) {
			t.Errorf("%s: %v impressions are sold", query, e.Impressions)
		}
	}
	s := newStage(t)
	s.want(200, "/n/bill/"+s.seal(openrtb.ForBilling, token(1))+"?p=2&q=7")
	if e := s.only(); e.Price != 2_000_000 {
		t.Errorf("an impression costs %v: nobody was asked how many it is", e.Price)
	}
}

// Given win and loss notices that tell prices, when they are durable, then the
// bidder hears what they said of the auction, per impression and in its
// currency; a loss that no price would have changed says so; and the event says
// how the bid was made.
func TestTheBidderHearsOfTheAuction(t *testing.T) {
	for name, c := range map[string]struct {
		route, query string
		quantity     float64
		want         pacing.Heard
	}{
		"a win":                       {"win", "?p=1&m=0.75", 0, pacing.Heard{Price: 1_000_000, MinToWin: 750_000}},
		"a win of four impressions":   {"win", "?p=1&m=0.75", 4, pacing.Heard{Price: 1_000_000, MinToWin: 750_000}},
		"a win without prices":        {"win", "?p=&m=", 0, pacing.Heard{}},
		"outbid":                      {"loss", "?l=102&m=1.5", 0, pacing.Heard{MinToWin: 1_500_000}},
		"lost for the creative":       {"loss", "?l=202&m=1.5", 0, pacing.Heard{MinToWin: 1_500_000, Unpriced: true}},
		"prices of another currency":  {"loss", "?l=102&m=1.5&c=USD", 0, pacing.Heard{}},
		"the macros as they were set": {"loss", "?l=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}", 0, pacing.Heard{}},
	} {
		s := newStage(t)
		bid := token(1, func(t *openrtb.Token) {
			t.Arm, t.Landscape = 2, 77
			if c.quantity > 0 {
				t.Quantity = openrtb.QuantityOf(c.quantity)
			}
		})
		s.want(200, "/n/"+c.route+"/"+s.seal(openrtb.ForAuction, bid)+c.query)
		if e := s.only(); e.Arm != 2 || e.Landscape != 77 {
			t.Errorf("%s: the event says arm %d, context %d", name, e.Arm, e.Landscape)
		}
		if got, told := s.holds.heard[bid.Bid]; got != c.want || !told {
			t.Errorf("%s: heard %+v (%t), want %+v", name, got, told, c.want)
		}
	}
}
