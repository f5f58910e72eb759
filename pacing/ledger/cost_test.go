package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given rules about fees, when bids from before and after one begins are
// billed, in whichever order, then budgets bear what the rule says that was in
// effect when the bid left, slices pay for it, and the media cost is known
// beside it.
func testAdvertisersPayFees(t *testing.T, w *world) {
	ctx := context.Background()
	a, err := w.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "UTC", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: "Boots", Budget: campaign.Budget{Lifetime: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	node := event.NodePeriod{Node: c.Budget.LifetimeNode}
	for hour, markup := range map[int]int64{1: 500_000, 2: 1_000_000} {
		if _, err := w.store.AddFeeRule(ctx, campaign.FeeRule{AdvertiserID: a.ID, MarkupPPM: markup, TechCPM: 5000,
			EffectiveFrom: campaign.LocalTimeOf(noon.Add(time.Duration(hour) * time.Hour))}); err != nil {
			t.Fatal(err)
		}
	}
	x := w.open("a")
	w.grant(x, node, 40)
	bill := func(seq uint64, after time.Duration, price, bid money.Nanos) event.Event {
		e := w.billing(x, seq, price, bid, node)
		e.Advertiser, e.Campaign, e.IssuedAt = a.ID, c.ID, noon.Add(after)
		return e
	}
	stands := func(booked, media, outstanding money.Nanos) {
		t.Helper()
		w.expect(node, booked, outstanding, 0)
		if got := w.report(node).Media; got != media {
			t.Errorf("media cost %d, want %d", got, media)
		}
	}
	w.clock.Advance(3 * time.Hour)
	second, first := bill(2, time.Hour, 10, 10), bill(1, time.Hour-1, 10, 10)
	w.book(second, first, second)
	stands(20+10, 20, 40-30) // 10 x 1.5 + 5 and 10
	w.book(second, bill(3, 2*time.Hour, 12, 10))
	stands(30+25, 30, 0) // 10 x 2 + 5: ten from the slice, the rest free
	if got := w.report(node).Disputed; got != 2 {
		t.Errorf("disputed %d, want 2: no fee is on it", got)
	}
	w.book(bill(4, 2*time.Hour, 0, 10))
	stands(60, 30, 0) // an impression is an impression

	feed, err := w.Settled(ctx, x, 0)
	if err != nil || len(feed) != 4 || feed[0].Amount != 20 || feed[1].Amount != 10 || feed[2].Amount != 25 || feed[2].FromSlice[0] != 10 {
		t.Errorf("the bidder is told %+v, %v", feed, err)
	}
	totals, err := w.Totals(ctx)
	if err != nil || len(totals) != 1 || totals[0].Amount != 30 || totals[0].AdvertiserCost != 60 {
		t.Errorf("totals are %+v, %v", totals, err)
	}

	// What a report adds goes with the fees of its day, as a booking would; a
	// credit is of what was paid.
	correct := func(k CorrectionKind, reference string, amount money.Nanos, impressions int64) {
		t.Helper()
		if _, err := w.Correct(ctx, Correction{Kind: k, Reason: "test", Reference: reference, Exchange: 1, Account: Account{Campaign: c.ID},
			Day: today, At: noon.Add(90 * time.Minute), Currency: "EUR", Amount: amount, Impressions: event.Impressions(impressions) * event.OneImpression, By: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	correct(Reconciled, "1", 10, 0)
	stands(75, 40, 0)
	correct(Reconciled, "2", -4, 0)
	stands(69, 36, 0)
	correct(Credit, "3", -9, 0)
	stands(60, 36, 0)
	correct(Reconciled, "4", 10, 3)
	stands(90, 46, 0) // 10 x 1.5 + 3 x 5
	correct(Reconciled, "5", -4, -1)
	stands(79, 42, 0)
	// Taken back, they take their fees with them.
	for _, back := range []struct {
		id            int64
		booked, media money.Nanos
	}{{4, 49, 32}, {5, 60, 36}} {
		if c, err := w.Reverse(ctx, back.id, "mistaken", "test"); err != nil || c.Impressions == 0 || (c.Impressions < 0) != (c.Amount < 0) {
			t.Fatalf("taken back: %+v, %v", c, err)
		}
		stands(back.booked, back.media, 0)
	}
}
