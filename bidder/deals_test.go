package bidder

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// withDeals is a request with a private marketplace of these deals.
func withDeals(private int, deals ...string) string {
	return strings.Replace(plain, `"bidfloor":0.1`,
		fmt.Sprintf(`"bidfloor":0.1,"pmp":{"private_auction":%d,"deals":[%s]}`, private, strings.Join(deals, ",")), 1)
}

// names makes a line item bid under a deal, and never without.
func names(deals ...string) func(*campaign.LineItem, *campaign.Creative) {
	return func(li *campaign.LineItem, _ *campaign.Creative) {
		li.Targeting.Deals.Include, li.Targeting.AnyDeal = deals, false
	}
}

// noDeals makes a line item as it is where nothing is said of deals.
func noDeals(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.AnyDeal = false }

func twoDomains(_ *campaign.LineItem, c *campaign.Creative) {
	c.Domains = []string{"example.com", "shop.example.net"}
}

// Each row is a line item worth 2.00 USD CPM and what it bids under which
// deal; a price of 0 is no bid.
func TestProtocol08Deals(t *testing.T) {
	type item = func(*campaign.LineItem, *campaign.Creative)
	for name, c := range map[string]struct {
		item item
		body string
		deal string
		cpm  float64
		why  openrtb.Reason
	}{
		"who says nothing of deals takes none":          {noDeals, withDeals(0, `{"id":"d","at":3,"bidfloor":1}`), "", 2, openrtb.None},
		"nor in a private auction":                      {noDeals, withDeals(1, `{"id":"d","bidfloor":1}`), "", 0, openrtb.DealsOnly},
		"a deal goes before the open auction":           {nil, withDeals(0, `{"id":"d","bidfloor":1}`), "d", 2, openrtb.None},
		"below its floor the open auction is left":      {nil, withDeals(0, `{"id":"d","bidfloor":2.5}`), "", 2, openrtb.None},
		"a private auction takes no open bid":           {nil, withDeals(1, `{"id":"d","bidfloor":2.5}`), "", 0, openrtb.BelowFloor},
		"and deals":                                     {nil, withDeals(1, `{"id":"d","bidfloor":2}`), "d", 2, openrtb.None},
		"a private auction without deals":               {nil, withDeals(1), "", 0, openrtb.DealsOnly},
		"the seat is invited":                           {nil, withDeals(1, `{"id":"d","wseat":["x","seat-1"]}`), "d", 2, openrtb.None},
		"other seats are":                               {nil, withDeals(1, `{"id":"d","wseat":["x"]}`), "", 0, openrtb.DealsOnly},
		"the domain is allowed":                         {nil, withDeals(1, `{"id":"d","wadomain":["example.com"]}`), "d", 2, openrtb.None},
		"one of the creative's domains is not":          {twoDomains, withDeals(1, `{"id":"d","wadomain":["example.com"]}`), "", 0, openrtb.DealDomain},
		"both of them are":                              {twoDomains, withDeals(1, `{"id":"d","wadomain":["example.com","example.net"]}`), "d", 2, openrtb.None},
		"others are":                                    {nil, withDeals(1, `{"id":"d","wadomain":["ample.com","example.org"]}`), "", 0, openrtb.DealDomain},
		"a fixed price is bid exactly":                  {nil, withDeals(0, `{"id":"d","at":3,"bidfloor":1.234567}`), "d", 1.234567, openrtb.None},
		"a fixed price above the worth is not":          {nil, withDeals(1, `{"id":"d","at":3,"bidfloor":2.000001}`), "", 0, openrtb.BelowFloor},
		"a fixed price of nothing is none":              {nil, withDeals(1, `{"id":"d","at":3}`), "", 0, openrtb.NoPrice},
		"a line item bids under the deal that it names": {names("d2"), withDeals(0, `{"id":"d1"}`, `{"id":"d2"}`), "d2", 2, openrtb.None},
		"ids of deals are told apart by case":           {names("d2"), withDeals(0, `{"id":"D2"}`, `{"id":"d2"}`), "d2", 2, openrtb.None},
		"one in another case is another deal":           {names("d2"), withDeals(0, `{"id":"D2"}`), "", 0, openrtb.NoLineItem},
		"two that differ in case are two":               {nil, withDeals(1, `{"id":"d","bidfloor":3}`, `{"id":"D"}`), "D", 2, openrtb.None},
		"and under no other":                            {names("d3"), withDeals(0, `{"id":"d1"}`, `{"id":"d2"}`), "", 0, openrtb.NoLineItem},
		"nor in the open auction":                       {names("d3"), plain, "", 0, openrtb.NoLineItem},
		"nor when its deal invites others":              {names("d"), withDeals(0, `{"id":"d","wseat":["x"]}`), "", 0, openrtb.WrongDeal},
		"a guaranteed deal goes before a better one":    {nil, withDeals(0, `{"id":"d1"}`, `{"id":"d2","guar":1}`), "d2", 2, openrtb.None},
		"a deal has no imp's floor":                     {nil, strings.Replace(withDeals(0, `{"id":"d"}`), `"bidfloor":0.1`, `"bidfloor":9`, 1), "d", 2, openrtb.None},
		"the first of two of one id counts":             {nil, withDeals(1, `{"id":"d","bidfloor":3}`, `{"id":"d"}`), "", 0, openrtb.BelowFloor},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.item("2", c.item)
			w.open(money.Unit)

			r := w.post(c.body)
			bids := w.bids(r)

			if c.cpm == 0 {
				if len(bids) != 0 || w.count("tangent_bidder_no_bids_total", c.why) != 1 {
					t.Errorf("%s; want %v", r.Body(), c.why)
				}
				return
			}
			if len(bids) != 1 || bids[0].DealID != c.deal || bids[0].Price != c.cpm {
				t.Fatalf("%s; want deal %q at %v", r.Body(), c.deal, c.cpm)
			}
			if token := w.token(bids[0]); (token.Deal != 0) != (c.deal != "") || float64(token.Price) != c.cpm*1e6 {
				t.Errorf("the token says deal %d, price %d", token.Deal, token.Price)
			}
		})
	}
}

