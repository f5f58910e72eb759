package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

func TestBidCarriesWhatAnExchangeWants(t *testing.T) {
	// given a line item worth 2.50 CPM, bidding at half its value
	w := newWorld(t)
	id := w.item("2.50", nil)
	w.byItem[id] = 0.5
	w.open(money.Unit)

	// when an exchange asks
	resp := w.post(plain)
	bids := w.bids(resp)

	// then the bid is 1.25 CPM, with all that exchanges refuse bids without
	if len(bids) != 1 {
		t.Fatalf("%d bids; want 1: %s", len(bids), resp.Body())
	}
	b := bids[0]
	if b.ImpID != "i1" || b.Price != 1.25 || b.CrID == "" || b.CID != "1" || b.W != 300 || b.H != 250 ||
		len(b.ADomain) != 1 || b.ADomain[0] != "example.com" || len(b.Cat) != 1 {
		t.Errorf("bid %+v", b)
	}
	if v := resp.Header.Peek("X-Openrtb-Version"); string(v) != "2.6" {
		t.Errorf("version %q", v)
	}
	// and its notice token says what was held, for which day's budget
	var token openrtb.Token
	text := strings.TrimPrefix(b.BURL[:strings.IndexByte(b.BURL, '?')], "https://bid.example.com/n/bill/")
	if err := w.tokens.Open(openrtb.ForBilling, []byte(text), &token); err != nil {
		t.Fatalf("%v in %s", err, b.BURL)
	}
	want := event.NodePeriod{Node: 1, Period: 20261201}
	if token.Price != 1_250_000 || token.NodeCount != 1 || token.Nodes[0] != want || token.LineItem != id ||
		token.MultiplierVersion != 3 || token.PredictedValue != 2_500_000 || token.Bid.Incarnation() != 7 {
		t.Errorf("token %+v", token)
	}
	if got := w.holds.Account(want).Held; got != 1_250_000 {
		t.Errorf("held %d; want the bid price", got)
	}
}

func TestBrowsersGetTokensOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	for exchange, bills := range map[string]event.Kind{"alpha": event.KindBilling, "beta": event.KindImpression} {
		bid := w.bids(w.postTo(exchange, plain, nil))[0]
		from := strings.Index(bid.AdM, "https://bid.example.com/n/view/")
		if from < 0 {
			t.Fatalf("no pixel in %s", bid.AdM)
		}
		pixel := bid.AdM[from+len("https://bid.example.com/n/view/"):]
		pixel = pixel[:strings.IndexByte(pixel, '?')]
		var token openrtb.Token
		if w.tokens.Open(openrtb.ForBilling, []byte(pixel), &token) == nil {
			t.Errorf("%s: the pixel's token opens for billing notices", exchange)
		}
		if err := w.tokens.Open(openrtb.ForView, []byte(pixel), &token); err != nil || token.BillingEvent != bills {
			t.Errorf("%s: the pixel's token says %v bills, %v; want %v", exchange, token.BillingEvent, err, bills)
		}
		if hasBURL := bid.BURL != ""; hasBURL != (bills == event.KindBilling) {
			t.Errorf("%s: burl is %q", exchange, bid.BURL)
		}
	}
}

// No URL of a bid carries a token that opens where another's money moves.
func TestEachURLHasATokenOfItsPurpose(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	all := []openrtb.Purpose{openrtb.ForBilling, openrtb.ForView, openrtb.ForClick, openrtb.ForConversion, openrtb.ForAuction}
	for exchange, bills := range map[string]event.Kind{"alpha": event.KindBilling, "beta": event.KindImpression, "gamma": event.KindWin} {
		bid := w.bids(w.postTo(exchange, plain, nil))[0]
		urls := map[string]openrtb.Purpose{
			bid.NURL: openrtb.ForAuction, bid.LURL: openrtb.ForAuction,
			bid.AdM[strings.Index(bid.AdM, "https://bid.example.com/n/view/"):]:  openrtb.ForView,
			bid.AdM[strings.Index(bid.AdM, "https://bid.example.com/n/click/"):]: openrtb.ForClick,
		}
		if bid.BURL != "" {
			urls[bid.BURL] = openrtb.ForBilling
		}
		for url, purpose := range urls {
			text := strings.Split(url, "/")[5]
			text = text[:strings.IndexAny(text+`"`, `?"`)]
			for _, p := range all {
				var token openrtb.Token
				err := w.tokens.Open(p, []byte(text), &token)
				if opens := err == nil; opens != (p == purpose) || opens && token.BillingEvent != bills {
					t.Errorf("%s: the token of %.40s opens for %v: %t, and %v bills", exchange, url, p, opens, token.BillingEvent)
				}
			}
		}
	}
}

