package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Toy check 9, protocol point 7: floors in another currency, a deal's floor
// without one, a fixed price, a private auction. The line item is worth 2.00
// EUR, which is 2.50 USD; a GBP is 1.5625 USD.
func TestToyCheck09FloorsOfDeals(t *testing.T) {
	imp := func(floor, currency string, private int, deal string) string {
		return strings.Replace(plain, `"bidfloor":0.1`,
			fmt.Sprintf(`"bidfloor":%s,"bidfloorcur":%q,"pmp":{"private_auction":%d,"deals":[%s]}`, floor, currency, private, deal), 1)
	}
	for name, c := range map[string]struct {
		body string
		deal string
		usd  float64 // 0 is no bid
		why  openrtb.Reason
	}{
		"in another currency, reached":        {imp("2", "EUR", 0, ``), "", 2.5, openrtb.None},
		"not reached":                         {imp("2.000001", "EUR", 0, ``), "", 0, openrtb.BelowFloor},
		"in one without a rate":               {imp("0.01", "CHF", 0, ``), "", 0, openrtb.FloorCurrencyUnknown},
		"which says nothing about a deal":     {imp("0.01", "CHF", 0, `{"id":"d","bidfloor":2.5}`), "d", 2.5, openrtb.None},
		"a deal's is in USD":                  {imp("1", "GBP", 1, `{"id":"d","bidfloor":2.5}`), "d", 2.5, openrtb.None},
		"and not in the imp's currency":       {imp("1", "JPY", 1, `{"id":"d","bidfloor":2.500001}`), "", 0, openrtb.BelowFloor},
		"a deal's own currency, reached":      {imp("9", "USD", 1, `{"id":"d","bidfloor":1.6,"bidfloorcur":"GBP"}`), "d", 2.5, openrtb.None},
		"not reached by a deal":               {imp("0", "USD", 1, `{"id":"d","bidfloor":1.600001,"bidfloorcur":"GBP"}`), "", 0, openrtb.BelowFloor},
		"a deal's in one without a rate":      {imp("0", "USD", 1, `{"id":"d","bidfloor":0.01,"bidfloorcur":"CHF"}`), "", 0, openrtb.FloorCurrencyUnknown},
		"a fixed price, converted":            {imp("0", "USD", 1, `{"id":"d","at":3,"bidfloor":1,"bidfloorcur":"GBP"}`), "d", 1.5625, openrtb.None},
		"a fixed price in USD without saying": {imp("0", "GBP", 0, `{"id":"d","at":3,"bidfloor":2.5}`), "d", 2.5, openrtb.None},
		"a fixed price above what it's worth": {imp("0", "USD", 0, `{"id":"d","at":3,"bidfloor":2.6}`), "", 2.5, openrtb.None},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).inEuro()
			w.item("2", nil)
			w.open(money.Unit)
			r := w.post(c.body)
			bids := w.bids(r)
			if c.usd == 0 {
				if len(bids) != 0 || w.count("tangent_bidder_no_bids_total", c.why) != 1 {
					t.Errorf("%s; want %v", r.Body(), c.why)
				}
				return
			}
			if len(bids) != 1 || bids[0].Price != c.usd || bids[0].DealID != c.deal {
				t.Errorf("%s; want %v under %q", r.Body(), c.usd, c.deal)
			}
		})
	}
}

// A fixed price holds what it costs, not what the impression is worth.
func TestFixedPriceHoldsItself(t *testing.T) {
	w := newWorld(t).inEuro()
	w.changes.FeeRules = []campaign.FeeRule{{ID: 1, AdvertiserID: 1, Start: noon.Add(-1), MarkupPPM: 100_000}}
	w.item("2", nil)
	w.open(money.Unit)
	bids := w.bids(w.post(withDeals(1, `{"id":"d","at":3,"bidfloor":1}`)))
	if len(bids) != 1 || bids[0].Price != 1 {
		t.Fatalf("bids %+v", bids)
	}
	if token := w.token(bids[0]); token.Price != 1_000_000 || token.CostHeld != 880_000 || token.AuctionType != fixedPrice {
		t.Errorf("price %d, held %d EUR nanos, auction type %d; want 1000000, 880000, 3", token.Price, token.CostHeld, token.AuctionType)
	}
}
