package bidder

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// inEuro makes the advertiser pay in EUR, and states rates of the hour before:
// 1 EUR is 1.25 USD or 0.8 GBP.
func (w *world) inEuro() *world {
	w.changes.Advertisers[0].Currency = "EUR"
	w.changes.RateTables = []campaign.RateTable{{ID: 77, Source: "Example Bank", Base: "EUR", Start: noon.Add(-time.Hour),
		Quotes: []campaign.Quote{{Currency: "GBP", Units: 800_000_000_000}, {Currency: "USD", Units: 1_250_000_000_000}}}}
	return w
}

func (w *world) token(bid openrtb2.Bid) (token openrtb.Token) {
	w.t.Helper()
	text := strings.TrimPrefix(bid.BURL[:strings.IndexByte(bid.BURL, '?')], "https://bid.example.com/n/bill/")
	if err := w.tokens.Open(openrtb.ForBilling, []byte(text), &token); err != nil {
		w.t.Fatal(err)
	}
	return token
}

// Given an advertiser that pays in EUR, when an auction is in USD, then the bid
// is in USD, the hold in EUR, and the token says by which rates.
func TestBidsAreInTheAuctionsCurrency(t *testing.T) {
	w := newWorld(t).inEuro()
	w.item("2", nil)
	w.changes.FeeRules = []campaign.FeeRule{{ID: 1, AdvertiserID: 1, Start: noon.Add(-time.Hour), MarkupPPM: 100_000, TechCPM: money.Unit / 10}}
	w.open(money.Unit)

	r := w.post(plain)
	var resp openrtb2.BidResponse
	if err := json.Unmarshal(r.Body(), &resp); err != nil {
		t.Fatal(err)
	}
	bids := w.bids(r)
	if len(bids) != 1 || bids[0].Price != 2.5 || resp.Cur != "USD" {
		t.Fatalf("bids %+v in %s, want one at 2.50 USD", bids, resp.Cur)
	}
	token := w.token(bids[0])
	const held = 2_300_000 // 2.00 EUR x 1.10 + 0.10: fees are on the advertiser's side, after the conversion
	if token.Price != 2_500_000 || string(token.Currency[:]) != "USD" || token.RateID != 77 || token.CostHeld != held {
		t.Errorf("the token is %+v", token)
	}
	if got := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}).Held; got != held {
		t.Errorf("held are %d, want %d", got, held)
	}
}

// Protocol point 7: a bid is in a currency that the request lists (USD if it
// lists none), the exchange's own before others; and its floor is in any.
func TestCurrenciesOfRequestAndFloor(t *testing.T) {
	w := newWorld(t).inEuro()
	w.changes.Exchanges[0].OtherCurrencies = []string{"GBP", "EUR", "CHF"}
	w.item("2", nil)
	w.open(money.Unit)
	for name, c := range map[string]struct {
		cur, floor string
		currency   string
		price      float64
		why        openrtb.Reason
	}{
		"own first":             {`"cur":["EUR","USD"]`, `0.1`, "USD", 2.5, 0},
		"none listed":           {`"x":1`, `0.1`, "USD", 2.5, 0},
		"another":               {`"cur":["EUR"]`, `0.1`, "EUR", 2, 0},
		"the better of others":  {`"cur":["JPY","EUR","GBP"]`, `0.1,"bidfloorcur":"GBP"`, "GBP", 1.6, 0},
		"none of ours":          {`"cur":["JPY"]`, `0.1`, "", 0, openrtb.NoCurrency},
		"no rate":               {`"cur":["CHF"]`, `0`, "", 0, openrtb.NoRate},
		"floor reached":         {`"cur":["USD"]`, `1.6,"bidfloorcur":"GBP"`, "USD", 2.5, 0},
		"floor missed":          {`"cur":["USD"]`, `1.6001,"bidfloorcur":"GBP"`, "", 0, openrtb.BelowFloor},
		"floor is in USD":       {`"cur":["EUR"]`, `2.5`, "EUR", 2, 0},
		"floor in USD missed":   {`"cur":["EUR"]`, `2.500001`, "", 0, openrtb.BelowFloor},
		"no rate for the floor": {`"cur":["USD"]`, `0.1,"bidfloorcur":"JPY"`, "", 0, openrtb.FloorCurrencyUnknown},
		"no floor":              {`"cur":["USD"]`, `0,"bidfloorcur":"JPY"`, "USD", 2.5, 0},
	} {
		r := w.post(strings.Replace(strings.Replace(plain, `"cur":["USD"]`, c.cur, 1), `"bidfloor":0.1`, `"bidfloor":`+c.floor, 1))
		var resp struct {
			Cur string
			NBR int
		}
		if err := json.Unmarshal(r.Body(), &resp); err != nil {
			t.Fatal(err)
		}
		bids := w.bids(r)
		switch {
		case c.why != openrtb.None:
			if len(bids) != 0 || w.count("tangent_bidder_requests_total", c.why) == 0 && w.count("tangent_bidder_no_bids_total", c.why) == 0 {
				t.Errorf("%s: %s, want %v", name, r.Body(), c.why)
			}
		case len(bids) != 1 || bids[0].Price != c.price || resp.Cur != c.currency:
			t.Errorf("%s: %s, want %v %s", name, r.Body(), c.price, c.currency)
		}
	}
}