// Protocol point 6: at of the request, of the deal, absent, unreadable, the
// exchange's own.
// TestDealsThatAreNamedAreFound checks that however many deals nobody named
// stand before one that a line item names, it is bid under.
func TestDealsThatAreNamedAreFound(t *testing.T) {
	for _, others := range []int{0, 1, 63, 64, 65, 200, 1000} {
		for _, first := range []bool{false, true} {
			w := newWorld(t)
			w.item("2", names("ours"))
			w.open(money.Unit)
			var deals []string
			for i := range others {
				deals = append(deals, fmt.Sprintf(`{"id":"other %d","bidfloor":99}`, i))
			}
			if first {
				deals = append([]string{`{"id":"ours","bidfloor":1}`}, deals...)
			} else {
				deals = append(deals, `{"id":"ours","bidfloor":1}`)
			}
			if bids := w.bids(w.post(withDeals(1, deals...))); len(bids) != 1 || bids[0].DealID != "ours" {
				t.Errorf("%d other deals, ours first: %v: %+v", others, first, bids)
			}
		}
	}
}

func TestProtocol06AuctionType(t *testing.T) {
	deal := func(at string) string { return withDeals(0, `{"id":"d","bidfloor":1`+at+`}`) }
	for body, kind := range map[string]int{
		strings.Replace(plain, `"at":1`, `"at":1`, 1):   campaign.FirstPrice,
		strings.Replace(plain, `"at":1`, `"at":2`, 1):   campaign.SecondPrice,
		strings.Replace(plain, `,"at":1`, ``, 1):        campaign.SecondPrice,
		strings.Replace(plain, `"at":1`, `"at":3`, 1):   campaign.FirstPrice,  // of deals only
		strings.Replace(plain, `"at":1`, `"at":4`, 1):   campaign.FirstPrice,  // undefined
		strings.Replace(plain, `"at":1`, `"at":-1`, 1):  campaign.SecondPrice, // as if absent
		strings.Replace(plain, `"at":1`, `"at":500`, 1): campaign.FirstPrice,  // unexplained
		strings.Replace(plain, `"at":1`, `"at":"?"`, 1): campaign.FirstPrice,  // unreadable
		deal(``):          campaign.FirstPrice,  // the request's
		deal(`,"at":2`):   campaign.SecondPrice, // the deal's own
		deal(`,"at":3`):   fixedPrice,
		deal(`,"at":501`): campaign.SecondPrice,
		deal(`,"at":77`):  campaign.FirstPrice,
		strings.Replace(deal(`,"at":1`), `"at":1}]},`, `"at":1}]},`, 1): campaign.FirstPrice,
	} {
		w := newWorld(t)
		w.changes.Exchanges[0].AuctionDefault = campaign.SecondPrice
		w.changes.Exchanges[0].AuctionTypes = []campaign.AuctionType{{At: 501, As: campaign.SecondPrice}}
		w.item("2", nil)
		w.open(money.Unit)
		bids := w.bids(w.post(body))
		if len(bids) != 1 {
			t.Fatalf("%d bids on %s", len(bids), body)
		}
		if got := w.token(bids[0]).AuctionType; got != kind {
			t.Errorf("auction type %d in the token, want %d of %s", got, kind, body)
		}
	}
}

