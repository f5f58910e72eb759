package ledger

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// abroad is an advertiser that pays in EUR, with a campaign, and two tables:
// 1 EUR is 1.25 USD at noon, and 2 USD an hour later.
func (w *world) abroad() (campaign.Campaign, [2]uint32) {
	w.t.Helper()
	ctx := context.Background()
	a, err := w.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "UTC", Currency: "EUR"})
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := w.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: "Boots", Budget: campaign.Budget{Lifetime: 100_000}})
	if err != nil {
		w.t.Fatal(err)
	}
	var ids [2]uint32
	for i, units := range []money.Quote{1_250_000_000_000, 2 * money.QuoteOne} {
		t, err := w.store.AddRateTable(ctx, campaign.RateTable{Source: "Example Bank", Base: "EUR", Start: noon.Add(time.Duration(i) * time.Hour),
			Quotes: []campaign.Quote{{Currency: "USD", Units: units}}})
		if err != nil {
			w.t.Fatal(err)
		}
		ids[i] = t.ID
	}
	return c, ids
}

func (w *world) dollars(x, seq uint64, c campaign.Campaign, table uint32, price, bid, held money.Nanos) event.Event {
	e := w.billing(x, seq, price, bid, event.NodePeriod{Node: c.Budget.LifetimeNode})
	e.Advertiser, e.Campaign, e.Currency, e.RateID, e.CostHeld = c.AdvertiserID, c.ID, "USD", table, held
	return e
}

// Given bids in USD of an advertiser that pays in EUR, when they are billed, at
// whatever time, then its budget bears EUR by the rate that each bid was made
// by, the ledger has both amounts, and what a day's report corrects goes by the
// rate of the day.
func testBillsAreConverted(t *testing.T, w *world) {
	ctx := context.Background()
	c, tables := w.abroad()
	node := event.NodePeriod{Node: c.Budget.LifetimeNode}
	x := w.open("a")
	w.grant(x, node, 1000)
	w.clock.Advance(90 * time.Minute) // the second table is in effect, the bids were of before
	w.book(
		w.dollars(x, 1, c, tables[0], 125, 125, 100), // 100 EUR
		w.dollars(x, 2, c, tables[0], 124, 125, 100), // 99.2, rounded up
		w.dollars(x, 3, c, tables[1], 126, 125, 63),  // 62.5, rounded up; 1 is disputed, 0.5 EUR
	)
	w.expect(node, 100+100+63, 1000-263, 0)
	if r := w.report(node); r.Media != 263 || r.Disputed != 1 {
		t.Errorf("media cost %d, disputed %d", r.Media, r.Disputed)
	}
	totals, err := w.Totals(ctx)
	if err != nil || len(totals) != 2 || totals[0] != (Totals{Currency: "EUR", AdvertiserCost: 263}) ||
		totals[1] != (Totals{Currency: "USD", Bookings: 3, Amount: 374, Disputed: 1}) {
		t.Errorf("totals are %+v, %v", totals, err)
	}
	feed, err := w.Settled(ctx, x, 0)
	if err != nil || len(feed) != 3 || feed[0].Amount != 100 || feed[1].Amount != 100 || feed[2].Amount != 63 {
		t.Errorf("the bidder is told %+v, %v", feed, err)
	}
	var a, b string
	var amount, media, table int64
	const first = `SELECT currency, amount, advertiser_currency, media, rate_table FROM bookings ORDER BY cursor LIMIT 1`
	if err := w.db.QueryRowContext(ctx, first).Scan(&a, &amount, &b, &media, &table); err != nil {
		t.Fatal(err)
	}
	if a != "USD" || b != "EUR" || amount != 125 || media != 100 || uint32(table) != tables[0] {
		t.Errorf("booked is %s %d %s %d by %d", a, amount, b, media, table)
	}

	correct := func(k CorrectionKind, reference, currency string, day event.Period, at time.Time, amount money.Nanos) error {
		_, err := w.Correct(ctx, Correction{Kind: k, Reason: "test", Reference: reference, Exchange: 1, Account: Account{Campaign: c.ID},
			Day: day, At: at, Currency: currency, Amount: amount, By: "test"})
		return err
	}
	for _, x := range []struct {
		reference string
		amount    money.Nanos
		booked    money.Nanos
	}{{"1", 13, 263 + 7}, {"2", -5, 263 + 7 - 2}} { // halves: against us both times
		if err := correct(Reconciled, x.reference, "USD", today, noon.Add(90*time.Minute), x.amount); err != nil {
			t.Fatal(err)
		}
		if r := w.report(node); r.Booked != x.booked || r.Media != x.booked {
			t.Errorf("after correction %s: %+v, want %d", x.reference, r, x.booked)
		}
	}
	if err := correct(Credit, "3", "USD", today, noon, -5); err == nil || !strings.Contains(err.Error(), "in EUR") {
		t.Errorf("a credit in another currency: %v", err)
	}
	if err := correct(Reconciled, "4", "USD", today, noon.Add(-time.Second), 5); err == nil || !strings.Contains(err.Error(), "no exchange rate") {
		t.Errorf("a correction from before there were rates: %v", err)
	}
	all, err := w.Corrections(ctx, 0, 10)
	if err != nil || len(all) != 2 {
		t.Fatalf("corrections are %+v, %v", all, err)
	}
	if _, err := w.Reverse(ctx, all[0].ID, "test", "test"); err != nil {
		t.Fatal(err)
	}
	if r := w.report(node); r.Booked != 261 || r.Media != 261 {
		t.Errorf("after a reversal: %+v", r)
	}
}

