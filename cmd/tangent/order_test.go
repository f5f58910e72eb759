package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// apiOf returns a client of the server's API with a key that the key command
// made.
func apiOf(t *testing.T, s *server, data string) *client.Client {
	t.Helper()
	status, key, errs := tangent(t, "", "key", "create", "--data-dir", data, "test")
	if status != 0 {
		t.Fatalf("key create: %s", errs)
	}
	c, err := client.New(client.Config{URL: s.api, Key: strings.TrimSpace(key)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// setUp makes the two exchanges that loadtest plays and a campaign for each
// budget, with creatives for every size.
func setUp(t *testing.T, api *client.Client, budgets ...v1.Budget) []v1.Campaign {
	t.Helper()
	ctx := t.Context()
	for name, bills := range map[string]campaign.BillingEvent{"alpha": campaign.BillOnBilling, "beta": campaign.BillOnImpression} {
		_, err := api.Exchanges.Create(ctx, v1.ExchangeSpec{
			Name: name, Seat: "seat-1", Currency: "USD", BillingEvent: bills, NoBid: campaign.NoBidNBR,
			DefaultTMaxMS: 1000, NetworkMarginMS: 10, WinDeadlineSeconds: 300, HorizonSeconds: 24 * 3600, // a minute where the market is fastest
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := api.Advertisers.Create(ctx, v1.AdvertiserSpec{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	campaigns := make([]v1.Campaign, len(budgets))
	for i, b := range budgets {
		campaigns[i], err = api.Campaigns.Create(ctx, v1.CampaignSpec{AdvertiserID: a.ID, Name: fmt.Sprint("campaign ", i), Budget: b})
		if err != nil {
			t.Fatal(err)
		}
		li, err := api.LineItems.Create(ctx, v1.LineItemSpec{
			CampaignID: campaigns[i].ID, Name: "all", MaxBidCPM: 10 * money.Unit,
			Goal: v1.Goal{Kind: campaign.CPM, Amount: money.Nanos(5+i) * money.Unit},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range []v1.Size{{W: 300, H: 250}, {W: 320, H: 50}, {W: 728, H: 90}, {W: 160, H: 600}} {
			_, err := api.Creatives.Create(ctx, v1.CreativeSpec{
				LineItemID: li.ID, Name: "boots", Size: z, Markup: `<a href="${CLICK_URL}">boots</a>`, LandingURL: "https://example.com/boots",
				Domains: []string{"example.com"}, Categories: []string{"IAB18"}, Attributes: []int{}, Secure: true,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return campaigns
}

// booked returns what is booked per campaign and in all; overrun must be none
// and budgets must hold.
func booked(t *testing.T, api *client.Client, campaigns []v1.Campaign) (all money.Nanos, each map[string]money.Nanos) {
	t.Helper()
	each = map[string]money.Nanos{}
	for _, c := range campaigns {
		d, err := api.CampaignDelivery(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Periods {
			each[fmt.Sprint(c.ID)] += p.Booked
			all += p.Booked
			if p.Overrun != 0 || p.Booked > p.Budget {
				t.Errorf("campaign %d: %+v is above its budget", c.ID, p)
			}
		}
	}
	return all, each
}

// oneImp has the price that the tests tell of as its floor: a bid that was
// lowered to what there is room for is not billed above itself.
const oneImp = `{"id":"r1","at":1,"cur":["USD"],"tmax":1000,"imp":[{"id":"1","bidfloor":1.5,"banner":{"w":300,"h":250}}],
	"site":{"domain":"news.example.org"},"device":{"ip":"192.0.2.1","ua":"Mozilla/5.0","geo":{"country":"USA"}},"user":{"id":"secret-user"}}`

var pixelIn = regexp.MustCompile(`src="(http://[^"]*/n/view/[^"]*)"`)

// buy asks exchange alpha's bidder until it bids, and returns the bid with its
// pixel.
func buy(t *testing.T, s *server) (bid openrtb2.Bid, pixel string) {
	t.Helper()
	await(t, "a bid", func() (ok bool) { bid, ok = ask(t, s); return ok })
	m := pixelIn.FindStringSubmatch(bid.AdM)
	if m == nil {
		t.Fatalf("no pixel in %s", bid.AdM)
	}
	return bid, html.UnescapeString(m[1])
}

// ask sends exchange alpha's request once, and says whether there was a bid.
func ask(t *testing.T, s *server) (openrtb2.Bid, bool) {
	t.Helper()
	r, err := http.Post(s.exchanges+"/openrtb2/alpha", "application/json", strings.NewReader(oneImp))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	var resp openrtb2.BidResponse
	if r.StatusCode != http.StatusOK || json.Unmarshal(body.Bytes(), &resp) != nil || len(resp.SeatBid) == 0 {
		return openrtb2.Bid{}, false
	}
	return resp.SeatBid[0].Bid[0], true
}

// mayBeBusy is how many notices a server may answer 503 in a test, each after
// 2 s: a busy machine's disk may be slow so long, but a server that often refuses
// what it could take is wrong.
const mayBeBusy = 8

// notify sends a notice and wants 200. It sends it again after a 503, as
// exchanges do.
func notify(t *testing.T, s *server, url string) {
	t.Helper()
	status, body := fetch(t, url)
	for status == http.StatusServiceUnavailable && s.busy.Load() < mayBeBusy {
		t.Logf("%s was answered %d %q, number %d", url, status, body, s.busy.Add(1))
		time.Sleep(time.Second)
		status, body = fetch(t, url)
	}
	if status != http.StatusOK {
		t.Errorf("%s was answered %d %q, want 200", url, status, body)
	}
}

func expand(url, price string) string {
	return strings.NewReplacer("${AUCTION_PRICE}", price, "${AUCTION_CURRENCY}", "USD", "${AUCTION_MIN_TO_WIN}", "").Replace(url)
}
