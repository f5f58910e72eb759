package app_test

import (
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// What an advertiser paid in is spent and no more; a payment over the API is
// bid with within seconds.
func TestAPrepaidAdvertiserBidsWhatItPaid(t *testing.T) {
	w := newWorld(t, nil)
	const price = 2_000_000 // nanos: an impression at 2 CPM
	o := w.setUp(v1.Budget{Lifetime: 1000 * money.Unit})
	w.item(o, 2*money.Unit, nil)
	id := o.campaign.AdvertiserID
	w.buy("alpha", request("u", ""))
	w.arrives(func() error {
		_, err := w.api.Advertisers.Update(t.Context(), id, map[string]any{"funding": map[string]any{"kind": campaign.Prepaid}})
		return err
	})
	balance := func() v1.Balance {
		t.Helper()
		b, err := w.api.Balance(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	refused := func() bool {
		for range 10 {
			if s, _ := w.ask("alpha", request("u", "")); s != nil {
				return false
			}
		}
		return true
	}
	w.await("no bid without a payment", refused)
	pay := func(reference string, impressions money.Nanos) {
		t.Helper()
		if _, err := w.api.Pay(t.Context(), id, v1.PaymentSpec{Amount: impressions * price, Reason: "test", Reference: reference}); err != nil {
			t.Fatal(err)
		}
	}
	before := balance().Booked // of bids between the funding and its arrival at the bidder there are none
	for i, reference := range []string{"TR-1", "TR-2"} {
		pay(reference, 2)
		begin := time.Now()
		for range 2 {
			w.tell(expand(w.buy("alpha", request("u", "")).BURL, "2"), 200)
			t.Logf("bid %v after payment %d", time.Since(begin).Round(time.Millisecond), i+1)
		}
		if !refused() {
			t.Fatal("a bid beyond what was paid")
		}
	}
	w.accounts(o.campaign.ID) // waits until all is booked
	if b := balance(); b.Kind != campaign.Prepaid || b.Paid != 4*price || b.Booked != before+4*price || b.Available != 0 || b.Overrun != 0 {
		t.Errorf("the balance is %+v", b)
	}
}