// Given advertisers that pay in different currencies, the bid is the highest in
// one, not the highest number.
func TestHighestBidAcrossCurrencies(t *testing.T) {
	w := newWorld(t).inEuro()
	w.changes.Advertisers = append(w.changes.Advertisers, campaign.Advertiser{ID: 2, Status: campaign.Active, TimeZone: "UTC", Currency: "GBP"})
	w.changes.Campaigns = append(w.changes.Campaigns, campaign.Campaign{ID: 2, AdvertiserID: 2, Status: campaign.Active,
		Budget: campaign.Budget{Daily: 100 * money.Unit, DailyNode: 2}})
	w.item("2.40", nil) // 3.00 USD
	pounds := w.item("2.00", func(li *campaign.LineItem, _ *campaign.Creative) { li.CampaignID, li.AdvertiserID = 2, 2 })
	w.open(money.Unit) // 3.125 USD
	w.holds.Grant(event.NodePeriod{Node: 2, Period: 20261201}, money.Unit)
	bids := w.bids(w.post(plain))
	if len(bids) != 1 || bids[0].Price != 3.125 || w.token(bids[0]).LineItem != pounds {
		t.Errorf("bids %+v, want one at 3.125 by line item %d", bids, pounds)
	}
}

// A rate that is too old is none.
func TestOldRatesDoNotBid(t *testing.T) {
	w := newWorld(t).inEuro()
	w.changes.RateTables[0].Start = noon.Add(-campaign.DefaultRateAge - time.Millisecond)
	w.item("2", nil)
	w.open(money.Unit)
	if bids := w.bids(w.post(plain)); len(bids) != 0 {
		t.Errorf("bids %+v", bids)
	}
	if w.count("tangent_bidder_no_bids_total", openrtb.NoRate) == 0 {
		t.Error("nobody is told why")
	}
}

// Whatever the rates: media cost is at most what the impression is worth, what
// is held covers every bill up to the bid, and a floor that was converted is
// reached exactly when the price reaches it.
func TestNoRateMakesABidCostMoreThanItsWorth(t *testing.T) {
	w := newWorld(t)
	w.changes.FeeRules = []campaign.FeeRule{{ID: 1, AdvertiserID: 1, Start: noon.Add(-time.Hour), MarkupPPM: 123_456, TechCPM: 7}}
	id := w.item("2", nil)
	w.open(0)
	li, _ := w.catalog.Load().LineItem(id)
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Int64Range(1, int64(money.MaxQuote))
		rate := money.NewRate(money.Quote(q.Draw(t, "from")), money.Quote(q.Draw(t, "to")))
		in := &catalog.Currency{Conversion: campaign.Conversion{Table: 1, Rate: rate}}
		worth := money.Nanos(rapid.Int64Range(0, int64(money.Cap)).Draw(t, "worth"))
		price := inAuction(in, worth)
		held := costOf(li, in, price, 0, noon)
		if price == 0 || held == 0 {
			return
		}
		if most := li.Cost(worth, event.OneImpression, noon); held > most {
			t.Fatalf("worth %d, held %d: more than %d", worth, held, most)
		}
		billed := money.Nanos(rapid.Int64Range(0, int64(price)).Draw(t, "billed"))
		media, err := rate.Inverse().Up(billed)
		if cost := li.Cost(media, event.OneImpression, noon); err != nil || cost > held {
			t.Fatalf("bid %d holds %d; billed %d costs %d, %v", price, held, billed, cost, err)
		}
	})
}
