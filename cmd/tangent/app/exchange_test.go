package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// order is what the tests set up: one advertiser, exchanges that bill by each
// event, one campaign.
type order struct {
	advertiser v1.Advertiser
	campaign   v1.Campaign
}

// horizon is the exchanges'; a bill that comes later is late.
const horizon = time.Hour

// setUp makes the order through the API: exchange alpha bills by burl, beta by
// our pixel, gamma by nurl.
func (w *world) setUp(budget v1.Budget) *order {
	w.t.Helper()
	for name, bills := range map[string]campaign.BillingEvent{
		"alpha": campaign.BillOnBilling, "beta": campaign.BillOnImpression, "gamma": campaign.BillOnWin,
	} {
		_, err := w.api.Exchanges.Create(w.t.Context(), v1.ExchangeSpec{
			Name: name, Seat: "seat-1", Currency: "USD", BillingEvent: bills, NoBid: campaign.NoBidNBR,
			DefaultTMaxMS: 1000, NetworkMarginMS: 20, WinDeadlineSeconds: 300, HorizonSeconds: int64(horizon / time.Second),
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	a, err := w.api.Advertisers.Create(w.t.Context(), v1.AdvertiserSpec{Name: "Example Shoes", TimeZone: "UTC", Currency: "USD"})
	if err != nil {
		w.t.Fatal(err)
	}
	o := &order{advertiser: a}
	if o.campaign, err = w.api.Campaigns.Create(w.t.Context(), v1.CampaignSpec{AdvertiserID: a.ID, Name: "Boots", Budget: budget}); err != nil {
		w.t.Fatal(err)
	}
	return o
}

// item adds a line item that bids cpm, with a creative.
func (w *world) item(o *order, cpm money.Nanos, change func(*v1.LineItemSpec)) v1.LineItem {
	w.t.Helper()
	spec := v1.LineItemSpec{CampaignID: o.campaign.ID, Name: "everybody", Goal: v1.Goal{Kind: campaign.CPM, Amount: cpm}, MaxBidCPM: cpm}
	if change != nil {
		change(&spec)
	}
	li, err := w.api.LineItems.Create(w.t.Context(), spec)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.api.Creatives.Create(w.t.Context(), v1.CreativeSpec{
		LineItemID: li.ID, Name: "boots", Size: v1.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">boots</a>`,
		LandingURL: "https://example.com/boots", Domains: []string{"example.com"}, Categories: []string{"IAB18"}, Secure: true,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return li
}

// sold is a bid of ours as an exchange has it.
type sold struct {
	openrtb2.Bid
	pixel, click string
}

// request is one imp of 300x250 for a user in the United States. Its floor is
// what line items of these tests bid, unless they say otherwise: below it would
// be a bid that was lowered to what there was room for, which depends on when
// the last slice came.
func request(user, extra string) string {
	return fmt.Sprintf(`{"id":"r-%s","at":1,"cur":["USD"],"tmax":1000,"imp":[{"id":"1","banner":{"w":300,"h":250},"bidfloor":2}],
		"site":{"domain":"news.example.org","page":"https://news.example.org/"},
		"device":{"ip":"192.0.2.1","ua":"Mozilla/5.0","devicetype":2,"geo":{"country":"USA"}},
		"user":{"id":"x","buyeruid":%q}%s}`, user, user, extra)
}

// floored is a request with a floor of its own, in CPM.
func floored(request, cpm string) string {
	return strings.Replace(request, `"bidfloor":2`, `"bidfloor":`+cpm, 1)
}

var (
	pixelIn = regexp.MustCompile(`src="(http://[^"]*/n/view/[^"]*)"`)
	clickIn = regexp.MustCompile(`href="(http://[^"]*/n/click/[^"]*)"`)
)

// ask posts a bid request. It returns our bid, or nil and the no-bid reason
// code.
func (w *world) ask(exchange, body string) (*sold, int) {
	w.t.Helper()
	r, err := w.http.Post(w.app.URL()+"/openrtb2/"+exchange, "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK {
		return nil, -r.StatusCode
	}
	var resp openrtb2.BidResponse
	if err := json.Unmarshal(text, &resp); err != nil {
		w.t.Fatalf("%v in %s", err, text)
	}
	if resp.NBR != nil {
		return nil, int(*resp.NBR)
	}
	if len(resp.SeatBid) != 1 || len(resp.SeatBid[0].Bid) != 1 || resp.SeatBid[0].Seat != "seat-1" || resp.Cur != "USD" {
		w.t.Fatalf("want one bid of our seat in USD: %s", text)
	}
	s := &sold{Bid: resp.SeatBid[0].Bid[0]}
	for _, find := range []struct {
		in *regexp.Regexp
		to *string
	}{{pixelIn, &s.pixel}, {clickIn, &s.click}} {
		if m := find.in.FindStringSubmatch(s.AdM); m != nil {
			*find.to = html.UnescapeString(m[1])
		} else {
			w.t.Fatalf("no %v in markup %s", find.in, s.AdM)
		}
	}
	return s, 0
}

// refused returns what asks and says whether there is no bid for the reason:
// there may also be none for want of money until the next tick, or of time.
func (w *world) refused(reason openrtb.Reason) func() bool {
	w.t.Helper()
	count := func() float64 { return w.metric("tangent_bidder_no_bids_total", "reason", reason.String()) }
	before := count()
	return func() bool {
		s, _ := w.ask("alpha", request("u", ""))
		return s == nil && count() > before
	}
}

// buy asks until we bid: a change takes a moment to reach the bidder.
func (w *world) buy(exchange, body string) *sold {
	w.t.Helper()
	var s *sold
	w.await("a bid on "+exchange, func() bool { s, _ = w.ask(exchange, body); return s != nil })
	return s
}

// price is what the exchange puts in the place of ${AUCTION_PRICE}.
func expand(url, price string) string {
	return strings.NewReplacer("${AUCTION_PRICE}", price, "${AUCTION_CURRENCY}", "USD",
		"${AUCTION_MIN_TO_WIN}", "0.9", "${AUCTION_LOSS}", "102").Replace(url)
}

// mayBeBusy is how many notices a test may see answered 503, each after 2 s: a
// busy machine's disk may be slow so long, but a bidder that often refuses what
// it could take is wrong.
const mayBeBusy = 8

// tell sends a notice and wants the status. It sends it again after a 503, as
// exchanges do.
func (w *world) tell(url string, want int) {
	w.t.Helper()
	status, body := w.get(url)
	for status == http.StatusServiceUnavailable && w.busy < mayBeBusy {
		w.busy++
		w.t.Logf("%s was answered %d %q, number %d", url, status, body, w.busy)
		time.Sleep(time.Second)
		status, body = w.get(url)
	}
	if status != want {
		w.t.Errorf("%s was answered %d %q, want %d", url, status, body, want)
	}
}

// accounts waits until all that was told is booked and returns the campaign's
// lifetime.
func (w *world) accounts(id event.CampaignID) v1.DeliveryPeriod {
	w.t.Helper()
	w.await("everything booked", func() bool {
		n, err := w.app.Unbooked(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return n == 0
	})
	d, err := w.api.CampaignDelivery(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range d.Periods {
		if p.Window == "lifetime" {
			return p
		}
	}
	w.t.Fatalf("no lifetime in %+v", d)
	return v1.DeliveryPeriod{}
}