// Each row breaks one thing of a request that is otherwise bid on.
func TestProtocol02EveryRefusalHasItsReason(t *testing.T) {
	replace := func(old, new string) func(*world) string {
		return func(*world) string { return strings.Replace(plain, old, new, 1) }
	}
	item := func(change func(*campaign.LineItem, *campaign.Creative)) func(*world) string {
		return func(w *world) string {
			change(&w.changes.LineItems[0], &w.changes.Creatives[0])
			return plain
		}
	}
	for _, c := range []struct {
		why    openrtb.Reason
		status int
		given  func(*world) string // returns the body
	}{
		{openrtb.Malformed, 400, func(*world) string { return plain[:40] }},
		{openrtb.Malformed, 400, func(*world) string { return `[]` }},
		{openrtb.Malformed, 400, replace(`"id":"r1"`, `"id":"r1","id":"r2"`)},
		{openrtb.Malformed, 400, replace("news", "n\xffws")},
		{openrtb.Malformed, 400, replace(`"at":1`, `"ext":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000))},
		{openrtb.NoImps, 200, replace(`"imp":[`, `"imp":[],"was":[`)},
		{openrtb.Stopped, 204, func(w *world) string { w.switched.Stop(); return plain }},
		{openrtb.Draining, 204, func(w *world) string { w.switched.Drain(); return plain }},
		{openrtb.Overload, 204, func(w *world) string { w.bidder.MaxInFlight = 0; return plain }},
		{openrtb.NoTime, 200, replace(`"at":1`, `"tmax":21`)},
		{openrtb.NoCurrency, 200, replace(`"USD"`, `"EUR"`)},
		{openrtb.SeatBlocked, 200, replace(`"at":1`, `"bseat":["seat-1"]`)},
		{openrtb.SeatBlocked, 200, replace(`"at":1`, `"wseat":["other"]`)},
		{openrtb.NoFormat, 200, replace("banner", "hologram")},
		{openrtb.FloorUnreadable, 200, replace("0.1", `"cheap"`)},
		{openrtb.FloorCurrencyUnknown, 200, replace("0.1", `0.1,"bidfloorcur":"EUR"`)},
		{openrtb.BlocksUnreadable, 200, replace(`"at":1`, `"badv":[{"no":"domain"}]`)},
		{openrtb.BlocksUnreadable, 200, replace(`"at":1`, `"badv":[5]`)},
		{openrtb.BlocksUnreadable, 200, replace(`"at":1`, `"acat":{}`)},
		{openrtb.PublicURLInsecure, 200, func(w *world) string {
			w.bidder.secure = Secure("http://bid.example.com")
			return strings.Replace(plain, "0.1", `0.1,"secure":1`, 1)
		}},
		{openrtb.DealsOnly, 200, replace("0.1", `0.1,"pmp":{"private_auction":1,"deals":[{"id":"d","wseat":["other"]}]}`)},
		{openrtb.NoLineItem, 200, replace("300", "301")},
		{openrtb.OutsideFlight, 200, item(func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Flight.Start = campaign.LocalTimeOf(noon.Add(time.Second))
		})},
		{openrtb.OutsideDaypart, 200, item(func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Dayparts = []campaign.Daypart{{Days: []time.Weekday{noon.Weekday()}, From: 13, To: 24}}
		})},
		{openrtb.WrongInventory, 200, item(func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Sites.Exclude = []string{"example.org"}
		})},
		{openrtb.UserUnknown, 200, func(w *world) string {
			w.changes.LineItems[0].Targeting.Segments.Include = []event.SegmentID{5}
			w.people.err = errGone
			return plain
		}},
		{openrtb.WrongSegments, 200, item(func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Targeting.Segments.Include = []event.SegmentID{5}
		})},
		{openrtb.FrequencyCapped, 200, func(w *world) string {
			w.changes.LineItems[0].FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, Window: time.Hour}}
			w.people.seen = []campaign.Exposure{{At: noon.Add(-time.Minute), LineItem: 1, Campaign: 1}}
			return plain
		}},
		{openrtb.NoPrice, 200, func(w *world) string { w.byItem[1] = 1e-12; return plain }},
		{openrtb.BelowFloor, 200, replace("0.1", "2.000001")},
		{openrtb.NotSecure, 200, func(w *world) string {
			w.changes.Creatives[0].Secure = false
			return strings.Replace(plain, `"id":"i1"`, `"id":"i1","secure":1`, 1)
		}},
		{openrtb.BlockedAdvertiser, 200, replace(`"at":1`, `"badv":["EXAMPLE.com"]`)},
		{openrtb.BlockedAdvertiser, 200, replace(`"at":1`, `"badv":["https://www.Example.com/shoes"]`)},
		{openrtb.BlockedCategory, 200, replace(`"at":1`, `"bcat":["IAB18"]`)},
		{openrtb.BlockedCategory, 200, replace(`"at":1`, `"acat":["IAB1"]`)},
		{openrtb.BlockedAttribute, 200, replace(`"h":250`, `"h":250,"battr":[1]`)},
		{openrtb.BlockedType, 200, replace(`"h":250`, `"h":250,"btype":[2]`)},
	} {
		t.Run(c.why.String(), func(t *testing.T) {
			w := newWorld(t)
			w.item("2", nil)
			body := c.given(w)
			w.open(money.Unit)

			resp := w.post(body)

			if resp.StatusCode() != c.status {
				t.Errorf("status %d; want %d: %s", resp.StatusCode(), c.status, resp.Body())
			}
			if want := fmt.Sprintf(`{"id":"r1","nbr":%d}`, c.why.Info().NBR); c.status == 200 && string(resp.Body()) != want {
				t.Errorf("body %s; want %s", resp.Body(), want)
			}
			if n := w.count("tangent_bidder_no_bids_total", c.why); n != 1 {
				t.Errorf("counted %v times; want once", n)
			}
		})
	}
}

func TestUnknownExchange(t *testing.T) {
	w := newWorld(t).open(0)
	if s := w.postTo("delta", plain, nil).StatusCode(); s != fasthttp.StatusNotFound {
		t.Errorf("status %d; want 404", s)
	}
}

func TestNoMoneyNoBid(t *testing.T) {
	// given a purse for one bid of 2.00 CPM
	w := newWorld(t)
	w.item("2", nil)
	w.open(2_000_000)

	// when two requests come, then the second finds nothing to hold against
	if n := len(w.bids(w.post(plain))); n != 1 {
		t.Fatalf("%d bids; want 1", n)
	}
	if n := len(w.bids(w.post(plain))); n != 0 {
		t.Fatalf("%d bids from an empty purse", n)
	}
	if n := w.count("tangent_bidder_no_bids_total", openrtb.NoMoney); n != 1 {
		t.Errorf("counted %v times; want once", n)
	}
}

func TestWithoutMoneyTheNextBestBids(t *testing.T) {
	// given a line item whose own budget is empty, above one that has money
	w := newWorld(t)
	w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Budget = campaign.Budget{Lifetime: money.Unit, LifetimeNode: 9}
	})
	second := w.item("2", nil)
	w.open(money.Unit)

	bids := w.bids(w.post(plain))

	if len(bids) != 1 || bids[0].CrID != fmt.Sprint(second) {
		t.Errorf("bids %+v; want the second line item's", bids)
	}
}

func TestUsedUpBudgetsHideNoOthers(t *testing.T) {
	// given a hundred line items with empty budgets above one that has money:
	// more than are priced for an imp
	w := newWorld(t)
	for i := range 100 {
		w.item("3", func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Budget = campaign.Budget{Lifetime: money.Unit, LifetimeNode: event.NodeID(100 + i)}
		})
	}
	last := w.item("2", nil)
	w.open(money.Unit)
	for i := range 100 {
		w.holds.Grant(event.NodePeriod{Node: event.NodeID(100 + i)}, 0)
	}

	// when a request comes
	bids := w.bids(w.post(plain))

	// then that one bids, and all others are known to have wanted money
	if len(bids) != 1 || bids[0].CID != "1" || bids[0].Price != 2 {
		t.Fatalf("got %+v; want a bid of line item %d", bids, last)
	}
	wanted := 0
	for _, a := range w.holds.Accounts(nil) {
		if a.Node >= 100 && a.Refused == 3_000_000 {
			wanted++
		}
	}
	if wanted != 100 {
		t.Errorf("%d of 100 budgets were counted as wanted, each once", wanted)
	}
}

func TestTestRequestsHoldNothing(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(0) // no money at all

	bids := w.bids(w.post(strings.Replace(plain, `"at":1`, `"test":1`, 1)))

	if len(bids) != 1 {
		t.Fatalf("%d bids; want 1: a test is auctioned", len(bids))
	}
	if w.holds.Open() != 0 {
		t.Errorf("%d holds", w.holds.Open())
	}
}

func TestTwoImpsDoNotOverrunACap(t *testing.T) {
	// given a cap of one, and a page with two slots
	w := newWorld(t)
	w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapCampaign, Impressions: 1, Window: time.Hour}}
	})
	w.open(money.Unit)

	bids := w.bids(w.post(strings.Replace(plain, `"imp":[`, `"imp":[{"id":"i0","banner":{"w":300,"h":250}},`, 1)))

	if len(bids) != 1 || bids[0].ImpID != "i0" {
		t.Errorf("bids %+v; want one, on the first imp", bids)
	}
}

func TestNoPermitNoLookUpAndNoKey(t *testing.T) {
	for name, change := range map[string][2]string{
		"coppa":      {`"at":1`, `"regs":{"coppa":1}`},
		"lmt":        {`"device":{`, `"device":{"lmt":1,`},
		"dnt":        {`"device":{`, `"device":{"dnt":1,`},
		"gdpr 2.6":   {`"at":1`, `"regs":{"gdpr":1}`},
		"gdpr 2.5":   {`"at":1`, `"regs":{"ext":{"gdpr":1}}`},
		"us privacy": {`"at":1`, `"regs":{"us_privacy":"1YYN"}`},
		"unreadable": {`"at":1`, `"regs":{"gdpr":"maybe"}`},
		"no country": {`"geo":{"country":"USA"}`, `"os":"x"`},
		"a test":     {`"at":1`, `"at":1,"test":1`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.item("2", nil)
			w.open(money.Unit)

			bids := w.bids(w.post(strings.Replace(plain, change[0], change[1], 1)))

			if w.people.reads != 0 && name != "a test" { // which goes the way of others, and is seen by nobody
				t.Error("the user was looked up")
			}
			if len(bids) != 1 {
				t.Fatalf("%d bids; want 1, for it needs no user", len(bids))
			}
			var token openrtb.Token
			click := bids[0].AdM[strings.Index(bids[0].AdM, "/n/click/")+len("/n/click/"):]
			if err := w.tokens.Open(openrtb.ForClick, []byte(click[:strings.IndexByte(click, '"')]), &token); err != nil {
				t.Fatal(err)
			}
			if len(token.UserKey) != 0 {
				t.Error("the token has a user key")
			}
		})
	}
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	w.post(plain)
	if w.people.reads != 1 {
		t.Errorf("with a permit the user was read %d times; want once", w.people.reads)
	}
}

func TestTheSameRequestGetsTheSameAnswer(t *testing.T) {
	var first string
	for range 5 {
		w := newWorld(t)
		for range 8 { // equal bids: the tie decides
			w.item("2", nil)
		}
		w.open(money.Unit)
		got := w.bids(w.post(plain))[0].CrID
		if first == "" {
			first = got
		}
		if got != first {
			t.Fatalf("line item %s, then %s", first, got)
		}
	}
}
