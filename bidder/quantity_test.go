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

// A showing out of home counts for many impressions: the bid is the price of
// one, and what is held, and the most that can be billed, is that of all,
// rounded up.
func TestShowingsOfManyImpressions(t *testing.T) {
	for qty, want := range map[string]money.Nanos{
		"":                              2_000_000,
		`"qty":{"multiplier":1},`:       2_000_000,
		`"qty":{"multiplier":14.2},`:    28_400_000,
		`"qty":{"multiplier":0.3},`:     600_000,
		`"qty":{"multiplier":"2.5"},`:   5_000_000,
		`"qty":{"multiplier":100.001},`: 200_002_000,
	} {
		w := newWorld(t)
		w.item("2", nil)
		w.open(money.Unit)
		bids := w.bids(w.post(strings.Replace(plain, `"banner"`, qty+`"banner"`, 1)))
		if len(bids) != 1 || bids[0].Price != 2 {
			t.Fatalf("%s: %+v", qty, bids)
		}
		token := w.token(bids[0])
		held := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}).Held
		if token.Price != want || held != want || token.CostHeld != want {
			t.Errorf("%s: the bid is for %v, holds %v; want %v", qty, token.Price, held, want)
		}
		for _, url := range []string{bids[0].BURL, bids[0].NURL, bids[0].LURL} {
			if asks := strings.HasSuffix(url, openrtb.QuantityQuery); url != "" && asks != (want != 2_000_000) {
				t.Errorf("%s: the notice is %s", qty, url)
			}
		}
	}
}

// Fees per impression are for all that a showing counts for.
func TestFeesOfShowingsOfManyImpressions(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.changes.FeeRules = []campaign.FeeRule{{ID: 1, AdvertiserID: 1, Start: noon.Add(-time.Hour), MarkupPPM: 100_000, TechCPM: money.Unit / 10}}
	w.open(money.Unit)
	bids := w.bids(w.post(strings.Replace(plain, `"banner"`, `"qty":{"multiplier":14.2},"banner"`, 1)))
	if held := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}).Held; len(bids) != 1 || held != 32_660_000 { // 14.2 x (2.2 + 0.1)
		t.Errorf("%d bids hold %d", len(bids), held)
	}
}

// A budget that pays for a twelfth of a showing of many does not pay for it,
// and nobody bids on what may cost anything.
func TestShowingsThatCannotBePaid(t *testing.T) {
	for qty, why := range map[string]openrtb.Reason{
		`{"multiplier":3}`:   openrtb.NoMoney,
		`{"multiplier":0}`:   openrtb.QuantityUnreadable,
		`{"multiplier":-2}`:  openrtb.QuantityUnreadable,
		`{"multiplier":1e9}`: openrtb.QuantityUnreadable,
		`"many"`:             openrtb.QuantityUnreadable,
	} {
		w := newWorld(t)
		w.item("2", nil)
		w.open(2_000_000 / 4)
		if bids := w.bids(w.post(strings.Replace(plain, `"banner"`, `"qty":`+qty+`,"banner"`, 1))); len(bids) > 0 {
			t.Errorf("%s: %+v", qty, bids)
		}
		if n := w.count("tangent_bidder_refusals_total", why); n == 0 {
			t.Errorf("%s: not refused for %v", qty, why)
		}
	}
}