// A table that is gone, as after a restore: what the bid held is booked.
func testBillsWithoutTheirRates(t *testing.T, w *world) {
	c, tables := w.abroad()
	node := event.NodePeriod{Node: c.Budget.LifetimeNode}
	x := w.open("a")
	w.grant(x, node, 1000)
	r := w.book(w.dollars(x, 1, c, tables[1]+7, 100, 125, 111))
	if r.Unrated != 1 {
		t.Errorf("the result is %+v", r)
	}
	w.expect(node, 111, 889, 0)
}

// In any order and batching the same bills book the same, never more than was
// held, and each by its own rate.
func testConvertedOrderDoesNotMatter(t *testing.T, w *world) {
	c, tables := w.abroad()
	rng := rand.New(rand.NewPCG(1, 2))
	rates := [2]money.Rate{money.NewRate(1_250_000_000_000, money.QuoteOne), money.NewRate(2*money.QuoteOne, money.QuoteOne)}
	var bills [][3]money.Nanos // price, bid, held
	var by []int
	var want money.Nanos
	for range 40 {
		i, bid := rng.IntN(2), money.Nanos(1+rng.IntN(400))
		price := money.Nanos(rng.IntN(500))
		held, _ := rates[i].Up(bid)
		cost, _ := rates[i].Up(min(price, bid))
		if cost > held {
			t.Fatalf("a price of %d of a bid of %d costs %d, held are %d", price, bid, cost, held)
		}
		want += cost
		bills, by = append(bills, [3]money.Nanos{price, bid, held}), append(by, i)
	}
	node := event.NodePeriod{Node: c.Budget.LifetimeNode}
	booked := money.Nanos(0)
	for round := range 3 {
		x := w.open("a")
		var events []event.Event
		for seq, b := range bills {
			e := w.dollars(x, uint64(seq), c, tables[by[seq]], b[0], b[1], b[2])
			events = append(events, e, e)
		}
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for some := range slices.Chunk(events, 1+round*13) {
			w.book(some...)
		}
		booked += want
		if r := w.report(node); r.Booked != booked || r.Media != booked {
			t.Fatalf("round %d: booked are %d, %d; want %d", round, r.Booked, r.Media, booked)
		}
	}
}