// Who names a deal has it, however much others are worth, and however many
// they are.
func TestNoOpenBidHidesADeal(t *testing.T) {
	for _, several := range []bool{false, true} {
		w := newWorld(t)
		w.changes.Exchanges[0].SeveralBidsPerImp = several
		for range 3 * fullyScored {
			w.item("3", nil)
		}
		w.item("2", names("d"))
		w.open(money.Unit)

		bids := w.bids(w.post(withDeals(0, `{"id":"d","bidfloor":1}`, `{"id":"e","bidfloor":3}`, `{"id":"f","bidfloor":4}`)))

		got := map[string]float64{}
		for _, b := range bids {
			got[b.DealID] = b.Price
		}
		want := map[string]float64{"e": 3}
		if several { // the open bid beside those of deals
			want = map[string]float64{"": 3, "d": 2, "e": 3}
		}
		if !maps.Equal(got, want) || len(bids) != len(want) {
			t.Errorf("several %t: bids by deal %v, want %v", several, got, want)
		}
		// Each of them holds its price: one at most is shown, and nobody knows which.
		held := money.Nanos(0)
		for _, cpm := range want {
			held += money.Nanos(cpm * 1e6)
		}
		if a := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}); a.Held != held {
			t.Errorf("several %t: held %d, want %d", several, a.Held, held)
		}
	}
}

// Where one bid for an imp is all that an exchange takes, it is the better by
// expected value: a deal's goes first in the exchange, but not at any price.
func TestDealOrOpenBid(t *testing.T) {
	for cpm, deal := range map[string]string{"7.9": "d", "8.1": ""} {
		w := newWorld(t)
		w.item(cpm, nil)
		w.item("2", names("d"))
		w.open(money.Unit)
		bids := w.bids(w.post(withDeals(0, `{"id":"d","bidfloor":1}`)))
		if len(bids) != 1 || bids[0].DealID != deal {
			t.Errorf("beside an open bid at %s: %+v, want deal %q", cpm, bids, deal)
		}
	}
}

// A deal that a line item names is nobody else's, be that line item without
// money, outbid or refused.
func TestADealThatIsNamedIsForThoseThatNameIt(t *testing.T) {
	for name, spoil := range map[string]func(*campaign.LineItem, *campaign.Creative){
		"below the price": func(li *campaign.LineItem, _ *campaign.Creative) { li.MaxBidCPM = money.Unit },
		"blocked":         func(_ *campaign.LineItem, c *campaign.Creative) { c.Domains = []string{"blocked.example"} },
		"another country": func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Countries = campaign.Only("DEU") },
		"without money": func(li *campaign.LineItem, _ *campaign.Creative) {
			li.Budget = campaign.Budget{Daily: money.Unit, DailyNode: 2}
		},
		"of another seat":  func(li *campaign.LineItem, _ *campaign.Creative) { li.CampaignID, li.AdvertiserID = 2, 2 },
		"paused, for once": func(li *campaign.LineItem, _ *campaign.Creative) { li.Status = campaign.Paused },
	} {
		w := newWorld(t)
		w.changes.Exchanges[0].AdvertiserSeats = []campaign.AdvertiserSeat{{AdvertiserID: 2, Seat: "seat-2"}}
		w.changes.Advertisers = append(w.changes.Advertisers, campaign.Advertiser{ID: 2, Name: "Other", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"})
		w.changes.Campaigns = append(w.changes.Campaigns, campaign.Campaign{ID: 2, AdvertiserID: 2, Name: "Other", Status: campaign.Active,
			Budget: campaign.Budget{Daily: money.Unit, DailyNode: 3}})
		w.item("50", func(li *campaign.LineItem, c *campaign.Creative) {
			names("d")(li, c)
			spoil(li, c)
		})
		w.item("45", nil) // would take any deal
		w.open(money.Unit)
		body := strings.Replace(withDeals(1, `{"id":"d","at":3,"bidfloor":40,"wseat":["seat-1"]}`), `"at":1}`, `"at":1,"badv":["blocked.example"]}`, 1)
		if bids := w.bids(w.post(body)); len(bids) != 0 {
			t.Errorf("%s: another bought the deal: %+v", name, bids)
		}
	}
}

// A deal's wseat is held against the seat that the line item bids in.
func TestSeatsOfDealsAreThoseOfTheAdvertiser(t *testing.T) {
	for _, c := range []struct {
		wseat string
		want  int
	}{{`["seat-1"]`, 0}, {`["seat-2"]`, 1}, {`["seat-1","seat-2"]`, 1}, {`["x"]`, 0}, {`[]`, 1}} {
		w := newWorld(t)
		w.changes.Exchanges[0].AdvertiserSeats = []campaign.AdvertiserSeat{{AdvertiserID: 1, Seat: "seat-2"}}
		w.item("2", names("d"))
		w.open(money.Unit)
		bids := w.bids(w.post(withDeals(1, `{"id":"d","bidfloor":1,"wseat":`+c.wseat+`}`)))
		if len(bids) != c.want {
			t.Errorf("wseat %s: %d bids, want %d", c.wseat, len(bids), c.want)
		}
	}
}
