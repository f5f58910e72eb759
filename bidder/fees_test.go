package bidder

import (
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// A bid at 2.00 CPM holds what the advertiser will pay for it; the exchange
// sees the price alone.
func TestHoldsAreOfWhatTheAdvertiserPays(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.changes.FeeRules = []campaign.FeeRule{
		{ID: 1, AdvertiserID: 1, Start: noon.Add(-time.Hour), MarkupPPM: 150_000, TechCPM: money.Unit / 10},
		{ID: 2, AdvertiserID: 1, Start: noon.Add(time.Second), MarkupPPM: 900_000}, // not yet
	}
	const cost = 2_400_000 // 2.00 x 1.15 + 0.10, per impression
	w.open(2*cost - 1)

	bids := w.bids(w.post(plain))
	if len(bids) != 1 || bids[0].Price != 2 {
		t.Fatalf("bids %+v, want one at 2.00", bids)
	}
	var token openrtb.Token
	text := strings.TrimPrefix(bids[0].BURL[:strings.IndexByte(bids[0].BURL, '?')], "https://bid.example.com/n/bill/")
	if err := w.tokens.Open(openrtb.ForBilling, []byte(text), &token); err != nil {
		t.Fatal(err)
	}
	if token.Price != 2_000_000 || token.CostHeld != cost {
		t.Errorf("the token has the price %d and the cost %d", token.Price, token.CostHeld)
	}
	if got := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}).Held; got != cost {
		t.Errorf("held are %d, want %d", got, cost)
	}
	// One nano is missing for another: the media cost would fit, the fees do not.
	// So it is lowered, as little as can be.
	bids = w.bids(w.post(plain))
	if len(bids) != 1 || bids[0].Price > 1.999_999 || bids[0].Price < 1.999_99 {
		t.Fatalf("bids %+v, want one of a little less than 2.00", bids)
	}
	if got := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}).Available; got < 0 || got > 9 {
		t.Errorf("%d are left of the budget", got)
	}
}
