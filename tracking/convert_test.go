package tracking

import (
	"bytes"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

const conversionKey = "tc_of_advertiser_1"

// measuring makes advertisers 1 and 2 measure conversions.
func measuring(c *Config) {
	c.OrderSecret = bytes.Repeat([]byte{7}, 32)
	c.Advertiser = func(id event.AdvertiserID) (campaign.Advertiser, bool) {
		key := map[event.AdvertiserID]string{1: conversionKey, 2: "tc_of_advertiser_2"}[id]
		return campaign.Advertiser{ID: id, Currency: "EUR", Conversions: campaign.Conversions{
			ClickParameter: "tclid", WindowDays: 7, KeyHashes: [2]string{campaign.HashConversionKey(key)},
		}}, key != ""
	}
}

// click returns the id that a click on a bid carries to the landing page.
func (s *stage) click(t *openrtb.Token) string {
	s.t.Helper()
	to, err := url.Parse(string(s.want(302, "/n/click/"+s.seal(openrtb.ForClick, t)).Header.Peek("Location")))
	if err != nil {
		s.t.Fatal(err)
	}
	return to.Query().Get("tclid")
}

// post tells of an order as an advertiser's server.
func (s *stage) post(path, body, key string) int {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.Header.SetContentType("application/x-www-form-urlencoded")
	ctx.Request.SetRequestURI("http://notices.example.com" + path)
	ctx.Request.SetBodyString(body)
	if key != "" {
		ctx.Request.Header.Set("Authorization", "Bearer "+key)
	}
	s.tracker.Handle(&ctx)
	return ctx.Response.StatusCode()
}

func (s *stage) last() event.Event {
	s.t.Helper()
	all := s.log.Events()
	if len(all) == 0 {
		s.t.Fatal("the log is empty")
	}
	return all[len(all)-1]
}

func TestAClickCarriesItsIDToTheLandingPage(t *testing.T) {
	s := newStage(t, measuring)
	keptFor := func(u audience.Use) func(*openrtb.Token) {
		return func(t *openrtb.Token) { t.UserKey[len(t.UserKey)-1] = 1 << u }
	}
	if id := s.click(token(1)); id == "" {
		t.Error("a click that may be measured carries no id")
	}
	for name, change := range map[string]func(*openrtb.Token){
		"without a user key":                 func(t *openrtb.Token) { t.UserKey = nil },
		"kept for frequency alone":           keptFor(audience.CapFrequency),
		"a test":                             func(t *openrtb.Token) { t.Test = true },
		"long past":                          func(t *openrtb.Token) { t.Issued = noon.AddDate(0, -2, 0) },
		"of an advertiser that is not known": func(t *openrtb.Token) { t.Advertiser = 9 },
	} {
		if id := s.click(token(2, change)); id != "" {
			t.Errorf("%s: a click carries an id", name)
		}
	}
}

func TestParametersAreAddedAndNothingElseChanges(t *testing.T) {
	for _, c := range [][2]string{
		{"https://example.com", "https://example.com?tclid=x"},
		{"https://example.com/a", "https://example.com/a?tclid=x"},
		{"https://example.com/a?", "https://example.com/a?tclid=x"},
		{"https://example.com/a?b=%20c+d&e", "https://example.com/a?b=%20c+d&e&tclid=x"},
		{"https://example.com/a?b=1&", "https://example.com/a?b=1&tclid=x"},
		{"https://example.com/a#top?b=1", "https://example.com/a?tclid=x#top?b=1"},
		{"https://example.com/?u=https://other.example.com/?q#", "https://example.com/?u=https://other.example.com/?q&tclid=x#"},
	} {
		if got := addParameter(c[0], "tclid", "x"); got != c[1] {
			t.Errorf("%s becomes %s, want %s", c[0], got, c[1])
		}
		if got := addParameter(c[0], "", ""); got != c[0] {
			t.Errorf("%s becomes %s without a parameter", c[0], got)
		}
	}
}

func TestOrdersBecomeEvents(t *testing.T) {
	// given a click a minute after the bid, and an order an hour later
	s := newStage(t, measuring)
	tok := token(1)
	s.clock.Advance(time.Minute)
	id := s.click(tok)
	s.clock.Advance(time.Hour)
	want := event.Event{
		Kind: event.KindConversion, Bid: tok.Bid, IssuedAt: noon, ClickedAt: noon.Add(time.Minute),
		OccurredAt: s.clock.Now(), ReceivedAt: s.clock.Now(),
		Exchange: 3, Advertiser: 1, Campaign: 2, LineItem: 4, Creative: 5, ImpIndex: 1,
		Currency: "EUR", OrderValue: 79*money.Unit + 9*money.Unit/10, UserKey: tok.UserKey,
		CatalogVersion: 8, MultiplierVersion: 9,
	}

	// when a browser tells of it, then it is a pixel and not verified
	r := s.want(200, "/n/convert/"+id+"?order=A-17&value=79.90&currency=eur")
	if string(r.Header.ContentType()) != "image/gif" {
		t.Errorf("the pixel is %s", r.Header.ContentType())
	}
	got := s.last()
	order := got.Order
	if want.Order = order; len(order) != 16 || !reflect.DeepEqual(got, want) {
		t.Errorf("event is\n%+v, want\n%+v", got, want)
	}

	// when the server tells of it, then it is the same order, verified
	for _, told := range [][2]string{{"?order=A-17&value=79.90", ""}, {"", "order=A-17&value=79.90"}} {
		if status := s.post("/n/convert/"+id+told[0], told[1], conversionKey); status != 200 {
			t.Fatalf("the server is answered %d", status)
		}
		want.Verified = true
		if got := s.last(); !reflect.DeepEqual(got, want) {
			t.Errorf("event is\n%+v, want\n%+v", got, want)
		}
	}

	// the same id of another advertiser is another order
	other := s.click(token(2, func(t *openrtb.Token) { t.Advertiser = 2 }))
	s.want(200, "/n/convert/"+other+"?order=A-17")
	if got := s.last(); bytes.Equal(got.Order, order) || bytes.Contains(got.Order, []byte("A-17")) {
		t.Errorf("the other's order is %x, this one's %x", got.Order, order)
	}
}

func TestOrdersCountWithinTheWindow(t *testing.T) {
	s := newStage(t, measuring)
	id := s.click(token(1))
	s.clock.Advance(7 * 24 * time.Hour)
	s.want(200, "/n/convert/"+id+"?order=1")
	if s.last().Expired {
		t.Error("an order within the window does not count")
	}
	s.clock.Advance(time.Millisecond)
	s.want(200, "/n/convert/"+id+"?order=2")
	if !s.last().Expired {
		t.Error("an order after the window counts")
	}
}

// A second click on the same ad opens the window again, with an id of its own.
func TestEachClickHasItsID(t *testing.T) {
	s := newStage(t, measuring)
	first := s.click(token(1))
	s.clock.Advance(time.Hour)
	second := s.click(token(1))
	if first == second {
		t.Fatal("two clicks have one id")
	}
	for _, id := range []string{second, first} {
		s.want(200, "/n/convert/"+id+"?order=1")
	}
	all := s.log.Events()
	if a, b := all[len(all)-2].ClickedAt, all[len(all)-1].ClickedAt; a != noon.Add(time.Hour) || b != noon {
		t.Errorf("clicked at %v and %v", a, b)
	}
}

func TestHostileConversions(t *testing.T) {
	s := newStage(t, measuring)
	id := s.click(token(1))
	clicks := len(s.log.Events())
	forged := []byte(id)
	forged[len(forged)/2] ^= 1
	long := strings.Repeat("x", maxOrderID+1)
	for _, c := range []struct {
		name, path string
		status     int
	}{
		{"forged", "/n/convert/" + string(forged) + "?order=1", 400},
		{"cut", "/n/convert/" + id[:len(id)-1] + "?order=1", 400},
		{"a click's token", "/n/convert/" + s.seal(openrtb.ForClick, token(1)) + "?order=1", 400},
		{"a bill's token", "/n/convert/" + s.seal(openrtb.ForBilling, token(1)) + "?order=1", 400},
		{"a click id that would bill", "/n/bill/" + id + "?p=1", 400},
		{"a click id that would be a view", "/n/view/" + id, 400},
		{"a click id that would be a click", "/n/click/" + id, 400},
		{"no order", "/n/convert/" + id, 400},
		{"an empty order", "/n/convert/" + id + "?order=", 400},
		{"a long order", "/n/convert/" + id + "?order=" + long, 400},
		{"an order with a line break", "/n/convert/" + id + "?order=a%0Ab", 400},
		{"an order that is no text", "/n/convert/" + id + "?order=%FF", 400},
		{"below zero", "/n/convert/" + id + "?order=1&value=-1", 400},
		{"beyond all bounds", "/n/convert/" + id + "?order=1&value=99999999999999999999", 400},
		{"just beyond", "/n/convert/" + id + "?order=1&value=1000000000.000000001", 400},
		{"exponent", "/n/convert/" + id + "?order=1&value=1e18", 400},
		{"no number", "/n/convert/" + id + "?order=1&value=NaN", 400},
		{"another currency", "/n/convert/" + id + "?order=1&value=1&currency=IDR", 400},
		{"a long query", "/n/convert/" + id + "?order=1&x=" + strings.Repeat("x", maxQuery), 400},
		{"an advertiser that the catalog does not have yet", "/n/convert/" + s.conversion(token(3, func(t *openrtb.Token) { t.Advertiser = 9 })) + "?order=1", 503},
	} {
		r := s.want(c.status, c.path)
		if body := string(r.Body()); strings.Contains(body, long) || strings.Contains(body, id) {
			t.Errorf("%s: the answer repeats what was sent", c.name)
		}
	}
	for name, key := range map[string]string{
		"no key": "", "another advertiser's": "tc_of_advertiser_2", "half": conversionKey[:8], "the hash": campaign.HashConversionKey(conversionKey),
	} {
		if status := s.post("/n/convert/"+id, "order=1", key); status != 401 {
			t.Errorf("%s: a server is answered %d, want 401", name, status)
		}
	}
	if n := len(s.log.Events()) - clicks; n != 0 {
		t.Errorf("%d events are in the log, want none", n)
	}
	if n := s.metric("tangent_tracking_refused_total", map[string]string{"reason": "key"}); n != 4 {
		t.Errorf("%v keys were counted as refused, want 4", n)
	}
}

// conversion seals a click id.
func (s *stage) conversion(t *openrtb.Token) string {
	t.Clicked = t.Issued
	return s.seal(openrtb.ForConversion, t)
}

func TestNoConversionIsAnsweredBeforeItIsKept(t *testing.T) {
	s := newStage(t, measuring)
	id := s.click(token(1))
	s.log.Fail(errors.New("disk full"))
	s.want(503, "/n/convert/"+id+"?order=1")
	if status := s.post("/n/convert/"+id, "order=1", conversionKey); status != 503 {
		t.Errorf("the server is answered %d, want 503", status)
	}
}

// Whatever an advertiser's page or server sends, nothing panics, and what is
// kept is an order of that click, with a value that can be added up.
func FuzzConversion(f *testing.F) {
	for _, query := range []string{
		"order=A-17&value=79.90&currency=EUR", "order=%FF", "order=1&value=-1", "order=1&value=1e9", "value=1000000000&order=%00", "order=1&order=2&&=", "%",
	} {
		f.Add(query, true)
		f.Add(query, false)
	}
	s := newStage(f, measuring)
	id := s.click(token(1))
	f.Fuzz(func(t *testing.T, query string, server bool) {
		s := newStage(t, measuring)
		status := 0
		if server {
			status = s.post("/n/convert/"+id, query, conversionKey)
		} else {
			var ctx fasthttp.RequestCtx
			ctx.Request.SetRequestURI("/n/convert/" + id)
			ctx.Request.URI().SetQueryString(query)
			s.tracker.Handle(&ctx)
			status = ctx.Response.StatusCode()
		}
		all := s.log.Events()
		if status == 400 && len(all) == 0 {
			return
		}
		if status != 200 || len(all) != 1 {
			t.Fatalf("answers %d with %d events", status, len(all))
		}
		e := all[0]
		if e.Bid != token(1).Bid || e.Billable || e.Nodes != nil || e.Verified != server || len(e.Order) != 16 || e.OrderValue < 0 || e.OrderValue > money.Cap {
			t.Fatalf("leaves %+v", e)
		}
	})
}
