package app_test

import (
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// A bid whose horizon passes without a word may still be billed: the API says
// how much that is, until the bill is booked.
func TestDeliverySaysWhatMayArriveLate(t *testing.T) {
	w := newWorld(t, func(c *app.Config) { c.MarketSpeed = 3600 }) // a horizon per second
	const price = 2_000_000
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	bid := w.buy("alpha", request("u", ""))
	late := func() money.Nanos { return w.accounts(o.campaign.ID).LateRisk }
	w.await("a risk after the horizon", func() bool { return late() >= price })
	if got := late(); got > price+price/4 {
		t.Errorf("%s may arrive late, want at most a quarter more than %s", got, money.Nanos(price))
	}
	w.tell(expand(bid.BURL, "2"), 200)
	w.await("no risk after the bill", func() bool { return late() == 0 })
}
